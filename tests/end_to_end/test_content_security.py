"""The Content-Security-Policy: by its words, and by what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from generator.core.paths import TEMPLATES
from generator.render.csp import policy

OWN = "document.title = 'own'"


def test_a_script_is_allowed_by_the_digest_of_its_text() -> None:
    digest = base64.b64encode(hashlib.sha256(OWN.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy([OWN])
    assert policy([OWN, "other()"]).count("sha256-") == 2


def test_a_page_without_scripts_lets_none_run() -> None:
    assert "script-src 'none'" in policy([])


def test_a_page_can_reach_its_own_site_and_no_other() -> None:
    assert "default-src 'none'" in policy([]) and "connect-src 'self'" in policy([])


class Told:
    """What a browser says of a page: the requests that it makes, and what it refuses."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.refused: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.refused.append(message.text))


def opened(browser: Browser, folder: Path, scripts: list[str], body: str) -> tuple[Page, Told]:
    """A page with the policy for `scripts`, from a file as a reader opens it."""
    file = folder / "page.html"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy(scripts)}">'
    file.write_text(
        f"<!doctype html>{head}<title></title><body>{body}" + "".join(map("<script>{}</script>".format, scripts))
    )
    page = browser.new_page()
    told = Told(page)
    page.goto(file.as_uri())
    return page, told


@pytest.mark.parametrize(
    "foreign",
    [
        "<script>document.title += 'foreign'</script>",
        "<img src=data:, alt='' onerror=\"document.title += 'foreign'\">",
        "<script src=\"data:text/javascript,document.title+='foreign'\"></script>",
        "<iframe srcdoc=\"<script>parent.document.title += 'foreign'</script>\"></iframe>",
    ],
)
def test_a_browser_runs_the_pages_own_script_and_no_other(browser: Browser, tmp_path: Path, foreign: str) -> None:
    page, told = opened(browser, tmp_path, [OWN], foreign)
    assert page.title() == "own"
    assert any("Content Security Policy" in text for text in told.refused)


@pytest.mark.parametrize(
    "way_out",
    [
        "<img src='https://example.com/leak.png' alt=''>",
        "<style>body { background: url(https://example.com/leak.png) }</style>",
        "<link rel=stylesheet href='https://example.com/leak.css'>",
        "<iframe src='https://example.com/'></iframe>",
        "<object data='https://example.com/leak.svg'></object>",
    ],
)
def test_what_asks_for_an_address_is_refused(browser: Browser, tmp_path: Path, way_out: str) -> None:
    _, told = opened(browser, tmp_path, [], way_out)
    assert any("Content Security Policy" in text for text in told.refused)


def test_the_pages_own_script_cannot_send_anything_either(browser: Browser, tmp_path: Path) -> None:
    sending = "fetch('https://example.com/').catch(() => { document.title = 'refused' })"
    page, told = opened(browser, tmp_path, [sending], "")
    page.wait_for_function("document.title === 'refused'")
    assert any("Content Security Policy" in text for text in told.refused)


@pytest.mark.parametrize("path", sorted((TEMPLATES / "script").glob("*.js")), ids=lambda path: path.name)
def test_no_script_of_the_page_can_end_its_own_element(path: Path) -> None:
    text = path.read_text().lower()
    assert "</script" not in text and "<!--" not in text
