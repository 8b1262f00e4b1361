// The page itself: the line to the server, the text box, big type, the place, what is replied to.
"use strict";
(function (J) {
  const MOST_TEXT = 8000;
  const SILENCE = 45000;
  const text = J.by("text");
  const banner = J.by("banner");
  const DRAFT = "draft:" + J.base;
  let source = null;
  let heard = 0;
  let fails = 0;
  let again = 0;
  let bannerTimer = 0;
  let greeted = false;
  let looked = false;
  let replyTo = null;

  /* the line to the server */

  function sayLost(at) {
    clearTimeout(bannerTimer);
    bannerTimer = setTimeout(() => {
      banner.textContent = J.word("lost");
      banner.hidden = false;
    }, at);
  }

  function fine() {
    clearTimeout(bannerTimer);
    banner.hidden = true;
    fails = 0;
  }

  function lost() {
    if (source) source.close();
    source = null;
    sayLost(navigator.onLine === false ? 0 : 1200);
    clearTimeout(again);
    again = setTimeout(connect, Math.min(15000, 1000 * Math.pow(2, fails)));
    fails += 1;
  }

  function getHistory(before) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", J.base + "/history" + (before ? "?before=" + encodeURIComponent(before) : ""));
      request.timeout = 20000;
      request.onload = () => (request.status === 200 ? resolve(JSON.parse(request.responseText)) : reject(request.status));
      request.onerror = request.ontimeout = () => reject(0);
      request.send();
    });
  }

  function loadHistory() {
    return getHistory().then((history) => {
      if (!looked) J.by("older").hidden = !history.more;
      looked = true;
      const empty = !history.messages.length;
      J.show.take(history.messages, false);
      if (empty && !greeted && !J.unsent()) {
        greeted = true;
        J.submit({ id: "hello", text: "", start: "", silent: true });
      }
    });
  }

  J.by("older").addEventListener("click", () => {
    const button = J.by("older");
    if (button.disabled) return;
    button.disabled = true;
    getHistory(J.show.oldest()).then((history) => {
      button.hidden = !J.show.older(history.messages) || !history.more;
    }, () => J.note(J.word("noOlder"))).then(() => { button.disabled = false; });
  });

  // Listens first and reads the history then, so that nothing falls in between.
  function connect() {
    clearTimeout(again);
    if (source) source.close();
    heard = Date.now();
    if (!window.EventSource) {
      catchUp();
      again = setTimeout(connect, 5000);
      return;
    }
    source = new EventSource(J.base + "/stream");
    const mine = source;
    source.onopen = () => { if (mine === source) catchUp(); };
    source.onerror = () => { if (mine === source) lost(); };
    source.addEventListener("beat", () => { heard = Date.now(); });
    source.addEventListener("own", (event) => {
      heard = Date.now();
      if (!J.show.get("me:" + JSON.parse(event.data).client)) catchUp();
    });
    ["message", "edit"].forEach((name) => source.addEventListener(name, (event) => {
      heard = Date.now();
      const message = JSON.parse(event.data);
      if (name === "edit") {
        const old = J.show.get(message.id);
        if (!old) return;
        message.at = old.at; // it stays where it stands
        if (!message.files.length) message.files = old.files;
      }
      if (J.show.take([message], false) && window.parent !== window) {
        window.parent.postMessage("jiamenkou:new", location.origin);
      }
    }));
  }

  function catchUp() {
    loadHistory().then(() => {
      fine();
      J.flush();
    }, (status) => {
      if (status !== 404) {
        lost();
        return;
      }
      if (source) source.close();
      source = null;
      banner.textContent = J.word("gone");
      banner.hidden = false;
    });
  }

  J.lost = () => { if (source) lost(); };
  window.addEventListener("online", () => { fails = 0; connect(); });
  window.addEventListener("offline", lost);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - heard > SILENCE) connect();
  });
  setInterval(() => { if (source && Date.now() - heard > SILENCE) connect(); }, 5000);

  /* the text box */

  function grow() {
    text.style.height = "auto";
    text.style.height = Math.min(text.scrollHeight + 4, window.innerHeight * 0.28) + "px";
  }

  function write(value) {
    text.value = value;
    if (value) J.remember.set(DRAFT, value);
    else J.remember.drop(DRAFT);
    grow();
  }

  J.giveBack = (value) => {
    write(value);
    text.focus();
  };

  J.by("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.length > MOST_TEXT) {
      J.note(J.word("tooLong"));
      return;
    }
    const files = J.photos.take();
    const said = text.value.trim();
    if (!said && !files.length) {
      text.focus();
      return;
    }
    const parts = { text: said, files, reply_to: replyTo };
    write("");
    dropQuote();
    J.submit(parts);
    if (said) text.focus(); // after photos alone it would only raise the keyboard
  });
  text.addEventListener("input", () => write(text.value));
  text.addEventListener("keydown", (event) => {
    // Enter also picks a word in a Chinese input method: 229 is the method at work.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    J.by("send").click();
  });
  Array.prototype.forEach.call(document.querySelectorAll("[data-say]"), (button) => {
    button.addEventListener("click", () => J.submit({ text: button.getAttribute("data-say") }));
  });

  /* what is replied to */

  function dropQuote() {
    replyTo = null;
    J.by("quote").hidden = true;
  }

  J.replyTo = (ref, gist) => {
    replyTo = ref;
    J.by("quote-text").textContent = J.word("replying") + gist;
    J.by("quote").hidden = false;
    J.show.settle();
    text.focus();
  };
  J.by("quote-off").addEventListener("click", dropQuote);

  /* voice and place */

  J.by("voice").hidden = !J.voice.available;
  J.by("voice").addEventListener("click", J.voice.start);
  if (!J.voice.available) J.note(J.word("noVoice"));

  const placeable = Boolean(navigator.geolocation && window.isSecureContext !== false);
  J.by("place").hidden = !placeable;
  J.by("place").addEventListener("click", () => { J.by("whereabouts").hidden = false; });
  J.by("where-no").addEventListener("click", () => { J.by("whereabouts").hidden = true; });
  J.by("where-yes").addEventListener("click", () => {
    J.by("whereabouts").hidden = true;
    J.sendPlace();
  });
  J.sendPlace = () => {
    J.note(J.word("locating"));
    navigator.geolocation.getCurrentPosition((found) => {
      J.note("");
      J.submit({ latitude: found.coords.latitude, longitude: found.coords.longitude });
    }, () => J.note(J.word("noPlace")), { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  };

  /* big type */

  const root = document.documentElement;
  function large(on) {
    root.classList.toggle("large", on);
    J.by("large").setAttribute("aria-pressed", String(on));
    J.show.settle();
  }
  const wish = J.remember.get("large");
  large(wish === null ? root.classList.contains("large") : wish === "1");
  J.by("large").addEventListener("click", () => {
    const on = !root.classList.contains("large");
    J.remember.set("large", on ? "1" : "0");
    large(on);
    grow();
  });

  // A phone's keyboard covers the page on iOS: let the page end where the keyboard begins.
  if (window.visualViewport) {
    window.visualViewport.addEventListener("resize", () => {
      if (Math.abs(window.visualViewport.scale - 1) < 0.01) {
        document.body.style.height = window.visualViewport.height + "px";
        J.show.settle();
      }
    });
  }

  write(J.remember.get(DRAFT) || "");
  // At a desk one types at once, and Shift+Tab leads to the newest buttons, not past all the old
  // ones; on a phone it would raise the keyboard, in a frame it would take the word from another.
  const desk = window.matchMedia && window.matchMedia("(hover: hover) and (pointer: fine)").matches;
  if (desk && window.parent === window) text.focus({ preventScroll: true });
  J.restore().then(() => {
    if (J.unsent()) J.showUnsent();
    connect();
  });
})(window.JMK);
