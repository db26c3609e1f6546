"""Papers set from Markdown, and what poppler sees on their pages."""

from __future__ import annotations

import datetime
import io
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pikepdf
from PIL import Image

from generator.article.compose import compose
from generator.article.material import Material
from generator.paper import Paper
from generator.prose import bibliography
from generator.prose.prose import parse
from generator.records.article import Exhibit
from generator.records.attachment import Attachment
from generator.render.fonts import Face, print_fonts
from generator.render.page import render_print
from generator.render.pdf import typeset
from tests.support.sample_page import EDITION, PAPER, SENTENCE

DATE = datetime.datetime(2025, 11, 22, 3, 4, 5, tzinfo=datetime.UTC)
PLAIN = msgspec.structs.replace(PAPER, original=None)
TOP, BOTTOM = 26, 28  # margins, in millimeters


class Word(NamedTuple):
    """A word and its box, in points from the top left of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def set_in_type(
    body: str,
    *,
    paper: Paper = PLAIN,
    references: str = "",
    exhibits: Mapping[str, Exhibit] | None = None,
    fallback: Sequence[Face] = (),
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF of a paper with the prose `body`, under an abstract."""
    prose = parse(f"# Abstract {{.unnumbered #abstract}}\n\n{SENTENCE}\n\n{body}\n", Path("article.md"))
    cited = bibliography.parse(references, Path("references.bib"))
    article = compose(Material(prose, {}, exhibits or {}, cited), "print")
    html = render_print(paper, article, EDITION, fallback)
    return typeset(html, print_fonts(fallback), DATE, attachments)


def words(pdf: bytes) -> list[Word]:
    """All words with their boxes."""
    out = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found, page = [], -1
    for line in out.splitlines():
        page += "<page" in line
        if numbers := re.search(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*)</word>', line):
            left, top, right, bottom = map(float, numbers.groups()[:4])
            found.append(Word(page, left, top, right, bottom, numbers[5]))
    return found


def text(pdf: bytes) -> str:
    """The text in reading order, with single spaces."""
    out = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return " ".join(out.decode().split())


def structure(content: bytes) -> list[tuple[str, str | None]]:
    """Kind and alternative text of every structure element, in order."""
    found: list[tuple[str, str | None]] = []

    def walk(element: Any) -> None:
        if isinstance(element, pikepdf.Array):
            for kid in element:
                walk(kid)
        elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append((str(element.S), str(element.Alt) if "/Alt" in element else None))
            walk(element.get("/K", pikepdf.Array()))

    with pikepdf.open(io.BytesIO(content)) as opened:
        walk(opened.Root.StructTreeRoot.K)
    return found


def outside(pdf: bytes, width: float = 595.3, height: float = 841.9) -> list[Word]:
    """Words that leave the page, or come nearer to its edge than a printer can reach (6 mm)."""
    return [
        word
        for word in words(pdf)
        if word.left < 17 or word.right > width - 17 or word.top < 17 or word.bottom > height - 17
    ]


def overlapping(pdf: bytes) -> list[tuple[Word, Word]]:
    """Pairs of words that share ink; the boxes hold room above and below the letters, which lines may share."""
    ordered = sorted(words(pdf), key=lambda word: (word.page, word.top))
    found = []
    for index, word in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.page != word.page or other.top > word.bottom:
                break
            if _share(word, other):
                found.append((word, other))
    return found


def _share(one: Word, other: Word) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across > 0.5 and down > 0.4 * min(one.bottom - one.top, other.bottom - other.top)


def pages(pdf: bytes, resolution: int = 40) -> list[Image.Image]:
    """The pages as poppler draws them, in gray."""
    command = ["pdftoppm", "-gray", "-r", str(resolution), "-"]
    out = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    stream, images = io.BytesIO(out), []
    while stream.tell() < len(out):
        images.append(_next_picture(stream))
    return images


def _next_picture(stream: io.BytesIO) -> Image.Image:
    """The next of the pictures that poppler writes one behind the other, as PGM."""
    assert stream.readline() == b"P5\n"
    width, height = map(int, stream.readline().split())
    stream.readline()
    return Image.frombytes("L", (width, height), stream.read(width * height))


def fills(pdf: bytes, height: float = 297) -> list[float]:
    """How far down each page is printed, as a share of the room for text; `height` is the paper's, in millimeters."""
    return [_fill(page, page.height / height) for page in pages(pdf)]


def _fill(page: Image.Image, scale: float) -> float:
    room = page.crop((0, round(TOP * scale), page.width, page.height - round(BOTTOM * scale)))
    box = room.point(lambda shade: 255 if shade < 230 else 0).getbbox()
    return box[3] / room.height if box else 0.0
