// The demo: who the resident is, and on a phone whose phone is shown.
"use strict";
(function () {
  const speaker = document.getElementById("speaker");
  const frame = document.getElementById("speaker-frame");
  const tabs = Array.prototype.slice.call(document.querySelectorAll("[role=tab]"));
  const seats = Array.prototype.slice.call(document.querySelectorAll(".seat"));

  if (speaker && frame) {
    // A browser restores the selection after a reload, but not the frame.
    frame.src = speaker.value;
    speaker.addEventListener("change", () => { frame.src = speaker.value; });
  }
  tabs.forEach((tab, index) => tab.addEventListener("click", () => {
    tabs.forEach((other, i) => {
      other.setAttribute("aria-selected", String(i === index));
      seats[i].classList.toggle("shown", i === index);
    });
    tab.classList.remove("fresh");
  }));
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.data !== "jiamenkou:new") return;
    seats.forEach((seat, i) => {
      const inner = seat.querySelector("iframe");
      if (inner && inner.contentWindow === event.source && !seat.classList.contains("shown")) {
        tabs[i].classList.add("fresh");
      }
    });
  });
})();
