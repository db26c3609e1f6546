"""Makes HTML from another page safe to include: keeps only what draws, and nothing that runs or loads anything.

An edition may come from anywhere. The output is built from a list of known elements and attributes, so that anything
unknown is left out: no script, no style sheet, and no address except that of a picture inside the page.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from generator.diff.markup import check_depth, read_markup

VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_TEXT = {
    "a", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "data", "dd", "del", "div", "dl", "dt",
    "em", "figcaption", "hr", "i", "img", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "wbr",
}  # fmt: skip
_SWITCH = {"fieldset", "input", "label", "legend"}
"""A choice between two pictures, which needs no script; of inputs, only radio buttons are kept."""

_MATH = {
    "math", "menclose", "merror", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
    "mphantom", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
    "mtext", "mtr", "munder", "munderover", "semantics",
}  # fmt: skip
_DRAWING = {
    "circle", "clippath", "defs", "desc", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "svg",
    "text", "title", "tspan", "use",
}  # fmt: skip
_KNOWN = _TEXT | _SWITCH | _MATH | _DRAWING
_ATTRIBUTES = {
    "alt", "aria-hidden", "aria-label", "class", "clip-path", "colspan", "cx", "cy", "d", "display", "fill",
    "fill-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "href", "id", "opacity",
    "points", "r", "role", "rowspan", "rx", "ry", "scope", "src", "stroke", "stroke-dasharray", "stroke-dashoffset",
    "stroke-linecap", "stroke-linejoin", "stroke-opacity", "stroke-width", "text-anchor", "transform", "viewbox",
    "width", "x", "x1", "x2", "y", "y1", "y2", "xmlns", "lang",
    "accent", "depth", "displaystyle", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize",
    "movablelimits", "rspace", "scriptlevel", "stretchy",
}  # fmt: skip
_DROPPED = {
    "script", "style", "template", "noscript", "iframe", "object", "audio", "video", "select", "button", "textarea",
}  # fmt: skip
"""Elements that are left out with their content. Of other unknown elements, only the tags are left out."""

_CHOICE = {"type", "name", "value", "checked"}
"""Attributes of radio buttons."""

_SAID = {"alt", "aria-label"}
"""Attributes that are read but never drawn: a backslash in them belongs to a formula."""

_HIDDEN = "visually-hidden"
"""The class of text that replaces a figure for readers who cannot see it."""

_LIVE = "live"
"""The class of elements that only work with a page's script."""

_UNWRAPPED = {"a", "data"}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_OWN = re.compile(r"(url\(#|#)([\w.:-]+)(\)?)")


def safe(html: str, prefix: str) -> str:
    """The same picture, with `prefix` before each ID and each switch's name, so that one page can contain two.

    Raises MarkupError as `read_markup` does.
    """
    writer = _Writer(prefix)
    read_markup(writer, html)
    return writer.written()


def figures(page: str, prefix: str = "", has_captions: bool = True) -> dict[str, str]:
    """The charts and pictures of a page by their IDs, each made safe; tables and listings are left out.

    Elements that need the page's script are left out, and, without captions, also text that describes a figure. Raises
    MarkupError as `read_markup` does.
    """
    reader = _Figures(prefix, has_captions)
    read_markup(reader, page)
    return reader.found


class _Writer(HTMLParser):
    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self._parts: list[str] = []
        self._open: list[str] = []
        self._dropped: list[str] = []

    def written(self) -> str:
        """Everything that was kept; elements that the page left open are closed."""
        return "".join(self._parts) + "".join(f"</{tag}>" for tag in reversed(self._open))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED or (tag == "pre" and ("class", "log") in attrs) or self._dropped[-1:] == [tag]:
            self._dropped.append(tag)
        if self._dropped or tag not in _KNOWN - _UNWRAPPED or (tag == "input" and ("type", "radio") not in attrs):
            return
        allowed = _ATTRIBUTES | _CHOICE if tag == "input" else _ATTRIBUTES
        kept = ((name, self._value(name, value or "")) for name, value in attrs if name in allowed)
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept if value is not None)
        self._parts.append(f"<{tag}{written}>")
        if tag not in VOID:
            self._open.append(tag)
            check_depth(len(self._open))

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.pop()
            return
        if tag in self._open:
            while (opened := self._open.pop()) != tag:
                self._parts.append(f"</{opened}>")
            self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self._parts.append(escape(data))

    def _value(self, name: str, value: str) -> str | None:
        """The value in its safe form; None leaves the attribute out."""
        if name in ("id", "name"):
            return self._prefix + value
        if name == "src":
            return value if _PICTURE.fullmatch(value) else None
        # In what is drawn, CSS recognizes addresses in upper or lower case, and with escapes.
        if name == "href" or "url(" in value.lower() or ("\\" in value and name not in _SAID):
            own = _OWN.fullmatch(value.strip())
            return f"{own[1]}{self._prefix}{own[2]}{own[3]}" if own else None
        return value


class _Figures(_Writer):
    """Writes each figure of a page separately, and nothing around it."""

    def __init__(self, prefix: str, has_captions: bool) -> None:
        super().__init__(prefix)
        self.found: dict[str, str] = {}
        self._has_captions = has_captions
        self._name: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if tag == "figure":
            self._name = given.get("id") if "figure" in classes else None
            self._parts, self._open, self._dropped = [], [], []
        elif self._name is not None and not self._dropped and self._is_left_out(tag, classes):
            self._dropped.append(tag)
        elif self._name is not None:
            super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure" and self._name is not None:
            self.found[self._name] = self.written()
            self._name = None
        elif self._name is not None:
            super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._name is not None:
            super().handle_data(data)

    def _is_left_out(self, tag: str, classes: list[str]) -> bool:
        return _LIVE in classes or (not self._has_captions and (tag == "figcaption" or _HIDDEN in classes))
