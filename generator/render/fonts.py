"""The font faces of an article, all of them from Python packages.

The PDF uses only these faces, so that it does not depend on the machine. A character that none of them has is found
before typesetting, because a PDF would show an empty box for it. The page includes small subsets of five faces, and of
one for its equations, and leaves rarer characters to the reader's browser.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import uharfbuzz
from fontTools.ttLib import TTFont

from generator.core.errors import ReportError
from generator.core.formatting import first_few
from generator.records.base import Record
from generator.render.math_letters import italic

Style = Literal["normal", "italic"]


class Face(Record, frozen=True):
    """One face of a font.

    Attributes:
        family: its name in the style sheets.
        weight: from 100 to 900.
        style: normal or italic.
        package: Python package that contains the file; empty for a file of the paper.
        file: name in the package, or full path.
    """

    family: str
    weight: int
    style: Style
    package: str
    file: str

    @property
    def url(self) -> str:
        """The address of the face in the PDF's style sheet. Only the generator serves it."""
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
# DejaVu Sans is last in every font stack of the PDF, since it has the symbols and scripts that the others lack.
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
ADVICE = (
    f"Use a character that {', '.join(dict.fromkeys(face.family for face in PRINT_FACES))} have, "
    "or add a font that has it under [fonts] fallback in paper.toml."
)
"""What to do about a character that no face has."""

# What a page's subsets contain: Basic Latin, Latin-1, and the punctuation and signs of scientific prose.
PAGE_CHARACTERS = (*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "‐‑–—‘’‚“”„†‡•…′″⁄€ıŒœŠšŽž←→−≈≠≤≥∞∑√"))
MATH_FACE = Face("STIX Two Math", 400, "normal", "ziamath", "fonts/STIXTwoMath-Regular.ttf")
"""The face of the page's equations. The PDF's equations are drawn with it."""
MATH_PRIMES = range(0x2032, 0x2035)
MATH_FEATURES = ("ccmp", "kern", "liga", "locl", "mark", "mkmk", "ssty")
MAX_NAMED = 5  # the most characters without a glyph that are named
PAGE_FEATURES = ("kern", "liga", "mark", "ccmp", "locl", "lnum", "onum", "tnum", "pnum")


def print_fonts(fallback: Sequence[Face] = ()) -> dict[str, bytes]:
    """The font files of the PDF, by their addresses in `print_rules`."""
    return {face.url: read(face) for face in (*PRINT_FACES, *fallback)}


