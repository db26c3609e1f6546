"""Corrects the tree of an equation: browsers and ziamath cannot draw everything that latex2mathml writes.

latex2mathml writes MathML 3. Browsers draw MathML Core, which lacks named spaces, alphabets, column alignment, and the
old stretching rules; ziamath, which draws for the PDF, supports some of each. So this module states explicitly which
operators stretch, where limits go, how wide a space is, and which character a bold letter is. Differences between the
page and the PDF are only in `for_page` and `for_print`. This module does not read LaTeX: `generator.article.equations`
does, or refuses it.

Source: MathML Core, W3C Working Draft (https://www.w3.org/TR/mathml-core/); The TeXbook, chapters 17 and 18.
"""

from __future__ import annotations

import unicodedata
from copy import deepcopy
from html import unescape
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from generator.article.math_spacing import ATOM, class_of, set_spaces
from generator.render.math_letters import in_alphabet, is_upright, italic

NEGATION = "⧸"
"""The character that latex2mathml draws over a relation for \\not."""

_ROWS = {"math", "mrow", "mtd", "mstyle", "mpadded", "mphantom", "msqrt"}
_SCRIPTS = {"msub", "msup", "msubsup"}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_INTEGRALS = "∫∬∭⨌∮∯∰∱∲∳"
_NARROW = {"^": "ˆ", "~": "˜", "¯": "¯", "ˇ": "ˇ", "˙": "˙", "¨": "¨", "˘": "˘", "´": "´", "`": "`", "˚": "˚"}
"""Accents as wide as a letter, by the character that latex2mathml writes for them."""

_WIDE = {"^": "\u0302", "~": "~", "―": "‾", **{char: char for char in "←→↔⏞⏟⎴⎵⏜⏝"}}
"""Accents as wide as the part that they are over or under."""

_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}
_EMS = {"mu": 1 / 18, "ex": 0.45, "pt": 0.1, "em": 1.0, "pc": 1.2, "mm": 0.2845, "cm": 2.845, "in": 7.227}
"""Units of length in em, at a font size of 10 points."""

_PRINT_EM = 0.75
"""The em in ziamath's unit: ziamath's em is a third larger than the font size."""
_ROOM_IN_ROOT = {"width": "0em", "height": "0.56em"}
"""Keeps the bar of an inline root away from a small letter; browsers leave almost no space there."""

_FRACTION_ROOM = 3 / 18
"""The space that ziamath leaves around a fraction, in its own em."""

_OFF_AXIS = "⋀⋁⋂⋃⨀⨁⨂⨄⨆"
"""Signs whose large glyphs sit on the baseline and must be lowered to the axis of the equation."""


class _Style(NamedTuple):
    """How TeX sets a part: displayed or inline, and how deep in indices."""

    is_displayed: bool
    level: int


class _Table(NamedTuple):
    """How a kind of table is set: minimum height and depth of a row, gaps between columns and rows, in em."""

    height: float
    depth: float
    columns: str
    rows: float


_TABLES = {
    "aligned": _Table(0.75, 0.3, "0 2", 0.4),
    "cases": _Table(0.75, 0.3, "1", 0.15),
    "matrix": _Table(0.75, 0.3, "0.9", 0.15),
    "small": _Table(0.7, 0.2, "0.6", 0.1),
}


def mended(tree: Element, is_displayed: bool, names: dict[str, tuple[str, bool]]) -> Element:
    """The corrected tree of latex2mathml, the input of `for_page` and `for_print`.

    `names` has the name of each operator and whether its limits go below it, by the stand-in character.

    Raises ValueError when \\not is used with a sign that has no negated form.
    """
    for element in tree.iter():
        _mend_leaf(element, names)
    for element in list(tree.iter()):
        _mend_accent(element)
        _mend_arrow(element)
        _join_negations(element)
        _wrap_fences(element)
    for element in tree.iter():
        _mend_delimiters(element)
    _set(tree, _Style(is_displayed, 0))
    _mend_tables(tree)
    for element in tree.iter():
        element.attrib.pop(ATOM, None)
        _drop_empty(element)
    tree.set("display", "block" if is_displayed else "inline")
    return tree


