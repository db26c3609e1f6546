// Code: a button that copies it, and line numbers that link to their lines and together are one tab stop.
"use strict";
(() => {
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  document.querySelector("main").append(said);

  const copy = async (code) => {
    const text = code.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page that may not write to the clipboard can still copy a selection
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
      getSelection().removeAllRanges();
    }
  };
  for (const pre of document.querySelectorAll("pre.highlight")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy this code");
    button.addEventListener("click", async () => {
      await copy(pre.querySelector("code"));
      button.textContent = "Copied";
      said.textContent = "Code copied.";
      setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
    });
    pre.append(button);

    const numbers = [...pre.querySelectorAll(".line[id]")].map((line, index) => {
      const number = document.createElement("a");
      number.href = `#${line.id}`;
      number.dataset.line = line.dataset.line;
      number.tabIndex = index ? -1 : 0;
      number.setAttribute("aria-label", `Line ${line.dataset.line}`);
      line.prepend(number);
      return number;
    });
    pre.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const from = numbers.indexOf(event.target);
      const to = numbers[from + step];
      if (!step || from < 0 || !to) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    });
  }
})();