def digests(fonts: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each font file, by its address."""
    return {url: hashlib.sha256(content).hexdigest() for url, content in fonts.items()}


def print_rules(fallback: Sequence[Face] = ()) -> str:
    """@font-face rules for the PDF."""
    faces = {face.url: face for face in (*PRINT_FACES, *fallback)}
    return "\n".join(_rule(face, f"url({url})") for url, face in faces.items())


def stack(fallback: Sequence[Face]) -> str:
    """The families to fall back on, as CSS, for characters without a glyph in the article's own faces."""
    families = dict.fromkeys(face.family for face in fallback) or ["DejaVu Sans"]
    return ", ".join(_quoted(family) for family in families)


def _quoted(text: str) -> str:
    """A CSS string that cannot end the string or the style sheet early."""
    return '"' + re.sub(r"[^\w .-]", lambda match: f"\\{ord(match[0]):x} ", text) + '"'


def page_rules() -> str:
    """@font-face rules for the page, including the subsets: about 120 kB."""
    return "\n".join(_subset_rule(face, PAGE_CHARACTERS, PAGE_FEATURES) for face in PAGE_FACES)


def math_rules(html: str) -> str:
    """The @font-face rule for a page's equations, with the glyphs that they need; empty without equations."""
    equations = re.findall(r"<math\b.*?</math>", html, re.DOTALL)
    if not equations:
        return ""
    return _subset_rule(MATH_FACE, math_characters(equations), MATH_FEATURES)


def math_characters(equations: Iterable[str]) -> list[int]:
    """The code points that a browser draws for equations in MathML, in order.

    These are the characters of the text, and some that the text does not contain: the sign of a root, and Unicode's
    italics for a variable of one letter (MathML Core, 3.3.3 and 4.2). The face's MATH table adds larger forms.
    """
    text = {char for equation in equations for char in _text(equation)}
    drawn = {ord(char) for char in text if not char.isspace()}
    drawn |= {ord(italic(char)) for char in text}
    if any(re.search(r"<(?:msqrt|mroot)\b", equation) for equation in equations):
        drawn.add(ord("√"))
    return sorted(drawn)


def math_font() -> TTFont:
    """The face for equations, with its characters mapped to the glyphs that MathML equations need.

    A browser stretches "~", which has one width in the face, instead of U+0303, which has several. It also does not use
    the script forms of primes, which the face reserves for engines that ask for the script "math". In the
    face's right arrows, the last part has its connector at the wrong end, so that a browser would not stretch them.
    """
    font = TTFont(io.BytesIO(read(MATH_FACE)), recalcTimestamp=False)
    names = font.getBestCmap()
    led = {ord("~"): names[0x303], **{code: f"{names[code]}.ssty" for code in MATH_PRIMES}}
    for table in font["cmap"].tables:
        table.cmap.update({code: name for code, name in led.items() if code in table.cmap})
    for construction in font["MATH"].table.MathVariants.HorizGlyphConstruction:
        if construction.GlyphAssembly:
            _join_last(construction.GlyphAssembly.PartRecords[-1])
    return font


def _join_last(part: Any) -> None:
    """Moves the connector of the last part of a composed glyph to its start, if it only has one at its end."""
    if not part.StartConnectorLength:
        part.StartConnectorLength, part.EndConnectorLength = part.EndConnectorLength, 0


def require_glyphs(html: str, fonts: Mapping[str, bytes]) -> None:
    """Raises ReportError, with the characters, when the text of `html` has some that none of `fonts` has."""
    text = _text(html)
    missing = lacking(text, fonts.values())
    if not missing:
        return
    named = [f"{code_point(char)} in “{_around(char, text)}”" for char in sorted(missing)]
    raise ReportError(f"No font supplied for the PDF has {first_few(named, MAX_NAMED)}", "PDF", ADVICE)


def lacking(text: str, fonts: Iterable[bytes]) -> set[str]:
    """The characters of a text that none of the font files has a glyph for."""
    missing = {char for char in set(text) if not _is_unseen(char)}
    for font in fonts:  # reading a font takes a while, and the first few have nearly all characters
        if not missing:
            break
        missing = {char for char in missing if ord(char) not in _coverage(font)}
    return missing


def read(face: Face) -> bytes:
    """The face's file, found without importing its package, since importing Matplotlib would be slow."""
    if not face.package:
        return Path(face.file).read_bytes()
    spec = find_spec(face.package)
    try:
        if spec is None or spec.origin is None:
            raise FileNotFoundError
        return (Path(spec.origin).parent / face.file).read_bytes()
    except OSError:
        step = f"Install {face.package.replace('_', '-')} as pinned in requirements.lock: run `make report`."
        what = f"The font {Path(face.file).name} is missing"
        raise ReportError(what, face.package, step) from None


def _rule(face: Face, source: str) -> str:
    return (
        f"@font-face {{ font-family: {_quoted(face.family)}; font-weight: {face.weight}; "
        f"font-style: {face.style}; src: {source} }}"
    )


def _subset_rule(face: Face, characters: Iterable[int], features: Sequence[str]) -> str:
    """The rule for a face, including the face itself, reduced to these code points and OpenType features."""
    kept = uharfbuzz.SubsetInput()
    kept.unicode_set.update(characters)
    kept.layout_feature_tag_set.clear()
    kept.layout_feature_tag_set.update(int.from_bytes(feature.encode(), "big") for feature in features)
    kept.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.DESUBROUTINIZE
    whole = _file_of(math_font()) if face == MATH_FACE else read(face)
    font = TTFont(io.BytesIO(uharfbuzz.subset(uharfbuzz.Face(whole), kept).blob.data), recalcTimestamp=False)
    font.flavor = "woff2"
    data = base64.b64encode(_file_of(font)).decode()
    return _rule(face, f"url(data:font/woff2;base64,{data}) format('woff2')")


def _file_of(font: TTFont) -> bytes:
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def has_all(face: Face, text: str) -> bool:
    """Whether a face has a glyph for every character of a text."""
    return {ord(char) for char in text if not _is_unseen(char)} <= _coverage(read(face))


@lru_cache(maxsize=64)
def _coverage(font: bytes) -> frozenset[int]:
    """The code points that a font file has glyphs for."""
    return frozenset(TTFont(io.BytesIO(font), lazy=True).getBestCmap())


class _Text(HTMLParser):
    """Collects the text to be typeset: character data outside style sheets and scripts."""

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
    """Whether a character needs no glyph: white space, controls, joiners, soft hyphens, and variation selectors."""
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf") or 0xFE00 <= ord(char) <= 0xFE0F


def code_point(char: str) -> str:
    """A character with its Unicode number and name."""
    return f"U+{ord(char):04X} {char} ({unicodedata.name(char, 'unnamed')})"


def _around(char: str, text: str) -> str:
    """The text around the first occurrence of `char`, about twenty characters on each side."""
    at = text.index(char)
    return " ".join(text[max(0, at - 20) : at + 20].split())
