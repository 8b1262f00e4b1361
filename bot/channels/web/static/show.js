// The log: one bubble a message, in order, each drawn again only when it changed.
"use strict";
(function (J) {
  const log = J.by("log");
  const items = new Map();
  const days = new Map();
  const pressed = {};
  let held = false;
  const ANSWERED = 10000;
  const TEL = /1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|12\d{3}|1(?:10|19|20|22)/g;

  // 110 is a number to call; 110号楼, 110 户, 90 / 120 and 3.110 are not.
  function withPhones(text) {
    const parts = [];
    let from = 0;
    let hit;
    TEL.lastIndex = 0;
    while ((hit = TEL.exec(text))) {
      const before = text.charAt(hit.index - 1);
      const after = text.charAt(hit.index + hit[0].length);
      const counted = text.slice(hit.index + hit[0].length).trimStart().charAt(0);
      const short = hit[0].length < 6;
      if (/[\d.]/.test(before) || /\d/.test(after)) continue;
      if (short && (/[-.~%:：/]/.test(counted) || /[-#/]\s*$/.test(text.slice(0, hit.index)) || (counted && J.units.indexOf(counted) >= 0))) continue;
      parts.push(text.slice(from, hit.index), J.el("a", { href: "tel:" + hit[0].replace("-", "") }, hit[0]));
      from = hit.index + hit[0].length;
    }
    parts.push(text.slice(from));
    return parts.filter((part) => part !== "");
  }

  function fileNode(file) {
    const name = file.name || J.word(file.kind);
    if (file.kind === "photo") {
      const picture = J.el("img", { src: file.url, alt: J.word("photo"), onload: settle });
      return J.el("a", { href: file.url, target: "_blank", rel: "noopener", class: "shot" }, picture);
    }
    if (file.kind === "voice" || file.kind === "audio") {
      return J.el("audio", { src: file.url, controls: true, preload: "metadata", "aria-label": J.word(file.kind) });
    }
    if (file.kind === "video") return J.el("video", { src: file.url, controls: true, preload: "metadata" });
    return J.el("a", { href: file.url, download: name, class: "paper" }, J.icon("paper"), name);
  }

  function placeNode(point) {
    const at = point.latitude.toFixed(5) + "," + point.longitude.toFixed(5);
    return J.el("p", { class: "pin" }, J.icon("place"), J.word("pin") + " ", J.el("a", { href: "geo:" + at }, J.word("openMap")));
  }

  function button(choice, kind) {
    return J.el("button", {
      type: "button", class: kind, "data-press": choice.press,
      onclick: () => {
        if (held) return;
        hold();
        J.submit({ pressed: choice.press, label: choice.caption });
      },
    }, choice.caption);
  }

  // A finger that trembles presses twice: for a moment nothing can be pressed.
  function hold() {
    held = true;
    log.classList.add("held");
    setTimeout(() => {
      held = false;
      log.classList.remove("held");
    }, 600);
  }

  function contactCard(data) {
    const field = J.el("input", { type: "tel", inputmode: "tel", autocomplete: "tel", maxlength: "20" });
    const label = data.labels.contact || J.word("contactLabel");
    return J.el("form", {
      class: "card",
      onsubmit: (event) => {
        event.preventDefault();
        const number = field.value.replace(/[^\d+]/g, "");
        if (number.length < 5) J.note(J.word("contactBad"));
        else J.submit({ text: number });
      },
    }, J.el("label", {}, label, field), J.el("button", { type: "submit", class: "strong" }, J.word("contactSend")));
  }

  function quoteNode(ref) {
    let found = null;
    items.forEach((item) => {
      if (String(item.data.ref) === ref || item.data.client === ref) found = item;
    });
    return found && J.el("blockquote", {}, gist(found.data));
  }

  function gist(data) {
    const text = data.text || (data.files.length ? J.word(data.files[0].kind) : J.word("pin"));
    return text.split("\n")[0].slice(0, 40);
  }

  function footNode(data) {
    const foot = J.el("div", { class: "foot" });
    if (data.at) foot.appendChild(J.el("time", { datetime: data.at }, J.local(Date.parse(data.at)).time));
    if (data.from === "me") {
      if (data.state === "waiting" || data.state === "refused") {
        foot.appendChild(J.el("button", { type: "button", class: "again", onclick: () => J.again(data.client) }, data.why || J.word("unsent")));
      } else {
        const word = data.state === "sent" ? J.word("sent") : data.part ? J.word("sendingPart", { n: data.part }) : J.word("sending");
        foot.appendChild(J.el("span", { class: "state" }, word));
      }
    } else if (data.ticket) {
      foot.appendChild(J.el("button", { type: "button", class: "reply", onclick: () => J.replyTo(String(data.ref), gist(data)) }, J.word("reply")));
    }
    return foot;
  }

  function draw(data) {
    const mine = data.from === "me";
    const bubble = J.el("div", { class: "bubble" });
    const quote = data.reply_to && quoteNode(String(data.reply_to));
    if (quote) bubble.appendChild(quote);
    if (data.files.length) bubble.appendChild(J.el("div", { class: "files" + (data.files.length > 1 ? " many" : "") }, ...data.files.map(fileNode)));
    if (data.text) bubble.appendChild(J.el("p", { class: "words" }, ...(mine ? [data.text] : withPhones(data.text))));
    if (data.location) bubble.appendChild(placeNode(data.location));
    const who = J.el("span", { class: "unseen" }, J.word(mine ? "me" : "bot") + "：");
    const node = J.el("article", { class: mine ? "said mine" : "said", "data-id": data.id || data.client }, who, bubble);
    data.choices.forEach((choice) => bubble.appendChild(button(choice, "choice")));
    if (!mine && data.asks_contact) bubble.appendChild(contactCard(data));
    if (!mine && data.asks_location && navigator.geolocation) {
      bubble.appendChild(J.el("div", { class: "card" }, J.el("button", { type: "button", class: "strong", onclick: () => J.sendPlace() }, data.labels.location || J.word("placeSend"))));
    }
    if (data.exits.length) bubble.appendChild(J.el("div", { class: "exits" }, ...data.exits.map((c) => button(c, "exit"))));
    node.appendChild(footNode(data));
    return node;
  }

  const keyOf = (data) => (data.from === "me" && data.client ? "me:" + data.client : data.id);

  // Puts a message in, or in place of what stood under the same id. True when it is a new one.
  function put(data) {
    const key = keyOf(data);
    const old = items.get(key);
    const sign = JSON.stringify(data);
    if (old && old.sign === sign) return false;
    if (data.pressed) pressed[data.pressed] = true;
    const item = { data, sign, node: draw(data), sort: 0 };
    item.sort = data.at ? Date.parse(data.at) : old ? old.sort : latest() + 0.001;
    if (old) log.replaceChild(item.node, old.node);
    if (old && mark === old.node) mark = item.node;
    items.set(key, item);
    return !old;
  }

  function latest() {
    let most = 0;
    items.forEach((item) => { most = Math.max(most, item.sort); });
    return most;
  }

  function dayNode(ms) {
    const at = J.local(ms);
    const today = J.local(Date.now()).day;
    const word = at.day === today ? J.word("today") : at.day === today - 1 ? J.word("yesterday") : J.word("day", { m: at.month, d: at.date });
    if (!days.has(at.day)) days.set(at.day, J.el("p", { class: "day" }, ""));
    const node = days.get(at.day);
    if (node.textContent !== word) node.textContent = word;
    return node;
  }

  // Brings the page into the order of the messages, moving only what stands wrong.
  function order() {
    const sorted = Array.from(items.values());
    sorted.forEach((item, index) => { item.index = index; });
    sorted.sort((a, b) => a.sort - b.sort || a.index - b.index);
    const wanted = [];
    let day = null;
    sorted.forEach((item) => {
      if (item.data.at) {
        const node = dayNode(item.sort);
        if (node !== day) wanted.push(node);
        day = node;
      }
      wanted.push(item.node);
    });
    let cursor = J.by("older").nextSibling;
    wanted.forEach((node) => {
      if (cursor === node) cursor = cursor.nextSibling;
      else log.insertBefore(node, cursor);
    });
    const last = sorted.filter((item) => item.data.from === "bot").pop();
    sorted.forEach((item) => {
      const card = item.node.querySelector(".card");
      if (card) card.hidden = item !== last;
    });
    Array.prototype.forEach.call(log.querySelectorAll("[data-press]"), (node) => {
      if (pressed[node.getAttribute("data-press")]) node.setAttribute("aria-pressed", "true");
    });
  }

  let low = true;
  let mark = null; // what is read from its beginning, because not all that stands below it fits
  const near = () => log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  const begin = () => mark.offsetTop - 8;
  function down() {
    mark = null;
    low = true;
    log.scrollTop = log.scrollHeight;
    J.by("newer").hidden = true;
  }
  function stay() {
    log.scrollTop = begin();
    if (J.by("newer").hidden) hint("below");
    if (near()) J.by("newer").hidden = true;
  }
  function hint(word) {
    J.by("newer").textContent = J.word(word);
    J.by("newer").hidden = false;
  }
  // The newest at the end, but a number to call is never pushed out of sight by the question that
  // came with it, and a card taller than the window is read from its beginning.
  function toRead() {
    down();
    const last = log.lastElementChild;
    const first = numberToCall() || (last && last.offsetHeight > log.clientHeight ? last : null);
    if (!first || log.scrollHeight - first.offsetTop <= log.clientHeight) return;
    mark = first;
    stay();
  }
  // The first message with a number among what answered the last thing that the person said.
  function numberToCall() {
    const sorted = Array.from(items.values()).sort((a, b) => a.sort - b.sort || a.index - b.index);
    let own = sorted.length - 1;
    while (own >= 0 && sorted[own].data.from !== "me") own -= 1;
    const answers = own < 0 ? [] : sorted.slice(own + 1).filter((item) => item.sort - sorted[own].sort < ANSWERED);
    const found = answers.length === sorted.length - own - 1 && answers.filter((item) => item.node.querySelector("a[href^='tel:']"))[0];
    return found ? found.node : null;
  }
  function settle() {
    if (mark) stay();
    else if (low) down();
  }
  // Only a finger that goes up leaves the end: a picture that grows while it loads does not.
  let top = 0;
  function moved() {
    const up = log.scrollTop < top;
    top = log.scrollTop;
    const left = mark && Math.abs(top - begin()) > 4;
    if (left) mark = null;
    if (near()) low = true;
    else if (up || left) low = false;
    if (near()) J.by("newer").hidden = true;
  }
  log.addEventListener("scroll", moved);
  // Whatever opens above the text box must not cover the last message.
  if (window.ResizeObserver) new ResizeObserver(settle).observe(log);
  else window.addEventListener("resize", settle);
  J.by("newer").addEventListener("click", down);

  J.show = {
    // Takes messages in, oldest first. own: the person just did this, so show them the end.
    take(messages, own) {
      const loading = J.by("loading");
      if (loading) log.removeChild(loading);
      moved(); // its event comes with the next picture, which may be too late
      const fresh = messages.map(put).some(Boolean);
      order();
      if (own) down();
      else if (!mark && low) toRead();
      else {
        if (mark) stay();
        if (fresh) hint("newer");
      }
      return fresh;
    },
    // Takes in what stands above; what the person reads stays where it is. True when any was new.
    older(messages) {
      const left = log.scrollHeight - log.scrollTop;
      mark = null;
      low = false;
      const fresh = messages.map(put).some(Boolean);
      order();
      log.scrollTop = log.scrollHeight - left;
      return fresh;
    },
    oldest() {
      const known = Array.from(items.values()).filter((item) => item.data.at);
      return known.length ? known.reduce((a, b) => (b.sort < a.sort ? b : a)).data.at : "";
    },
    get: (id) => { const item = items.get(id); return item && item.data; },
    drop(client) {
      const item = items.get("me:" + client);
      if (item) log.removeChild(item.node);
      items.delete("me:" + client);
    },
    size: () => items.size,
    settle,
  };
})(window.JMK);
