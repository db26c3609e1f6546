"""Limits hyphenation: at most two consecutive lines end in a hyphen, and a paragraph's last word is not divided.

WeasyPrint 70 supports neither hyphenate-limit-lines nor hyphenate-limit-last (CSS Text Level 4, 6.3.3), so its handling
of each line is wrapped: the line after two hyphenated ones is broken between words, and so is one whose hyphen would
leave only the end of a word for the next line. A word that its author wrote with a hyphen may still end a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile
from typing import Any

MAX_LINES = 2  # the most consecutive lines that end in a hyphen


@contextmanager
def hyphens_limited() -> Iterator[None]:
    """Makes WeasyPrint hyphenate at most MAX_LINES consecutive lines of a paragraph, and never its last word."""
    from weasyprint.layout import inline

    next_line, split_box, split = inline.get_next_linebox, inline.split_text_box, inline.split_first_line
    is_limited, current = False, None  # the second is the paragraph that is being typeset

    def get_next_linebox(context: Any, paragraph: Any, position_y: float, bottom: float, start: Any, *more: Any) -> Any:
        nonlocal is_limited, current
        outer = is_limited, current  # those of the enclosing line, if a block is part of a line
        # A paragraph may be typeset again from any of its lines, so counts are stored by where a line starts.
        before = vars(paragraph).setdefault("hyphenated_before", {})
        count = before.get(str(start), 0)
        is_limited, current = count >= MAX_LINES, paragraph
        line, following = next_line(context, paragraph, position_y, bottom, start, *more)
        is_limited, current = outer
        before[str(following)] = count + 1 if line and _ends_in_hyphen(line) else 0
        return line, following

    def split_text_box(context: Any, box: Any, width: float, skip: int, *more: Any, **named: Any) -> Any:
        nonlocal is_limited
        divided = text, following, _ = split_box(context, box, width, skip, *more, **named)
        if is_limited or not (text and following and _is_hyphenated(text)) or not _is_word(current, box, following):
            return divided
        is_limited = True
        whole = split_box(context, box, width, skip, *more, **named)
        is_limited = False
        return whole

    def split_first_line(text: str, style: Any, *more: Any, **named: Any) -> Any:
        if is_limited and style["hyphens"] == "auto":
            style = style.copy()
            style["hyphens"] = "manual"
        return split(text, style, *more, **named)

    inline.get_next_linebox, inline.split_text_box, inline.split_first_line = (
        get_next_linebox,
        split_text_box,
        split_first_line,
    )
    try:
        yield
    finally:
        inline.get_next_linebox, inline.split_text_box, inline.split_first_line = next_line, split_box, split


def _ends_in_hyphen(line: Any) -> bool:
    texts = _texts(line)
    return bool(texts and _is_hyphenated(texts[-1]))


def _is_hyphenated(text: Any) -> bool:
    """Whether a text in a line ends with the hyphen character of its style."""
    return bool(text.text.endswith(text.style["hyphenate_character"]))


def _is_word(paragraph: Any, box: Any, start: int) -> bool:
    """Whether the rest of a paragraph, from a byte of one of its texts on, is a single word or the end of one."""
    following = "".join(each.text for each in dropwhile(lambda each: each is not box, _texts(paragraph)))
    return len(following.encode()[start:].split()) == 1


def _texts(box: Any) -> list[Any]:
    """The texts in a box of WeasyPrint, in order."""
    return [each for each in box.descendants() if hasattr(each, "text")]
