"""Reads the markup of a page that anyone may have written, within limits that any page of ours keeps.

Python's parser takes time that grows with the square of what a page opens and never closes, and fails at numbers and
declarations that are out of the ordinary.
"""

from __future__ import annotations

from html.parser import HTMLParser

from generator.core.formatting import integer
from generator.core.reading import MIB

MAX_PAGE_CHARACTERS = 64 * MIB
MAX_UNCLOSED_CHARACTERS = 10_000
"""Of a tag or a comment without an end: what follows it is read again from each of its signs."""

MAX_DEPTH = 512
"""So many elements may be inside each other; browsers nest no deeper."""


class MarkupError(ValueError):
    """A page is not read; the text says why."""


def read_markup(parser: HTMLParser, page: str) -> None:
    """Lets `parser` read a whole page. Raises MarkupError for one that is out of all proportion, or damaged."""
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
    except (AssertionError, ValueError) as error:  # of a declaration, and of a character's number
        raise MarkupError(f"its markup is damaged: {error}") from None


def check_depth(depth: int) -> None:
    """Raises MarkupError for so many elements inside each other."""
    if depth > MAX_DEPTH:
        raise MarkupError(f"it has more than {integer(MAX_DEPTH)} elements inside each other")
