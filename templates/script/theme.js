// Light, dark, or the system's setting; remembered where the browser allows it, for every page of the site.
"use strict";
{
  const root = document.documentElement, theme = document.querySelector(".theme");
  theme.hidden = false;
  const chosen = theme.querySelector(`[value="${CSS.escape(root.dataset.theme ?? "")}"]`) ?? theme.querySelector("input");
  chosen.checked = true;
  theme.addEventListener("change", ({ target }) => {
    root.dataset.theme = target.value;
    try {
      if (target.value) localStorage.setItem("theme", target.value);
      else localStorage.removeItem("theme");
    } catch { /* the choice applies to this visit only */ }
  });
}
