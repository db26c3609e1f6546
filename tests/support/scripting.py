"""The explorer's script in a browser: numbers into a page and out of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from generator.render.page import explorer_parts

SHELL = "/usr/bin/chromium-headless-shell"
"""Chromium without its windows: a page takes a third of the processor time there."""

CHROMIUM = {
    "executable_path": SHELL if Path(SHELL).exists() else "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu"],
}

HELPERS = """() => {
window.fromBase64 = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.toBase64 = (values) => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength), parts = [];
  for (let n = 0; n < bytes.length; n += 32768) parts.push(String.fromCharCode(...bytes.subarray(n, n + 32768)));
  return btoa(parts.join(""));
}; }
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]  # a mapping of both arguments
        yield started
        started.close()


def parts_page(browser: Browser, *names: str) -> Page:
    """An empty page with some parts of the explorer's script, whose functions are then global."""
    page = browser.new_page()
    for name in names:
        page.add_script_tag(content=explorer_parts()[name])
    page.evaluate(HELPERS)
    return page


def opened(browser: Browser, index: Path, **options: Any) -> tuple[Page, list[str]]:
    """A built page with its explorer running, and what went wrong in it: errors, and requests that leave it."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}, **options).new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else faults.append(request.url)
    )
    page.goto(index.as_uri())
    page.evaluate(HELPERS)
    page.evaluate("explorer.then(() => new Promise(requestAnimationFrame))")
    return page, faults


def encoded(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.float32)


def settled(page: Page) -> None:
    """Waits until what was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def told(page: Page) -> list[float]:
    """The class probabilities that the page shows."""
    settled(page)
    return [float(text.removeprefix("over ")) for text in page.locator(".explorer .classes .number").all_inner_texts()]
