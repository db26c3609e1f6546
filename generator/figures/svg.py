"""Prepares Matplotlib's SVG for inclusion in a page.

Black becomes the color of the surrounding text, so that a chart is readable on light and on dark pages. Text uses the
page's typeface. Styles become attributes, because a style sheet would apply to the whole page, and WeasyPrint would
read style attributes as CSS. Ids without references are removed, since an id may occur only once in a page; those that
remain are digests that include the chart's name (Matplotlib's svg.hashsalt). Metadata, groups without a purpose,
whitespace, and digits too small to see are removed as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

NAMESPACE = "http://www.w3.org/2000/svg"
FACE = "'Source Sans', sans-serif"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"#(\w+)")
_DECIMAL = re.compile(r"-?\d+\.\d+")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")


def inline(drawn: bytes, alt: str) -> bytes:
    """The <svg> element to put into a page, with `alt` as its title."""
    root = ElementTree.fromstring(drawn)
    _remove_foreign(root)
    referred = set(_references(root))
    for element in root.iter():
        _adapt(element, referred)
    _prune(root)
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update({"xmlns": NAMESPACE, "viewBox": box, "role": "img", "fill": "currentColor"})
    root.attrib.update({"font-family": FACE, "stroke-linejoin": "round"})
    title = Element("title")
    title.text, title.tail = alt, "\n"
    root.insert(0, title)
    return ElementTree.tostring(root)


def _remove_foreign(root: Element) -> None:
    for child in list(root):
        if child.tag == f"{{{NAMESPACE}}}metadata" or child.find(f"{{{NAMESPACE}}}style") is not None:
            root.remove(child)


def _references(root: Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == _LINK or "url(" in value:
                yield from _REFERENCE.findall(value)


def _adapt(element: Element, referred: set[str]) -> None:
    element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    if element.attrib.get("id") not in referred:
        element.attrib.pop("id", None)
    link = element.attrib.pop(_LINK, "")
    if link.startswith(("#", "data:image/")):  # an author's line may have another address, which is dropped
        element.attrib["href"] = link
    for name, value in _declarations(element.attrib.pop("style", "")):
        if name != "font-family":
            element.attrib[name] = value.replace("#000000", "currentColor")
    for name, value in element.attrib.items():
        if name not in ("id", "href"):
            element.attrib[name] = _shortened(value)
    if element.attrib.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]


def _prune(element: Element) -> None:
    """Removes what is invisible: whitespace between elements, paths without ink, and groups without attributes."""
    children: list[Element] = []
    for child in element:
        _prune(child)
        child.tail = None
        if child.tag == "g" and not child.attrib:
            children += child
        elif child.tag != "path" or child.get("fill") != "none" or {"stroke", "id"} & child.attrib.keys():
            children.append(child)
    if children or len(element):
        element.text = None
    element[:] = children


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    for declaration in filter(None, style.split(";")):
        name, _, value = declaration.partition(":")
        yield name.strip(), value.strip()


def _shortened(value: str) -> str:
    """A value with its numbers to a hundredth of a unit, and without spaces around the commands of a path."""
    value = _DECIMAL.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value)
    return _COMMAND.sub(r"\1", value) if re.match(r"M\s", value) else value
