"""The documentation as tests read it: its pages, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: the page it is on, its language, and its text without the page's indentation."""

    page: Path
    language: str
    text: str


def blocks(language: str, page: Path | None = None) -> list[Block]:
    """All blocks in a language, or those of one page, in the order in which they are read."""
    return [block for path in ([page] if page else PAGES) for block in _blocks(path) if block.language == language]


def _blocks(page: Path) -> Iterator[Block]:
    for indent, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield Block(page, language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
