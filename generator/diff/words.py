"""What changed in a text, word by word: paragraphs are matched first, and then the words of those that differ.

Python's difflib does the matching. One or two equal words within a rewritten passage count as part of it, since
one change is easier to read than many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from generator.records.article import Paragraph
from generator.records.difference import Passage, Piece

SHORTEST = 3
"""How many equal words separate two changes; with fewer, they are one."""

AROUND = 2
"""How many lines of a listing are shown before and after a change."""

PARAGRAPH = "\n\n"
_WORDS = re.compile(r"\n\n|\S+")

Range = tuple[str, int, int, int, int]


def passages(before: Sequence[Paragraph], after: Sequence[Paragraph]) -> Iterator[Passage]:
    """The paragraphs that changed, each run of them as one passage."""
    old, new = [paragraph.text for paragraph in before], [paragraph.text for paragraph in after]
    for tag, start, end, first, last in _matched(old, new):
        if tag != "equal":
            section = after[first].section if last > first else before[start].section
            yield Passage(section, _word_pieces(PARAGRAPH.join(old[start:end]), PARAGRAPH.join(new[first:last])))


def code_passages(name: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Passage]:
    """The lines of a listing that changed, with those around them."""
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND):
        yield Passage(name, tuple(_pieces(group, before, after, "\n".join)))


def _matched(before: Sequence[str], after: Sequence[str]) -> list[Range]:
    return list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())


def _word_pieces(before: str, after: str) -> tuple[Piece, ...]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    ranges = _without_short_ones(_matched(old, new))
    return tuple(_pieces(ranges, old, new, _joined))


def _without_short_ones(ranges: Sequence[Range]) -> list[Range]:
    """The ranges, with a change that is close to the one before it made one with it."""
    merged: list[Range] = []
    for place, (tag, start, end, first, last) in enumerate(ranges):
        is_inside = 0 < place < len(ranges) - 1
        if tag == "equal" and not (is_inside and end - start < SHORTEST):
            merged.append((tag, start, end, first, last))
        elif merged and merged[-1][0] != "equal":
            _, old, _, new, _ = merged[-1]
            merged[-1] = ("replace", old, end, new, last)
        else:
            merged.append(("replace", start, end, first, last))
    return merged


def _pieces(
    ranges: Sequence[Range], before: Sequence[str], after: Sequence[str], join: Callable[[Sequence[str]], str]
) -> Iterator[Piece]:
    for tag, start, end, first, last in ranges:
        if tag == "equal":
            yield Piece("same", join(before[start:end]))
            continue
        if end > start:
            yield Piece("removed", join(before[start:end]))
        if last > first:
            yield Piece("added", join(after[first:last]))


def _joined(words: Sequence[str]) -> str:
    """Words with single spaces, and paragraphs as they were apart."""
    return " ".join(words).replace(f" {PARAGRAPH} ", PARAGRAPH)