def _drop_empty(parent: Element) -> None:
    """Removes elements without a sign, such as the fence of \\left., or empties them where an element is required."""
    for child in list(parent):
        if child.tag in ("mi", "mo", "mtext") and not child.text:
            if parent.tag in _ROWS:
                parent.remove(child)
            else:
                child.tag, child.attrib = "mrow", {}


def _mend_leaf(element: Element, names: dict[str, tuple[str, bool]]) -> None:
    if element.tag == "mspace":
        element.attrib.update({name: _length(value) for name, value in element.attrib.items() if name != "linebreak"})
    if element.tag not in ("mi", "mo", "mn", "mtext"):
        return
    if element.text == "&#x0003A;":  # \colon is punctuation; a plain colon is a relation
        element.set(ATOM, "punct")
    text = unescape(element.text or "")
    if text in names:
        text, has_limits = names[text]
        element.tag = "mo" if has_limits else "mi"
    if element.tag == "mo" and text == "*":
        text = "∗"
    if element.tag in ("mi", "mo") and len(text) == 1 and class_of(text) != "ord":
        element.tag = "mo"
    if text == "mod":
        element.set(ATOM, "bin" if element.tag == "mo" else "ord")
        element.tag = "mi"
    _mend_letters(element, text)


def _mend_letters(element: Element, text: str) -> None:
    alphabet = element.attrib.pop("mathvariant", "")
    element.text = in_alphabet(text, alphabet)
    if element.tag == "mi" and (alphabet == "normal" or (not alphabet and is_upright(text))):
        element.set("mathvariant", "normal")


def _length(value: str) -> str:
    """A length in em."""
    value = _SPACES.get(value, value)
    number, unit = value[:-2], value[-2:]
    try:
        return f"{float(number) * _EMS[unit]:.3f}em"
    except (KeyError, ValueError):
        raise ValueError(f"{value} is not a length; write one in em, such as 0.5em") from None


def _mend_accent(element: Element) -> None:
    """Decides by latex2mathml's attributes whether an accent is as wide as a letter or stretches."""
    if element.tag not in ("mover", "munder") or len(element) != 2 or element[1].tag != "mo":
        return
    mark = element[1]
    char = mark.text or ""
    is_wide = {
        "^": element.get("accent") != "true",
        "~": mark.get("stretchy") != "false",
        "→": mark.get("stretchy") != "true",
    }.get(char, char in _WIDE)
    known = _WIDE if is_wide else {**_NARROW, "→": "→"}
    if char not in known:
        return
    mark.text = known[char] if element.tag == "mover" or char != "―" else "_"
    mark.attrib = {"stretchy": str(is_wide).lower(), ATOM: "ord"}
    is_small = element.tag == "munder" or (char == "→" and not is_wide)
    element.attrib = {ATOM: "ord"} if is_small else {"accent": "true", ATOM: "ord"}


def _mend_arrow(element: Element) -> None:
    """Makes an arrow as long as its label, by stretching it over an invisible copy of the label."""
    if element.tag not in ("mover", "munderover") or len(element[0]) != 1 or element[0][0].tag != "mo":
        return
    style, *labels = list(element)
    if style.tag != "mstyle" or any(label.tag != "mpadded" for label in labels):
        return
    for label in labels:
        label.tag, label.attrib = "mrow", {}
        label.remove(label[-1])
        for at in (0, len(label)):
            label.insert(at, Element("mspace", {"width": "0.4em"}))
    longest = max(labels, key=lambda label: len("".join(label.itertext())))
    shaft = Element("mover", {"accent": "true"})
    room = SubElement(shaft, "mpadded", {"height": "0em", "depth": "0em"})
    small = SubElement(room, "mstyle", {"displaystyle": "false", "scriptlevel": "1"})
    SubElement(small, "mphantom").extend(deepcopy(list(longest)))
    SubElement(shaft, "mo", {"stretchy": "true", ATOM: "ord"}).text = style[0].text
    element[0] = shaft
    element.set(ATOM, "rel")


def _join_negations(row: Element) -> None:
    children = list(row)
    for stroke, negated in zip(children, children[1:], strict=False):
        if stroke.tag == "mpadded" and "".join(stroke.itertext()) == NEGATION:
            joined = unicodedata.normalize("NFC", f"{negated.text}\u0338")
            if len(joined) != 1:
                raise ValueError(f"\\not cannot be used before {negated.text or 'a group'}")
            negated.text = joined
            row.remove(stroke)


