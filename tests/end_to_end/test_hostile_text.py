"""Text from outside stays text: from paper.toml, the references, the prose, the code, and the names of layers."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from generator.core.errors import ReportError
from generator.prose.prose import parse
from generator.render.page import HEAD_SCRIPTS, SCRIPTS
from tests.conftest import PAPERS
from tests.end_to_end.test_page_snapshot import RECORD, page

HOSTILE = "</title></script></style><script>pwned=true</script><img src=x onerror=pwned=true>\"'>]]>&amp;"
IN_PROSE = HOSTILE.replace("<", r"\<")
CITED = HOSTILE.replace("]", "").replace("@", "").replace(";", "")
PAPER = f"""
title = {json.dumps(f"Title {HOSTILE}")}
authors = [{json.dumps(f"Author {HOSTILE}")}]
date = 2026-01-02
description = {json.dumps(f"Description {HOSTILE}")}
license = {json.dumps(f"License {HOSTILE}")}
[training]
epochs = 1
batch_size = 16
replicates = 1
[data]
name = "bars"
path = "data.npz"
"""
PROSE = f"""
# Abstract {{.unnumbered #abstract}}

Abstract {IN_PROSE}

# Heading {IN_PROSE} {{#heading}}

Prose {IN_PROSE} and `code {HOSTILE}` and [a span {IN_PROSE.replace("]", "")}]{{.x}}.[^n]
See [@example2020; @example2020, {CITED}].

[^n]: Note {IN_PROSE}

| Table {IN_PROSE} |
|---|
| {IN_PROSE} |

```python
code = {HOSTILE}
```

::: listing experiment
Caption {IN_PROSE}
:::

::: figure architecture
The network.
:::

::: figure feature-maps
The maps.
:::

# References

::: references
:::
"""
BIBLIOGRAPHY = f"""@book{{example2020,
  author = {{{{Someone {HOSTILE.replace("&", "")}}}}},
  title = {{{{Reference {HOSTILE.replace("&", "")}}}}},
  publisher = {{{{Press {HOSTILE.replace("&", "")}}}}},
  url = {{https://example.org/?"><script>pwned=true</script>}},
  year = {{2020}},
}}"""


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a paper that is hostile wherever it can be."""
    folder = tmp_path_factory.mktemp("hostile")
    paper, record = folder / "paper", folder / "record"
    shutil.copytree(PAPERS / "tiny", paper)
    shutil.copytree(RECORD, record)
    for name, text in (("paper.toml", PAPER), ("article.md", PROSE), ("references.bib", BIBLIOGRAPHY)):
        (paper / name).write_text(text)
    code = paper / "experiment.py"
    code.write_text(f"{code.read_text()}\n# Code {HOSTILE}\n")
    for path in record.rglob("*.json"):
        path.write_text(path.read_text().replace('"conv2d"', json.dumps(f"Layer {HOSTILE}".replace(".", ""))))
    return page(paper, record)


@pytest.fixture(scope="module")
def opened(html: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page without its policy, so that nothing but escaping stands in the way."""
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(re.sub(r"<meta http-equiv=[^>]*>", "", html))
    shown = browser.new_page()
    shown.goto(file.as_uri())
    return shown


def test_no_text_becomes_a_script_an_element_or_an_attribute(opened: Page) -> None:
    assert opened.evaluate("typeof pwned") == "undefined"
    own = [""] * len((*HEAD_SCRIPTS, *SCRIPTS))
    assert opened.evaluate("[...document.scripts].map(script => script.type)") == ["application/ld+json", *own]
    assert opened.locator("img[src=x], [onerror], title ~ title, body style").count() == 0


@pytest.mark.parametrize(
    ("where", "begins"),
    [
        ("title", "Title"),
        ("h1", "Title"),
        (".authors", "Author"),
        (".colophon", "License"),
        (".abstract p", "Abstract"),
        ("h2#heading", "Heading"),
        (".contents a[href='#heading']", "Heading"),
        ("#heading + p", "Prose"),
        ("#heading + p code", "code"),
        (".footnote", "Note"),
        ("article > .scroll th", "Table"),
        ("pre.numbered", "# Code"),
        ("figure.listing figcaption", "Caption"),
        (".summary th", "Layer"),
        (".feature-maps .head", "Layer"),
        (".references li", "Reference"),
        (".references li", "Press"),
    ],
)
def test_it_is_printed_as_it_was_written(opened: Page, where: str, begins: str) -> None:
    """Up to quotation marks, which the prose sets in type, and what a reference cannot hold."""
    text = " ".join(opened.locator(where).all_text_contents())
    assert f"{begins} </title></script></style><script>pwned=true</script><img src=x onerror=pwned=true>" in text


@pytest.mark.parametrize("name", ["description", "author", "citation_title", "citation_author", "citation_reference"])
def test_what_machines_read_holds_it_whole(opened: Page, name: str) -> None:
    content = opened.locator(f"meta[name={name}]").first.get_attribute("content") or ""
    assert "</title></script></style><script>pwned=true</script>" in content


def test_the_data_for_search_engines_reads_back(opened: Page) -> None:
    data = json.loads(opened.locator("script[type='application/ld+json']").text_content() or "")
    assert data["headline"] == f"Title {HOSTILE}"
    assert data["author"][0]["name"] == f"Author {HOSTILE}"


def test_previews_show_text_too(opened: Page) -> None:
    for link in opened.locator(".citation a, a.reference, a.bound").all()[:5]:
        link.hover()
        opened.locator("#peek").wait_for()
        opened.keyboard.press("Escape")
    assert opened.evaluate("typeof pwned") == "undefined"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:pwned=true",
        "JaVaScRiPt:pwned=true",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/x",
    ],
)
def test_a_link_that_could_run_something_is_refused(link: str) -> None:
    with pytest.raises(ReportError, match="link"):
        parse(f"[a link](<{link}>)\n", Path("article.md"))
