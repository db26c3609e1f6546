// Before anything is drawn: the light or dark that the reader chose on an earlier visit, and the fonts, which a browser
// would only unpack when it comes to text that is set in them, and then set that text anew.
"use strict";
document.documentElement.classList.add("scripted");
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch { /* where nothing is remembered, the system decides */ }
for (const face of document.fonts) face.load();
