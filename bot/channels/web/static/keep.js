// What was not sent yet outlives a reload: IndexedDB (files too), else localStorage (words only).
"use strict";
(function (J) {
  const NAME = "jiamenkou";
  const KEY = "unsent:" + J.base;
  const memory = new Map();
  let opening = null;

  function open() {
    if (opening) return opening;
    opening = new Promise((resolve) => {
      let request;
      try {
        request = indexedDB.open(NAME, 1);
      } catch (error) {
        resolve(null);
        return;
      }
      request.onupgradeneeded = () => request.result.createObjectStore("unsent", { keyPath: "key" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
      request.onblocked = () => resolve(null);
      setTimeout(() => resolve(null), 3000);
    });
    return opening;
  }

  function inStore(mode, act) {
    return open().then((db) => new Promise((resolve, reject) => {
      if (!db) {
        reject(new Error("no IndexedDB"));
        return;
      }
      const deal = db.transaction("unsent", mode);
      const request = act(deal.objectStore("unsent"));
      deal.oncomplete = () => resolve(request.result);
      deal.onerror = deal.onabort = () => reject(deal.error);
    }));
  }

  function inWords(change) {
    const kept = JSON.parse(J.remember.get(KEY) || "[]");
    if (change) J.remember.set(KEY, JSON.stringify(change(kept)));
    return kept;
  }

  const fields = ["id", "text", "pressed", "label", "reply_to", "latitude", "longitude", "voice", "order"];
  function plain(entry) {
    const copy = { key: J.base + "#" + entry.id, base: J.base, files: entry.files || [] };
    fields.forEach((name) => { copy[name] = entry[name]; });
    return copy;
  }

  J.keep = {
    put(entry) {
      memory.set(entry.id, entry);
      const copy = plain(entry);
      return inStore("readwrite", (store) => store.put(copy)).catch(() => {
        if (!copy.files.length) inWords((kept) => kept.filter((e) => e.id !== copy.id).concat([copy]));
      });
    },
    drop(id) {
      memory.delete(id);
      if (J.remember.get(KEY)) inWords((kept) => kept.filter((e) => e.id !== id));
      return inStore("readwrite", (store) => store.delete(J.base + "#" + id)).catch(() => {});
    },
    all() {
      const words = inWords();
      return inStore("readonly", (store) => store.getAll()).catch(() => []).then((kept) =>
        kept.filter((entry) => entry.base === J.base).concat(words).sort((a, b) => a.order - b.order));
    },
  };
})(window.JMK);