def _wrap_fences(row: Element) -> None:
    """Puts a matrix or binomial and its fences in a row of their own, so that the fences grow only as tall as it is."""
    children = list(row)
    for left, inner, right in zip(children, children[1:], children[2:], strict=False):
        is_matrix = inner.tag == "mtable" and not left.attrib and not right.attrib
        is_binomial = inner.tag == "mfrac" and inner.get("linethickness") == "0" and "minsize" in left.attrib
        if (is_matrix or is_binomial) and left.tag == right.tag == "mo":
            wrapped = Element("mrow", {ATOM: "inner"})
            row.insert(list(row).index(left), wrapped)
            for part in (left, inner, right):
                row.remove(part)
                wrapped.append(part)
            left.attrib = {"stretchy": "true", "fence": "true", "form": "prefix"}
            right.attrib = {"stretchy": "true", "fence": "true", "form": "postfix"}


def _mend_delimiters(element: Element) -> None:
    """Makes operators stretch only where LaTeX does: the fences of \\left, \\right, and \\big, and wide accents."""
    if element.tag == "mrow" and len(element) and element[0].get("form") == "prefix":
        element.set(ATOM, "inner")
    if element.text == "~" and ATOM not in element.attrib:  # \sim; an accent already has a class
        element.tag, element.text = "mo", "∼"
    if element.tag != "mo":
        return
    given = element.attrib
    sizes: dict[str, str] = {name: given[name] for name in ("minsize", "maxsize") if name in given}
    is_fence, is_accent = given.get("fence") == "true", ATOM in given
    is_stretchy = bool(sizes) or (given.get("stretchy") == "true" and (is_fence or is_accent))
    element.attrib = {"stretchy": str(is_stretchy).lower(), "lspace": "0em", "rspace": "0em", **sizes}
    if is_fence and not sizes:
        element.set(ATOM, {"prefix": "open", "postfix": "close"}.get(given.get("form", ""), "ord"))
    elif is_accent:
        element.set(ATOM, given[ATOM])
    if element.text and class_of(element.text) == "op":
        element.set("movablelimits", "false")


def _set(element: Element, style: _Style) -> None:
    """Computes the style of each part, and from it the placement of limits and the spaces."""
    if element.tag == "mstyle":
        shown = element.get("displaystyle", str(style.is_displayed).lower()) == "true"
        style = _Style(shown, int(element.get("scriptlevel", style.level)))
    if element.tag == "mo" and len(element.text or "") == 1 and "movablelimits" in element.attrib:
        element.set("largeop", str(style.is_displayed).lower())
    if element.tag == "mfrac":
        element.set("displaystyle", str(style.is_displayed).lower())
    if element.tag in _SCRIPTS and style.is_displayed and _has_limits(element[0]):
        element.tag = _LIMITS[element.tag]
    for index, child in enumerate(element):
        _set(child, _inner_style(element, index, style))
    if element.tag in _ROWS:
        set_spaces(element, style.level)


def _has_limits(nucleus: Element) -> bool:
    text = nucleus.text or ""
    return nucleus.tag == "mo" and class_of(text) == "op" and text not in _INTEGRALS


def _inner_style(element: Element, index: int, style: _Style) -> _Style:
    if element.tag == "mfrac":
        return _Style(False, style.level if style.is_displayed else style.level + 1)
    if element.tag == "mtable":
        return _Style(element.get("displaystyle") == "true", style.level)
    is_script = element.tag in _SCRIPTS or element.tag in _LIMITS.values()
    return _Style(False, style.level + 1) if is_script and index else style


def _mend_tables(tree: Element) -> None:
    for parent in list(tree.iter()):
        for table in parent.findall("mtable"):
            kind = _kind(table, parent)
            table.attrib = {"class": kind} | ({"displaystyle": "true"} if kind == "aligned" else {})
            for row in table.findall("mtr[mtd]"):
                size = {"width": "0em", "height": f"{_TABLES[kind].height}em", "depth": f"{_TABLES[kind].depth}em"}
                row[0].insert(0, Element("mspace", size))


