// Voice: tap to start, tap to stop, listen, then send.
"use strict";
(function (J) {
  const LONGEST = 180;
  const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
  const box = J.by("recorder");
  const play = J.by("rec-play");
  let recorder = null;
  let chunks = [];
  let started = 0;
  let ticking = 0;
  let kept = null;
  let shot = "";

  const available = Boolean(window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);

  function clock(ms) {
    const s = Math.floor(ms / 1000);
    return Math.floor(s / 60) + ":" + (s % 60 < 10 ? "0" : "") + (s % 60);
  }

  function show(recording) {
    box.hidden = false;
    J.by("rec-now").hidden = !recording;
    J.by("rec-stop").hidden = !recording;
    J.by("rec-send").hidden = recording;
    play.hidden = recording;
  }

  function tidy() {
    clearInterval(ticking);
    if (recorder) recorder.stream.getTracks().forEach((track) => track.stop());
    recorder = null;
  }

  function close() {
    tidy();
    play.pause();
    play.removeAttribute("src");
    if (shot) URL.revokeObjectURL(shot);
    shot = "";
    kept = null;
    J.by("rec-time").textContent = clock(0);
    box.hidden = true;
    J.by("voice").focus();
  }

  function tick() {
    const past = Date.now() - started;
    J.by("rec-time").textContent = clock(past);
    if (past >= LONGEST * 1000) {
      J.note(J.word("longest"));
      recorder.stop();
    }
  }

  function stopped() {
    const type = (recorder && recorder.mimeType) || "audio/webm";
    const took = Date.now() - started;
    tidy();
    const blob = new Blob(chunks, { type: type.split(";")[0] });
    if (took < 700 || !blob.size) {
      close();
      J.note(J.word("tooShort"));
      return;
    }
    const ending = type.indexOf("mp4") >= 0 ? "m4a" : type.indexOf("ogg") >= 0 ? "ogg" : "webm";
    kept = { blob, name: "voice." + ending };
    shot = URL.createObjectURL(blob);
    play.src = shot;
    show(false);
    J.by("rec-send").focus();
  }

  function start() {
    if (recorder || !box.hidden) return;
    navigator.mediaDevices.getUserMedia({ audio: true }).then((stream) => {
      const type = TYPES.filter((t) => !MediaRecorder.isTypeSupported || MediaRecorder.isTypeSupported(t))[0];
      recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
      chunks = [];
      recorder.ondataavailable = (event) => { if (event.data.size) chunks.push(event.data); };
      recorder.onstop = stopped;
      recorder.start();
      started = Date.now();
      tick();
      ticking = setInterval(tick, 250);
      show(true);
      J.by("rec-stop").focus();
    }).catch(() => J.note(J.word("micBlocked")));
  }

  J.by("rec-stop").addEventListener("click", () => { if (recorder) recorder.stop(); });
  J.by("rec-cancel").addEventListener("click", () => {
    if (recorder) recorder.onstop = recorder.ondataavailable = null;
    close();
  });
  J.by("rec-send").addEventListener("click", () => {
    const voice = kept;
    close();
    if (voice) J.submit({ files: [voice], voice: true });
  });

  J.voice = { available, start };
})(window.JMK);
