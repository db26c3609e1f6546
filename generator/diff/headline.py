"""The results that the text of an edition states, which readers look for first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generator.diff.numbers import Quantities, move_of, quantities, quantity_of
from generator.records.article import ABSTRACT, Paragraph
from generator.records.difference import Move, Moved
from generator.records.document import Document

_NAMED = re.compile(r"\{([^{}]+)\}")
_LEFT_OUT: tuple[Move, ...] = ("unchanged", "not judged")


def headline(before: Document, after: Document) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """The results that the abstract of `after` states, changed or not, and those stated elsewhere that changed.

    Times stated elsewhere are left out, since they nearly always change. Both are in the order of the text, and empty
    if `after` does not contain it.
    """
    old, new = quantities(before.values), quantities(after.values)
    paragraphs = after.text.paragraphs if after.text else ()
    first = list(dict.fromkeys(_names_in((one for one in paragraphs if one.section == ABSTRACT), new)))
    others = [name for name in dict.fromkeys(_names_in(paragraphs, new)) if name not in first]
    abstract, text = ([move_of(name, old, new) for name in names] for names in (first, others))
    return tuple(abstract), tuple(one for one in text if one.move not in _LEFT_OUT)


def _names_in(paragraphs: Iterable[Paragraph], known: Quantities) -> Iterator[str]:
    """The names of the quantities that the paragraphs state."""
    for paragraph in paragraphs:
        for name in _NAMED.findall(paragraph.text):
            yield from (one for one in dict.fromkeys((name, quantity_of(name))) if one in known)
