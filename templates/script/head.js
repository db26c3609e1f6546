// Runs before anything is drawn: applies the colors that the reader chose on an earlier visit, and loads the fonts, which a
// browser would otherwise decode only when it meets text set in them, and then lay out that text again.
"use strict";
document.documentElement.classList.add("scripted");
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* without storage, the system's setting applies */ }
for (const face of document.fonts) face.load();

// On a narrow screen, what is out of view is laid out only when all of the page has arrived (page.css), a few blocks at a time, so
// that the page answers to the reader meanwhile. How far down a place is on the page is known only when everything above it is
// laid out, so this is not done for a reader who comes to a certain place, or back to the page, nor in a frame, where the preview
// scrolls the page to where it was.
if (!location.hash && self === top && performance.getEntriesByType("navigation")[0]?.type === "navigate") {
  const SLICE = 8; // milliseconds, after which the browser may draw and answer
  document.documentElement.classList.add("in-parts");
  addEventListener("DOMContentLoaded", () => {
    const blocks = document.querySelectorAll("article > *");
    let next = 0;
    const layOut = () => {
      for (const start = performance.now(); next < blocks.length && performance.now() - start < SLICE; next++) {
        blocks[next].style.contentVisibility = "visible";
        blocks[next].getBoundingClientRect();
      }
      if (next < blocks.length) setTimeout(layOut);
    };
    layOut();
  });
}
