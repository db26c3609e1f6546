"""Letters of mathematics: bold, script, and other alphabets as characters of their own.

MathML Core knows no alphabets but the upright one, so that a browser shows a bold letter light. Unicode has them as
characters (the Mathematical Alphanumeric Symbols), and a face for mathematics has their glyphs.

Source: MathML Core, W3C Working Draft, 2.1.6 and appendix C (https://www.w3.org/TR/mathml-core/); Unicode Standard
Annex 44 for the names and compatibility decompositions that tell which letter a character is, and of what kind.
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
    """Whether LaTeX sets a variable of this letter upright: a capital Greek one."""
    return len(letter) == 1 and ord(letter) in _UPRIGHT_IN_LATEX


def in_alphabet(text: str, alphabet: str) -> str:
    """The text with each letter and digit as the alphabet has it; `alphabet` is a value of MathML's mathvariant.

    What the alphabet has not, such as Greek in fraktur, stays as it is. Capital Greek letters have no slant in LaTeX.
    """
    if alphabet not in _KINDS:
        return text
    kind = _KINDS[alphabet]
    return "".join(_letters().get((kind.removesuffix(" ITALIC") if is_upright(c) else kind, c), c) for c in text)


def italic(letter: str) -> str:
    """The letter as a browser shows a variable of one letter (MathML Core, appendix C); other text as it is."""
    return _letters().get(("ITALIC", letter), letter)


@cache
def _letters() -> dict[tuple[str, str], str]:
    """Each letter by its kind, as a word of its name, and by the letter that it is without that kind."""
    found: dict[tuple[str, str], str] = {}
    for code in (code for block in _BLOCKS for code in block):
        name, decomposition = unicodedata.name(chr(code), ""), unicodedata.decomposition(chr(code))
        if decomposition.startswith("<font> "):
            found.setdefault((_kind(name), chr(int(decomposition.split()[1], 16))), chr(code))
    return found


def _kind(name: str) -> str:
    """The words of a character's name that tell its alphabet: BOLD ITALIC of MATHEMATICAL BOLD ITALIC SMALL X."""
    for older, kind in _OLDER_NAMES.items():
        if name.startswith(older):
            return kind
    words = name.removeprefix("MATHEMATICAL ").split()
    kinds = {word for kind in _KINDS.values() for word in kind.split()}
    return " ".join(word for word in words if word in kinds)
