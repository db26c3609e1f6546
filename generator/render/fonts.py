"""Fonts: the faces an article is set in, all of them out of Python packages.

The PDF is set in these faces and no others, so that it does not depend on the machine; a character that none
of them has is found before typesetting, because a PDF would show an empty box for it. The page carries small
subsets of five faces, and of one for its equations, and leaves rarer characters to the reader's browser.
"""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from fontTools import subset
from fontTools.ttLib import TTFont

from generator.core.errors import ReportError
from generator.core.formatting import first_few
from generator.records.base import Record

Style = Literal["normal", "italic"]


class Face(Record, frozen=True):
    """One face: its family's name in the style sheets, weight and style, and its file in a Python package.

    A font file of the paper's has no package, and `file` is its whole path.
    """

    family: str
    weight: int
    style: Style
    package: str
    file: str

    @property
    def url(self) -> str:
        """The address by which the PDF's style sheet names the face; nothing but the generator serves it."""
        if self.package:
            return f"font:{Path(self.file).name}"
        return f"font:{quote(self.family)}-{self.weight}-{self.style}"


def _source(family: str, name: str, weight: int, style: Style = "normal") -> Face:
    package = f"font_{family.lower().replace(' ', '_')}_pro"
    return Face(family, weight, style, package, f"files/{family.replace(' ', '')}Pro-{name}.otf")


def _dejavu(family: str, suffix: str = "", weight: int = 400, style: Style = "normal") -> Face:
    file = f"mpl-data/fonts/ttf/{family.replace(' ', '')}{suffix}.ttf"
    return Face(family, weight, style, "matplotlib", file)


PAGE_FACES = (
    _source("Source Serif", "Regular", 400),
    _source("Source Serif", "It", 400, "italic"),
    _source("Source Serif", "Semibold", 600),
    _source("Source Sans", "Regular", 400),
    _source("Source Sans", "Semibold", 600),
)
# DejaVu Sans is last in every font stack of the PDF: it has the symbols and scripts that the others lack.
PRINT_FACES = (
    *PAGE_FACES,
    _source("Source Serif", "SemiboldIt", 600, "italic"),
    _source("Source Sans", "It", 400, "italic"),
    _dejavu("DejaVu Sans Mono"),
    _dejavu("DejaVu Sans Mono", "-Bold", 600),
    _dejavu("DejaVu Sans Mono", "-Oblique", 400, "italic"),
    _dejavu("DejaVu Sans"),
    _dejavu("DejaVu Sans", "-Bold", 600),
)
# What a page's subsets hold: Basic Latin, Latin-1, and the punctuation and signs of scientific prose.
PAGE_CHARACTERS = (*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "‐‑–—‘’‚“”„†‡•…′″⁄€ıŒœŠšŽž←→−≈≠≤≥∞∑√"))
MATHS_FACE = Face("STIX Two Math", 400, "normal", "ziamath", "fonts/STIXTwoMath-Regular.ttf")
"""The face of the page's equations; the PDF's are drawn with it."""
MATHS_ITALICS = (0x210E, *range(0x1D434, 0x1D468), *range(0x1D6A4, 0x1D6A6), *range(0x1D6E2, 0x1D71C))
MOST_NAMED = 5  # characters without a glyph
PAGE_FEATURES = ("kern", "liga", "mark", "ccmp", "locl", "lnum", "onum", "tnum", "pnum")


def print_fonts(fallback: Sequence[Face] = ()) -> dict[str, bytes]:
    """The font files of the PDF, by the addresses that `print_rules` gives them."""
    return {face.url: read(face) for face in (*PRINT_FACES, *fallback)}


def print_rules(fallback: Sequence[Face] = ()) -> str:
    """@font-face rules for the PDF."""
    faces = {face.url: face for face in (*PRINT_FACES, *fallback)}
    return "\n".join(_rule(face, f"url({url})") for url, face in faces.items())


def stack(fallback: Sequence[Face]) -> str:
    """The families to go on with, as a style sheet names them, where the article's own have no glyph."""
    families = dict.fromkeys(face.family for face in fallback) or ["DejaVu Sans"]
    return ", ".join(_quoted(family) for family in families)


