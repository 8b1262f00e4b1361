// What the person says: kept, shown at once, sent in order, and repeated with the same id.
"use strict";
(function (J) {
  const TRIES = 8;
  const queue = [];
  let busy = false;
  let timer = 0;
  let count = 0;

  function kindOf(entry, file) {
    if (entry.voice) return "voice";
    const family = file.blob.type.split("/")[0];
    return family === "image" ? "photo" : family === "video" || family === "audio" ? family : "document";
  }

  function shown(entry) {
    entry.urls = entry.urls || (entry.files || []).map((file) => URL.createObjectURL(file.blob));
    return {
      client: entry.id, from: "me", text: entry.label || entry.text || "", pressed: entry.pressed || null,
      files: (entry.files || []).map((file, i) => ({ kind: kindOf(entry, file), url: entry.urls[i], name: file.name })),
      location: typeof entry.latitude === "number" ? { latitude: entry.latitude, longitude: entry.longitude } : null,
      reply_to: entry.reply_to || null, choices: [], exits: [], labels: {},
      at: entry.at || null, state: entry.state, why: entry.why, part: entry.part,
    };
  }

  function mark(entry, state, why) {
    entry.state = state;
    entry.why = why || null;
    entry.part = 0;
    if (!entry.silent) J.show.take([shown(entry)], false);
  }

  function body(entry) {
    const fields = { id: entry.id, text: entry.text || "" };
    ["pressed", "reply_to", "latitude", "longitude", "start"].forEach((name) => {
      if (entry[name] !== undefined && entry[name] !== null) fields[name] = entry[name];
    });
    if (!(entry.files || []).length) return JSON.stringify(fields);
    const form = new FormData();
    Object.keys(fields).forEach((name) => form.append(name, fields[name]));
    entry.files.forEach((file) => form.append(entry.voice ? "voice" : "files", file.blob, file.name));
    return form;
  }

  // XMLHttpRequest: it tells how far an upload is, and every WebView has it.
  function post(entry) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const content = body(entry);
      request.open("POST", J.base + "/messages");
      request.timeout = typeof content === "string" ? 30000 : 300000;
      if (typeof content === "string") request.setRequestHeader("Content-Type", "application/json");
      else {
        request.upload.onprogress = (event) => {
          const part = event.lengthComputable ? Math.floor((event.loaded / event.total) * 99) : 0;
          if (part >= (entry.part || 0) + 10) {
            entry.part = part;
            J.show.take([shown(entry)], false);
          }
        };
      }
      request.onload = () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch (error) { /* a proxy's error page */ }
        resolve({ status: request.status, answer });
      };
      request.onerror = request.ontimeout = request.onabort = () => resolve({ status: 0, answer: {} });
      request.send(content);
    });
  }

  function leave(entry) {
    queue.splice(queue.indexOf(entry), 1);
    return J.keep.drop(entry.id);
  }

  function pump() {
    const entry = queue.filter((one) => one.state !== "refused")[0];
    if (busy || !entry) return;
    busy = true;
    clearTimeout(timer);
    mark(entry, "sending");
    post(entry).then((result) => {
      busy = false;
      if (result.status === 200 && result.answer.ok) {
        entry.at = result.answer.at;
        leave(entry);
        mark(entry, "sent");
        pump();
      } else if (result.status >= 400 && result.status < 500 && result.status !== 429 && result.status !== 408) {
        const why = result.answer.error === "too_long" ? "refusedLong" : result.status === 413 ? "refusedFiles" : "refused";
        mark(entry, "refused", J.word(result.status === 404 ? "gone" : why));
        entry.back = result.answer.error === "too_long";
        pump();
      } else {
        entry.tries = (entry.tries || 0) + 1;
        // What the server keeps failing on must not stop what comes after it.
        const stuck = result.status >= 500 && entry.tries >= TRIES;
        mark(entry, stuck ? "refused" : "waiting", stuck ? J.word("unsent") : null);
        if (result.status === 0) J.lost();
        timer = setTimeout(pump, stuck ? 0 : Math.min(30000, 1000 * Math.pow(2, entry.tries - 1)));
      }
    });
  }

  // Says something; `parts` are the fields of a post. Shown at once, kept until it has arrived.
  J.submit = function (parts) {
    count += 1;
    const entry = Object.assign({ id: J.newId(), order: Date.now() + count / 1000, state: "sending" }, parts);
    queue.push(entry);
    if (!entry.silent) {
      J.keep.put(entry);
      J.show.take([shown(entry)], true);
    }
    pump();
  };

  J.again = function (client) {
    const entry = queue.filter((one) => one.id === client)[0];
    if (!entry) return;
    if (entry.back) {
      J.giveBack(entry.text);
      J.show.drop(client);
      leave(entry);
      return;
    }
    entry.tries = 0;
    entry.state = "waiting";
    clearTimeout(timer);
    pump();
  };

  // The connection is back: what waited goes out now.
  J.flush = function () {
    clearTimeout(timer);
    pump();
  };

  J.restore = function () {
    return J.keep.all().then((kept) => {
      kept.forEach((entry) => {
        if (queue.some((one) => one.id === entry.id)) return;
        entry.state = "sending";
        queue.push(entry);
      });
    }).catch(() => {});
  };

  J.showUnsent = () => J.show.take(queue.filter((one) => !one.silent).map(shown), false);
  J.unsent = () => queue.length;
})(window.JMK);