def _kind(table: Element, parent: Element) -> str:
    if table.get("displaystyle") == "true":
        return "aligned"
    if parent.tag == "mstyle" and parent.get("scriptlevel") == "1":
        return "small"
    is_cases = parent.tag == "mrow" and len(parent) == 2 and parent[0].text == "{"
    return "cases" if is_cases else "matrix"


def for_page(tree: Element) -> Element:
    """The tree as MathML Core. Classes mark the alignment of columns for the style sheet."""
    tree = deepcopy(tree)
    for element in list(tree.iter()):
        if element.tag == "mfrac":
            del element.attrib["displaystyle"]
        if element.tag == "msqrt" or (element.tag == "mroot" and element[0].tag == "mrow"):
            root = element if element.tag == "msqrt" else element[0]
            root.insert(0, Element("mspace", _ROOM_IN_ROOT))
        if element.tag == "mspace" and element.get("width", "").startswith("-"):
            element.set("style", f"margin-left:{element.attrib.pop('width')}")  # browsers ignore negative widths
        side = element.attrib.pop("columnalign", "center")
        if side != "center":
            element.set("class", side)
    return tree


def for_print(tree: Element) -> Element:
    """The tree in a form that ziamath draws correctly."""
    tree = deepcopy(tree)
    tree.attrib.pop("xmlns", None)
    for element in list(tree.iter()):
        _print_leaf(element)
        _print_style(element)
        if element.tag == "mtable":
            _print_table(element)
    for element in list(tree.iter()):
        _print_room(element)
    for element in tree.iter():
        for name in ("width", "height", "depth", "voffset", "minsize", "maxsize", "rowspacing", "columnspacing"):
            if name in element.attrib:
                element.set(name, " ".join(_print_length(part) for part in element.attrib[name].split()))
    return tree


def _print_leaf(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mi" and len(text) == 1 and element.get("mathvariant") != "normal":
        element.text = italic(text)
    if element.tag in ("mi", "mo") and len(text) > 1:
        element.tag = "mtext"
    if element.tag == "mtext":  # ziamath draws a hyphen as a line
        element.text = (element.text or "").replace("-", "‐")
        element.set("mathvariant", "normal")
    if element.tag == "mn":
        element.set("mathvariant", "normal")
    if element.tag in ("mi", "mo"):
        element.attrib.update({"lspace": "0em", "rspace": "0em", "stretchy": element.get("stretchy", "false")})


def _print_style(element: Element) -> None:
    """Sets what ziamath does not inherit, and keeps it from widening accents that do not stretch."""
    is_script = element.tag in _SCRIPTS or element.tag in _LIMITS.values()
    inner = list(element) if element.tag == "mfrac" else list(element)[1:] if is_script else []
    for child in inner:
        child.attrib.setdefault("displaystyle", "false")
        if is_script and child.tag == "mo" and child.get("stretchy") != "true":
            child.tag = "mi"
        child.text = {"‾": "―", "_": "―", "~": "\u0303", "˜": "~"}.get(child.text or "", child.text)


def _print_table(table: Element) -> None:
    kind = table.attrib.pop("class")
    columns, rows = (_TABLES[kind].columns.split(), _TABLES[kind].rows)
    table.attrib.setdefault("displaystyle", "false")
    for row in table:  # set on the cells, it would make ziamath indent the table
        row.set("columnalign", " ".join(cell.attrib.pop("columnalign", "center") for cell in row))
    table.set("columnspacing", " ".join(f"{width}em" for width in columns))
    table.set("rowspacing", f"{rows}em")


def _print_room(parent: Element) -> None:
    """Removes the space that ziamath leaves around fractions, and centers the signs that it does not center."""
    for index, child in enumerate(parent):
        if child.tag == "mfrac":
            width = _FRACTION_ROOM if child.get("displaystyle") == "true" else _FRACTION_ROOM * 0.7
            parent[index] = Element("mpadded", {"width": f"-{width / _PRINT_EM:.3f}em"})
        elif child.get("largeop") == "true" and (child.text or "") in _OFF_AXIS:
            parent[index] = Element("mpadded", {"voffset": "-0.533em", "height": "1.01em", "depth": "0.49em"})
        if parent[index] is not child:
            parent[index].append(child)


def _print_length(length: str) -> str:
    return f"{float(length.removesuffix('em')) * _PRINT_EM:.4f}em"
