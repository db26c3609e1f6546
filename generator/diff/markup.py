"""Reads the markup of a page that may come from anyone, within limits that our own pages stay below.

The time that Python's parser takes can grow with the square of unclosed markup, and it fails at unusual numbers and
declarations.
"""

from __future__ import annotations

from html.parser import HTMLParser

from generator.core.formatting import integer
from generator.core.reading import MIB

MAX_PAGE_CHARACTERS = 64 * MIB
MAX_UNCLOSED_CHARACTERS = 10_000
"""Limit for a tag or comment without an end: the parser reads the text after it again and again."""

MAX_DEPTH = 512
"""The deepest nesting of elements; browsers do not nest more deeply."""


class MarkupError(ValueError):
    """A page cannot be read; the text says why."""


def read_markup(parser: HTMLParser, page: str) -> None:
    """Feeds a whole page to `parser`. Raises MarkupError for a page that exceeds the limits or is damaged."""
    if len(page) > MAX_PAGE_CHARACTERS:
        raise MarkupError(f"it has more than {integer(MAX_PAGE_CHARACTERS)} characters")
    try:
        parser.feed(page)
        if len(parser.rawdata) > MAX_UNCLOSED_CHARACTERS:
            what = f"more than {integer(MAX_UNCLOSED_CHARACTERS)} characters follow a tag or a comment without an end"
            raise MarkupError(what)
        parser.close()
    except MarkupError:
        raise
    except (AssertionError, ValueError) as error:  # from a declaration, or from a character's number
        raise MarkupError(f"its markup is damaged: {error}") from None


def check_depth(depth: int) -> None:
    """Raises MarkupError if elements are nested more deeply than `MAX_DEPTH`."""
    if depth > MAX_DEPTH:
        raise MarkupError(f"it has more than {integer(MAX_DEPTH)} elements inside each other")
