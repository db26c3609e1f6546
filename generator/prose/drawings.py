"""Refuses an author's SVG file if it has scripts, external content, or text.

A browser neither runs scripts nor loads external content in a picture, but does both if a reader saves the picture and
opens it as a file. Text would be set in the fonts that a machine happens to have. A picture without a size is also
refused, because the page and the PDF would choose different sizes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from generator.core.errors import Place, ReportError

_SVG, _XHTML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"
_REFUSED = {"script", "foreignobject", "handler", "listener", "animate", "set", "text"}
"""Elements that run code, that can set code to run, or that are text; their names in lower case."""

_PICTURE = re.compile(r"\s*(#|data:image/(png|jpeg|gif|webp);base64,)")
_LENGTH = re.compile(r"\s*\+?(\d+\.?\d*|\.\d+)(px|pt|pc|mm|cm|in)?\s*")
_ELSEWHERE = re.compile(r"\\|@import|image-set|url\(\s*['\"]?(?!#|data:image/)", re.IGNORECASE)
MAX_DEPTH = 100  # levels of nested elements
NEXT = "Save it as a plain SVG file, with text as paths, or convert it to PNG."


class _RefusedError(Exception):
    """What is wrong with a drawing, as the end of a sentence."""


def check_drawing(content: bytes, address: str, place: Place) -> None:
    """Raises ReportError for an SVG file that is damaged, has no size, or contains something that is refused."""
    try:
        _Reader().read(content)
    except _RefusedError as fault:
        raise ReportError(f"The image {address} {fault}.", place, NEXT) from None
    except (expat.ExpatError, ValueError, LookupError):
        raise ReportError(f"The image {address} is damaged.", place, "Save it again, or replace it.") from None


class _Reader:
    """Reads a drawing once, as a stream, because its tree may be nested to any depth."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._style: list[str] = []
        parser = self._parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._text, self._document_type
        parser.ProcessingInstructionHandler = self._instruction

    def read(self, content: bytes) -> None:
        """Reads the file. Raises _RefusedError, or ExpatError when it is not XML."""
        self._parser.Parse(content, True)

    def _document_type(self, name: str, system: str | None, public: str | None, has_internal_subset: bool) -> None:
        if has_internal_subset:  # entities could make it grow without bounds
            raise _RefusedError("declares entities")

    def _instruction(self, target: str, data: str) -> None:
        raise _RefusedError(f"contains <?{target}>")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        if not self._open:
            _check_root(space, name, attributes)
        if space == _XHTML or name.lower() in _REFUSED:
            raise _RefusedError(f"contains <{name}>")
        for attribute, value in attributes.items():
            if space == _SVG:  # metadata in other namespaces may contain addresses, as of a license
                _check_attribute(attribute.rpartition(" ")[2].lower(), value)
        self._open.append(name.lower())
        if len(self._open) > MAX_DEPTH:
            raise _RefusedError(f"has elements more than {MAX_DEPTH} deep")

    def _text(self, text: str) -> None:
        if "style" in self._open:
            self._style.append(text)

    def _end(self, tag: str) -> None:
        if self._open.pop() == "style" and _ELSEWHERE.search("".join(self._style)):
            raise _RefusedError("refers to something outside it")


def _check_root(space: str, name: str, attributes: Mapping[str, str]) -> None:
    if (space, name) != (_SVG, "svg"):
        raise _RefusedError("is not an SVG file")
    box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
    sides = box[2:] if len(box) == 4 else [attributes.get(side, "") for side in ("width", "height")]
    lengths = [_LENGTH.fullmatch(side) for side in sides]
    if not all(length and float(length[1]) > 0 for length in lengths):
        raise _RefusedError("has no size: neither a viewBox nor a width and a height")


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on") or name == "base":
        raise _RefusedError(f"has the attribute {name}")
    if name == "href":
        if not _PICTURE.match(value):
            raise _RefusedError(f"refers to {value[:60]}")
    elif _ELSEWHERE.search(value):
        raise _RefusedError("refers to something outside it")
