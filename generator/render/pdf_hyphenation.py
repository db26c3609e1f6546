"""Lines that end in a hyphen: at most two of them follow each other, as typographers ask.

WeasyPrint 70 does not know hyphenate-limit-lines (CSS Text Level 4, 6.3.3), so what it does for each line is wrapped:
the line after two hyphenated ones is broken between words. A word that its author wrote with a hyphen may still end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_LINES = 2  # that end in a hyphen, one after the other


@contextmanager
def hyphens_limited() -> Iterator[None]:
    """While it lasts, WeasyPrint hyphenates at most MAX_LINES lines of a paragraph in a row."""
    from weasyprint.layout import inline

    next_line, split = inline.get_next_linebox, inline.split_first_line
    is_limited = False

    def get_next_linebox(context: Any, paragraph: Any, position_y: float, bottom: float, start: Any, *more: Any) -> Any:
        nonlocal is_limited
        around = is_limited  # of the line that this one is in, where a block is part of a line
        # A paragraph may be set again, from any of its lines: what is known of a line is under where it starts.
        before = vars(paragraph).setdefault("hyphenated_before", {})
        count = before.get(str(start), 0)
        is_limited = count >= MAX_LINES
        line, following = next_line(context, paragraph, position_y, bottom, start, *more)
        is_limited = around
        before[str(following)] = count + 1 if line and _ends_in_hyphen(line) else 0
        return line, following

    def split_first_line(text: str, style: Any, *more: Any, **named: Any) -> Any:
        if is_limited and style["hyphens"] == "auto":
            style = style.copy()
            style["hyphens"] = "manual"
        return split(text, style, *more, **named)

    inline.get_next_linebox, inline.split_first_line = get_next_linebox, split_first_line
    try:
        yield
    finally:
        inline.get_next_linebox, inline.split_first_line = next_line, split


def _ends_in_hyphen(line: Any) -> bool:
    """Whether the last text of a line ends in the sign that the style has for hyphens."""
    texts = [box for box in line.descendants() if hasattr(box, "text")]
    return bool(texts and texts[-1].text.endswith(texts[-1].style["hyphenate_character"]))
