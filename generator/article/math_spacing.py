"""Spaces the parts of an equation by TeX's rules, in the same way for the page and for the PDF.

Browsers take the space around an operator from a dictionary, and ziamath, which draws for the PDF, from an older one;
both guess from its position whether an operator is binary. This module decides that once and writes explicit spaces, so
that no renderer has to guess.

Source: Knuth, The TeXbook (1984), chapter 18, its table of spaces, and appendix G, rules 5 and 6; the classes of
characters are those of Unicode Technical Report 25, as included in latex2mathml.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from latex2mathml.symbols_parser import SYMBOLS_FILE

ATOM = "atom"
"""The attribute that holds an element's class if its characters do not determine it; removed from the final MathML."""

_OF_UNICODE = {
    "A": "ord", "B": "bin", "C": "close", "D": "ord", "F": "fence", "L": "op", "N": "ord", "O": "open", "P": "punct",
    "R": "rel", "U": "ord", "V": "bin", "X": "ord", "G": "ord", "S": "ord",
}  # fmt: skip
_OF_TEX = {
    **dict.fromkeys("/\\.⊥√#%&°′″‴⁗∅∞", "ord"),
    **dict.fromkeys("†‡∗⋆*", "bin"),
    **dict.fromkeys("…⋯⋮⋱⋰", "inner"),
    **dict.fromkeys("!?", "close"),
    ":": "rel",
}
"""Characters whose class in TeX differs from Unicode's."""

_SPACES = {
    "ord": "0 1 2 3 0 0 0 4",
    "op": "1 1 0 3 0 0 0 4",
    "bin": "2 2 0 0 2 0 0 2",
    "rel": "3 3 0 0 3 0 0 3",
    "open": "0 0 0 0 0 0 0 0",
    "close": "0 1 2 3 0 0 0 4",
    "punct": "4 4 0 4 4 4 4 4",
    "inner": "4 1 2 3 4 0 4 4",
}
"""By the class on the left, the kinds of space before ord, op, bin, rel, open, close, punct, and inner."""

_WIDTHS = {"1": 3 / 18, "2": 4 / 18, "3": 5 / 18, "4": 3 / 18}
"""In em, by kind of space. Only kind 1 is also used in indices."""

_AS_SCRIPTED = {"msub", "msup", "msubsup"}
_AS_LABELED = {"munder", "mover", "munderover"}
_AS_ONLY = {"mstyle", "mpadded", "mphantom"}


def set_spaces(row: Element, level: int) -> None:
    """Inserts the spaces that TeX puts between the children of `row`; in indices, `level` is above 0."""
    children = list(row)
    atoms = _in_context([_atom(child) for child in children])
    left = ""
    for child, atom in zip(children, atoms, strict=True):
        if not atom:
            continue
        if width := _width(left, atom, level):
            row.insert(list(row).index(child), Element("mspace", {"width": f"{width:.3f}em"}))
        left = atom


def _width(left: str, right: str, level: int) -> float:
    if not left:
        return 0.0
    kind = _SPACES[left].split()[list(_SPACES).index(right)]
    return _WIDTHS.get(kind, 0.0) if kind == "1" or level == 0 else 0.0


def _in_context(atoms: list[str]) -> list[str]:
    """The classes, adjusted to their neighbors.

    Bars are opening and closing in turn. A binary operator without an operand on both sides becomes ordinary.
    """
    found: list[str] = []
    left, is_open = "", False
    for atom in atoms:
        if atom == "fence":
            atom, is_open = "close" if is_open else "open", not is_open
        if atom == "bin" and left in ("", "bin", "op", "rel", "open", "punct"):
            atom = "ord"
        if atom in ("rel", "close", "punct") and left == "bin":
            found[_last(found)] = "ord"
        found.append(atom)
        left = atom or left
    if left == "bin":
        found[_last(found)] = "ord"
    return found


def _last(atoms: list[str]) -> int:
    """The index of the last element that has a class; spaces have none."""
    return max(index for index, atom in enumerate(atoms) if atom)


def _atom(element: Element) -> str:
    """The class of an element; empty for a space."""
    if ATOM in element.attrib:
        return element.attrib[ATOM]
    if element.tag == "mspace":
        return ""
    if element.tag in _AS_LABELED and element[0].tag == "mrow" and len(element[0]) == 1:
        return _atom(element[0][0])  # \overset{!}{=} is a relation, like the sign under the mark
    if element.tag in _AS_SCRIPTED | _AS_LABELED or (element.tag in _AS_ONLY and len(element) == 1):
        return _atom(element[0])
    if element.tag in ("mi", "mo"):
        return class_of(element.text or "")
    return "inner" if element.tag == "mfrac" else "ord"


def class_of(text: str) -> str:
    """TeX's class of a character, or "fence" if it can both open and close; a name is an operator."""
    if len(text) > 1:
        return "ord" if not text.isascii() and len(set(text)) == 1 else "op"
    return _OF_TEX.get(text) or _classes().get(text, "ord")


@cache
def _classes() -> dict[str, str]:
    """TeX's class of each character for which Unicode defines one."""
    lines = Path(SYMBOLS_FILE).read_text(encoding="utf-8").splitlines()
    columns = [line.split("^") for line in lines if not line.startswith("#")]
    return {chr(int(code, 16)): _OF_UNICODE[kind] for code, _, _, _, kind, *_ in columns if kind in _OF_UNICODE}
