"""Letters of mathematics: bold, script, and other alphabets as separate characters.

MathML Core supports no mathvariant other than "normal", so a browser would not show a bold letter in bold. Unicode has
such letters as characters (the Mathematical Alphanumeric Symbols), and a math font has their glyphs.

Source: MathML Core, W3C Working Draft, 2.1.6 and appendix C (https://www.w3.org/TR/mathml-core/); Unicode Standard
Annex 44 for the names and compatibility decompositions that show which letter and alphabet a character belongs to.
"""

from __future__ import annotations

import unicodedata
from functools import cache

_KINDS = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "double-struck": "DOUBLE-STRUCK",
    "script": "SCRIPT",
    "fraktur": "FRAKTUR",
    "sans-serif": "SANS-SERIF",
    "sans-serif-italic": "SANS-SERIF ITALIC",
    "monospace": "MONOSPACE",
}
_BLOCKS = (range(0x2100, 0x2150), range(0x1D400, 0x1D800))
_OLDER_NAMES = {"PLANCK CONSTANT": "ITALIC", "BLACK-LETTER": "FRAKTUR"}
_UPRIGHT_IN_LATEX = range(0x391, 0x3AA)


def is_upright(letter: str) -> bool:
    """Whether LaTeX sets a variable with this letter upright, which it does for capital Greek letters."""
    return len(letter) == 1 and ord(letter) in _UPRIGHT_IN_LATEX


def in_alphabet(text: str, alphabet: str) -> str:
    """The text with its letters and digits in the alphabet; `alphabet` is a value of MathML's mathvariant.

    Characters that the alphabet lacks, such as Greek in fraktur, are unchanged. Capital Greek is not slanted in LaTeX.
    """
    if alphabet not in _KINDS:
        return text
    kind = _KINDS[alphabet]
    return "".join(_letters().get((kind.removesuffix(" ITALIC") if is_upright(c) else kind, c), c) for c in text)


def italic(letter: str) -> str:
    """The letter as a browser shows a variable of one letter (MathML Core, appendix C); other text unchanged."""
    return _letters().get(("ITALIC", letter), letter)


@cache
def _letters() -> dict[tuple[str, str], str]:
    """The characters, by their kind, as words of their names, and by the plain letter."""
    found: dict[tuple[str, str], str] = {}
    for code in (code for block in _BLOCKS for code in block):
        name, decomposition = unicodedata.name(chr(code), ""), unicodedata.decomposition(chr(code))
        if decomposition.startswith("<font> "):
            found.setdefault((_kind(name), chr(int(decomposition.split()[1], 16))), chr(code))
    return found


def _kind(name: str) -> str:
    """The words of a character's name that identify its alphabet: BOLD ITALIC in MATHEMATICAL BOLD ITALIC SMALL X."""
    for older, kind in _OLDER_NAMES.items():
        if name.startswith(older):
            return kind
    words = name.removeprefix("MATHEMATICAL ").split()
    kinds = {word for kind in _KINDS.values() for word in kind.split()}
    return " ".join(word for word in words if word in kinds)
