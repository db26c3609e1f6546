// Runs before anything is drawn: applies the colors that the reader chose on an earlier visit, and loads the fonts, which a
// browser would otherwise decode only when it meets text set in them, and then lay out that text again.
"use strict";
document.documentElement.classList.add("scripted");
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* without storage, the system's setting applies */ }
for (const face of document.fonts) face.load();