def _quoted(text: str) -> str:
    """A string of CSS, in which nothing can end the string or the style sheet."""
    return '"' + re.sub(r"[^\w .-]", lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def page_rules() -> str:
    """@font-face rules for the page, with the subsets inside them: about 130 kB."""
    return "\n".join(_subset_rule(face, PAGE_CHARACTERS, PAGE_FEATURES) for face in PAGE_FACES)


def maths_rules(html: str) -> str:
    """The @font-face rule for the equations of a page, with the characters that they use; none if there are none."""
    shown = set(_text("".join(re.findall(r"<math\b.*?</math>", html, re.DOTALL))))
    if not shown:
        return ""
    # A browser sets a variable of one letter in the italics that Unicode has for mathematics (MathML Core, 4.2).
    italics = (code for code in MATHS_ITALICS if unicodedata.normalize("NFKC", chr(code)) in shown)
    return _subset_rule(MATHS_FACE, (*map(ord, sorted(shown)), *italics), ("ssty",))


def require_glyphs(html: str, fonts: Mapping[str, bytes]) -> None:
    """Raises ReportError, naming the characters, when the text of `html` has any that none of `fonts` has."""
    text = _text(html)
    missing = {char for char in set(text) if not _is_unseen(char)}
    for font in fonts.values():  # to read one takes a while, and the first few have nearly all
        if not missing:
            return
        missing = {char for char in missing if ord(char) not in _coverage(font)}
    if not missing:
        return
    named = [f"{_code_point(char)} in “{_around(char, text)}”" for char in sorted(missing)]
    what = f"No font supplied for the PDF has {first_few(named, MOST_NAMED)}"
    families = ", ".join(dict.fromkeys(face.family for face in PRINT_FACES))
    step = f"Use a character that {families} have, or add a font that has it by [fonts] fallback in paper.toml."
    raise ReportError(what, "PDF", step)


def read(face: Face) -> bytes:
    """The face's file, found without importing its package: importing Matplotlib for a path would be slow."""
    if not face.package:
        return Path(face.file).read_bytes()
    spec = find_spec(face.package)
    try:
        if spec is None or spec.origin is None:
            raise FileNotFoundError
        return (Path(spec.origin).parent / face.file).read_bytes()
    except OSError:
        step = f"Install {face.package.replace('_', '-')} as requirements.lock has it: run `make report`."
        what = f"The font {Path(face.file).name} is missing"
        raise ReportError(what, face.package, step) from None


def _rule(face: Face, source: str) -> str:
    return (
        f"@font-face {{ font-family: {_quoted(face.family)}; font-weight: {face.weight}; "
        f"font-style: {face.style}; src: {source} }}"
    )


def _subset_rule(face: Face, characters: Iterable[int], features: Sequence[str]) -> str:
    """The rule of a face that holds the face itself, with these code points and OpenType features alone."""
    options = subset.Options(flavor="woff2", layout_features=list(features), hinting=False, desubroutinize=True)
    font = TTFont(io.BytesIO(read(face)), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    data = base64.b64encode(buffer.getvalue()).decode()
    return _rule(face, f"url(data:font/woff2;base64,{data}) format('woff2')")


def has_all(face: Face, text: str) -> bool:
    """Whether a face has a glyph for every character of a text."""
    return {ord(char) for char in text if not _is_unseen(char)} <= _coverage(read(face))


@lru_cache(maxsize=64)
def _coverage(font: bytes) -> frozenset[int]:
    """The code points that a font file has glyphs for."""
    return frozenset(TTFont(io.BytesIO(font), lazy=True).getBestCmap())


class _Text(HTMLParser):
    """Gathers what would be set in type: character data outside style sheets and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def _text(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.pieces)


def _is_unseen(char: str) -> bool:
    """Spaces of layout, controls, joiners and soft hyphens take no glyph."""
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf") or 0xFE00 <= ord(char) <= 0xFE0F


def _code_point(char: str) -> str:
    return f"U+{ord(char):04X} {char} ({unicodedata.name(char, 'unnamed')})"


def _around(char: str, text: str) -> str:
    """A few words of the text about the first place where `char` stands."""
    at = text.index(char)
    return " ".join(text[max(0, at - 20) : at + 20].split())
