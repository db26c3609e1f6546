// Runs before anything is drawn: applies the colors that the reader chose on an earlier visit, and loads the fonts, which a
// browser would otherwise decode only when it meets text set in them, and then lay out that text again.
"use strict";
document.documentElement.classList.add("scripted");
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* without storage, the system's setting applies */ }
for (const face of document.fonts) face.load();

// On a narrow screen, what is out of view is laid out only when it comes near (page.css). How far down a place is on the page
// is known only when everything above it is laid out. All of the page is therefore laid out for a reader who follows a link
// within it or comes back to it, and in a frame, where the preview scrolls it to where it was.
{
  const layOut = () => document.documentElement.classList.add("whole");
  if (location.hash || self !== top || performance.getEntriesByType("navigation")[0]?.type !== "navigate") layOut();
  addEventListener("click", ({ target }) => {
    if (target.closest?.("a[href^='#']:not(.footnote-call a)")) layOut();
  }, { capture: true });
}
