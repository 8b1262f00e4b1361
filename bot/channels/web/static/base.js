// What every part of the page uses. No modules and no recent syntax: an old Android WebView runs it.
"use strict";
window.JMK = (function () {
  const words = JSON.parse(document.getElementById("words").textContent);
  const base = location.pathname.replace(/\/+$/, "");

  function word(key, values) {
    return words[key].replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  }

  // Text only ever becomes text nodes, so nothing that a person wrote can become markup.
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    Object.keys(attributes || {}).forEach((name) => {
      const value = attributes[name];
      if (name.slice(0, 2) === "on") node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    });
    children.forEach((child) => {
      if (child !== null && child !== undefined) {
        node.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
      }
    });
    return node;
  }

  // Private windows may have no storage, or one that throws: then memory has to do.
  const memory = {};
  const remember = {
    get(key) {
      try {
        const kept = localStorage.getItem(key);
        return kept === null && key in memory ? memory[key] : kept;
      } catch (error) {
        return key in memory ? memory[key] : null;
      }
    },
    set(key, value) {
      memory[key] = value;
      try {
        localStorage.setItem(key, value);
      } catch (error) { /* memory has it */ }
    },
    drop(key) {
      delete memory[key];
      try {
        localStorage.removeItem(key);
      } catch (error) { /* nothing was there */ }
    },
  };

  function newId() {
    const bytes = new Uint8Array(16);
    if (window.crypto && crypto.getRandomValues) crypto.getRandomValues(bytes);
    else for (let i = 0; i < 16; i += 1) bytes[i] = Math.floor(Math.random() * 256);
    return Array.prototype.map.call(bytes, (b) => (b + 256).toString(16).slice(1)).join("");
  }

  // The county's clock, whatever the phone believes: China has one zone and no summer time.
  function local(ms) {
    const d = new Date(ms + 8 * 3600 * 1000);
    const two = (n) => (n < 10 ? "0" : "") + n;
    return {
      year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, date: d.getUTCDate(),
      time: two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()),
      day: Math.floor((ms + 8 * 3600 * 1000) / 86400000),
    };
  }

  let noteTimer = 0;
  function note(text) {
    const place = document.getElementById("note");
    place.textContent = text || "";
    place.hidden = !text;
    clearTimeout(noteTimer);
    if (text) noteTimer = setTimeout(() => note(""), 8000);
  }

  // Pictures of our own: an old phone draws an emoji as an empty box.
  const icon = (name) => el("img", { src: "/static/" + name + ".svg", alt: "", class: "icon" });

  return { base, word, icon, units: words.units, el, remember, newId, local, note, by: (id) => document.getElementById(id) };
})();
