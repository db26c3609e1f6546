"""The results that the text of an edition states, which readers look for first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generator.diff.numbers import Quantities, move_of, quantities
from generator.records.article import ABSTRACT, Paragraph
from generator.records.difference import Move, Moved
from generator.records.document import Document

_NAMED = re.compile(r"\{([^{}]+)\}")
_PART_OF_QUANTITY = re.compile(r"\.(?:mean|low|high|replicate\.[0-9]{1,9})$")
_NO_NEWS: tuple[Move, ...] = ("unchanged", "not judged")


def headline(before: Document, after: Document) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """The results that the abstract of `after` states, changed or not, and those that changed and are stated elsewhere.

    Both are in the order of the text, and empty if `after` does not contain it.
    """
    old, new = quantities(before.values), quantities(after.values)
    paragraphs = after.text.paragraphs if after.text else ()
    first = list(dict.fromkeys(_stated((one for one in paragraphs if one.section == ABSTRACT), new)))
    others = [name for name in dict.fromkeys(_stated(paragraphs, new)) if name not in first]
    abstract, text = ([move_of(name, old, new) for name in names] for names in (first, others))
    return tuple(abstract), tuple(one for one in text if one.move not in _NO_NEWS)


def _stated(paragraphs: Iterable[Paragraph], known: Quantities) -> Iterator[str]:
    """The names of the quantities that the paragraphs state."""
    for paragraph in paragraphs:
        for name in _NAMED.findall(paragraph.text):
            yield from (one for one in dict.fromkeys((name, _PART_OF_QUANTITY.sub("", name))) if one in known)
