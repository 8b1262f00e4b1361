// Photos and documents: chosen, looked at, taken out again, and made small enough to send.
"use strict";
(function (J) {
  const MOST = 10;
  const MOST_BYTES = 20 * 1024 * 1024;
  const LONG_SIDE = 2000;
  const BIG = 1024 * 1024;
  let chosen = [];

  // A phone's photos are 3 to 8 MB each: on a weak network they would never arrive.
  function smaller(file) {
    if (file.size < BIG || ["image/jpeg", "image/png", "image/webp"].indexOf(file.type) < 0) {
      return Promise.resolve(file);
    }
    return new Promise((resolve) => {
      const url = URL.createObjectURL(file);
      const picture = new Image();
      const done = (blob) => {
        URL.revokeObjectURL(url);
        resolve(blob && blob.size < file.size ? blob : file);
      };
      picture.onerror = () => done(null);
      picture.onload = () => {
        const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
        const canvas = J.el("canvas", {});
        canvas.width = Math.round(picture.width * scale);
        canvas.height = Math.round(picture.height * scale);
        try {
          canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
          canvas.toBlob(done, "image/jpeg", 0.85);
        } catch (error) {
          done(null);
        }
      };
      picture.src = url;
    });
  }

  function draw() {
    const list = J.by("tray-list");
    list.textContent = "";
    chosen.forEach((one) => {
      const face = one.blob.type.indexOf("image/") === 0
        ? J.el("img", { src: one.url, alt: one.name })
        : J.el("span", { class: "paper" }, J.icon("paper"), one.name);
      const off = J.el("button", {
        type: "button", class: "cross", "aria-label": J.word("removeFile", { name: one.name }),
        onclick: () => {
          URL.revokeObjectURL(one.url);
          chosen = chosen.filter((other) => other !== one);
          draw();
        },
      }, "✕");
      list.appendChild(J.el("li", {}, face, off));
    });
    J.by("tray").hidden = !chosen.length;
  }

  function add(input) {
    const files = Array.prototype.slice.call(input.files);
    input.value = "";
    Promise.all(files.map((file) => smaller(file).then((blob) => ({ blob, name: file.name })))).then((ready) => {
      ready.forEach((one) => {
        const bytes = chosen.reduce((sum, other) => sum + other.blob.size, one.blob.size);
        if (chosen.length >= MOST) J.note(J.word("tooManyFiles"));
        else if (bytes > MOST_BYTES) J.note(J.word("tooBig"));
        else {
          one.url = URL.createObjectURL(one.blob);
          chosen.push(one);
        }
      });
      draw();
      J.by("send").focus();
    });
  }

  ["photo", "paper"].forEach((name) => {
    const input = J.by(name + "-files");
    J.by(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => add(input));
  });

  J.photos = {
    take() {
      const files = chosen.map((one) => ({ blob: one.blob, name: one.name }));
      chosen.forEach((one) => URL.revokeObjectURL(one.url));
      chosen = [];
      draw();
      return files;
    },
  };
})(window.JMK);
