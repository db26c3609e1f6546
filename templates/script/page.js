// Interaction with the page. The page is complete without this file: links work, and everything is in its place.
"use strict";
(() => {
  const root = document.documentElement;

  // --- The contents: the section that is being read is marked, and kept in view in a long list.
  const contents = document.querySelector(".contents");
  const targetOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const sections = [...contents.querySelectorAll("a")].map((link) => ({ link, heading: targetOf(link) }));
  let current = null;
  const markCurrent = () => {
    const reached = sections.findLast(({ heading }) => heading.getBoundingClientRect().top < innerHeight / 3);
    if (reached?.link === current) return;
    current?.removeAttribute("aria-current");
    current = reached?.link ?? null;
    if (!current) return;
    current.setAttribute("aria-current", "true");
    const [item, list] = [current.getBoundingClientRect(), contents.getBoundingClientRect()];
    if (item.top < list.top || item.bottom > list.bottom) contents.scrollTop += item.top - list.top - list.height / 3;
  };
  let isAsked = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; markCurrent(); });
  };
  addEventListener("scroll", ask, { passive: true });
  addEventListener("resize", ask);
  ask();
  contents.addEventListener("click", ({ target }) => {
    if (target.closest("a")) contents.querySelector("details").open = false;
  });

  // --- What scrolls sideways fades out where it goes on. A region of the page is a tab stop, so that the arrow keys can scroll it:
  // not every browser makes it one by itself. It is none while all of it is in sight. What is not laid out yet has no width.
  const SCROLLING = ".scroll, .chart .panels.text, pre.numbered > code";
  const isRegion = (box) => box.matches("[role=region]");
  const markEdges = (box) => {
    const hidden = box.scrollWidth - box.clientWidth;
    if (!box.clientWidth) return;
    box.classList.toggle("goes-back", box.scrollLeft > 1);
    box.classList.toggle("goes-on", hidden - box.scrollLeft > 1);
    if (!isRegion(box)) return;
    if (hidden > 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };
  const sizes = new ResizeObserver((entries) => {
    for (const box of new Set(entries.map(({ target }) => target.closest(SCROLLING)))) markEdges(box);
  });
  for (const box of document.querySelectorAll(SCROLLING)) {
    for (const part of [box, ...(isRegion(box) ? box.children : [])]) sizes.observe(part);
    box.addEventListener("scroll", () => markEdges(box), { passive: true });
  }

  // --- Numbers from the run are links. They become tab stops, and are marked, only when the reader asks for it.
  const numbers = document.querySelectorAll("a.bound"), asked = document.querySelector(".origins");
  const setStops = (areMarked) => {
    root.classList.toggle("marked", areMarked);
    for (const number of numbers) number.tabIndex = areMarked ? 0 : -1;
  };
  setStops(false);
  asked.hidden = numbers.length === 0;
  asked.addEventListener("click", () => {
    const areMarked = asked.getAttribute("aria-pressed") !== "true";
    asked.setAttribute("aria-pressed", String(areMarked));
    setStops(areMarked);
  });

  // --- A link's target inside a fold is shown: not every browser opens the fold by itself.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (target?.closest("details")) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // --- Notes: if the page has no margin, a note opens and closes below the paragraph that refers to it.
  const margin = matchMedia("(min-width: 75rem)");
  document.querySelector("article").addEventListener("click", (event) => {
    const call = event.target.closest(".footnote-call a");
    if (!call || margin.matches) return;
    event.preventDefault();
    const note = targetOf(call);
    if (!call.closest("td, th")) (call.closest("p, li, figcaption") ?? call.parentElement).append(note);
    note.classList.toggle("open");
  });

  // --- A preview of a link's target, beside the link while it is hovered over or has the focus. The pointer can move onto
  // the preview, which stays until pointer and focus have left, and Escape closes it (WCAG 2.2, 1.4.13).
  const LINKS = ".citation a, a.citation, a.reference, a.bound, a.verdict";
  const peek = document.createElement("div");
  peek.className = "peek";
  peek.id = "peek";
  peek.hidden = true;
  peek.setAttribute("role", "tooltip");
  document.querySelector("main").append(peek);
  let shown = null;
  let timer = 0;
  const later = (action, delay) => { clearTimeout(timer); timer = setTimeout(action, delay); };

  const plain = (element) => { // a copy without ids and controls
    const copied = element.cloneNode(true);
    copied.querySelectorAll(".backlinks, .visually-hidden, .verdict, .footnote, .footnote-call, .copy").forEach((part) => part.remove());
    copied.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
    for (const part of [copied, ...copied.querySelectorAll("*")]) {
      for (const name of ["id", "tabindex", "aria-describedby"]) part.removeAttribute(name);
    }
    return copied;
  };
  const paragraph = (...content) => {
    const made = document.createElement("p");
    made.append(...content);
    return made;
  };
  // A number: what it is, its value by replicate, and where it comes from, as in the appendix.
  const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  const originOf = (link) => {
    const rows = [link.hash.slice(1), ...(link.dataset.with ?? "").split(" ").filter(Boolean)].map((id) => document.getElementById(decodeURIComponent(id)));
    const [name, , , replicates, stage] = [...rows[0].cells].map((cell) => cell.textContent);
    const code = document.createElement("code");
    code.textContent = name;
    return [
      ...rows.map(({ cells }) => paragraph(sentence(`${cells[1].textContent}: ${cells[2].textContent}`))),
      ...(replicates ? [paragraph(sentence(replicates.startsWith("of ") ? `The value ${replicates}` : `by replicate: ${replicates}`))] : []),
      paragraph(`From the stage “${stage}”, in results.json as `, code, "."),
    ];
  };
  const contentOf = (link) => {
    const target = targetOf(link);
    if (!target) return [];
    if (link.matches(".bound")) return originOf(link);
    if (link.matches(".verdict")) {
      const [difference, p, verdict] = [...target.closest("tr").cells].slice(1).map((cell) => cell.textContent);
      return [paragraph(sentence(verdict)), paragraph(difference === "bound" ? "Judged as a bound." : `Difference: ${difference}; adjusted p: ${p}.`)];
    }
    if (target.matches("figure")) {
      const picture = target.querySelector("img.maps, svg, table, pre") ?? target.querySelector("img");
      return [picture, target.querySelector("figcaption")].filter(Boolean).map(plain);
    }
    if (target.matches("h2, h3, h4, h5, h6")) {
      const first = target.nextElementSibling;
      return [target, ...(first?.matches("p") ? [first] : [])].map((part) => paragraph(...plain(part).childNodes));
    }
    return target.matches("li") ? [paragraph(...plain(target).childNodes)] : [plain(target)];
  };
  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    peek.hidden = true;
    peek.replaceChildren();
  };
  const show = (link) => {
    if (link === shown) return clearTimeout(timer);
    hide();
    const content = contentOf(link);
    if (!content.length) return;
    shown = link;
    link.setAttribute("aria-describedby", peek.id);
    peek.replaceChildren(...content);
    peek.hidden = false;
    const at = link.getClientRects()[0];
    const [above, below] = [at.top - 12, innerHeight - at.bottom - 12];
    peek.style.maxHeight = "";
    const isAbove = peek.offsetHeight > below && above > below;
    peek.style.maxHeight = `${Math.min(peek.offsetHeight, Math.max(96, isAbove ? above : below))}px`;
    const left = Math.max(8, Math.min(at.left, root.clientWidth - peek.offsetWidth - 8));
    peek.style.left = `${left + scrollX}px`;
    peek.style.top = `${(isAbove ? at.top - peek.offsetHeight - 4 : at.bottom + 4) + scrollY}px`;
  };
  const linkAt = ({ target }) => (peek.contains(target) ? null : target.closest?.(LINKS));
  addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (peek.contains(event.target)) clearTimeout(timer);
    const link = linkAt(event);
    if (link) later(() => show(link), link === shown ? 0 : 120);
  });
  addEventListener("pointerout", (event) => {
    if (linkAt(event) || peek.contains(event.target)) later(() => { if (document.activeElement !== shown) hide(); }, 250);
  });
  addEventListener("focusin", (event) => {
    const link = linkAt(event);
    if (link?.matches(":focus-visible")) show(link);
  });
  addEventListener("focusout", (event) => { if (event.target === shown && !peek.matches(":hover")) hide(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
