// Runs before anything is drawn: applies the colors that the reader chose on an earlier visit, and loads the fonts, which a
// browser would otherwise decode only when it meets text set in them, and then lay out that text again.
"use strict";
document.documentElement.classList.add("scripted");
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* without storage, the system's setting applies */ }
for (const face of document.fonts) face.load();

// A phone lays out what is out of view only when it comes near. Where a place is on the page is known only when everything
// before it is laid out, so all of the page is laid out for a reader who follows a link within it, or returns to it.
const layOut = () => document.documentElement.classList.add("whole");
if (location.hash || performance.getEntriesByType("navigation")[0]?.type !== "navigate") layOut();
addEventListener("click", ({ target }) => { if (target.closest("a[href^='#']")) layOut(); }, { capture: true });
