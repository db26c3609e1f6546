"""What changed in a text, word by word: paragraphs are matched first, and then the words of those that differ.

Python's difflib does the matching. Its time can grow with the square of a text's length, so the steps of a whole
comparison are limited. Once they are used up, everything from the first difference of a passage to its last is one
change. One or two equal words within a rewritten passage count as part of it, since one change is easier to read than
many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate

from generator.records.article import Paragraph
from generator.records.difference import Passage, Piece

SHORTEST = 3
"""How many equal words separate two changes; with fewer, they are one."""

AROUND = 2
"""How many lines of a listing are shown before and after a change."""

MAX_STEPS = 5_000_000
"""How many words, or pairs of equal words, comparing two editions may look at: one or two seconds of work."""

PARAGRAPH = "\n\n"
_WORDS = re.compile(r"\n\n|\S+")

Range = tuple[str, int, int, int, int]


class Work:
    """How much work is left in one comparison, for all its passages and listings.

    Attributes:
        steps: steps left.
    """

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps

    def take(self, steps: int) -> None:
        """Uses up `steps`. Raises _WorkError if fewer are left; smaller texts may still be compared."""
        if steps > self.steps:
            raise _WorkError
        self.steps -= steps


class _WorkError(Exception):
    """A text needs more work than is left."""


def passages(before: Sequence[Paragraph], after: Sequence[Paragraph], work: Work) -> Iterator[Passage]:
    """The paragraphs that changed, with each run of changed paragraphs as one passage."""
    old, new = [paragraph.text for paragraph in before], [paragraph.text for paragraph in after]
    for tag, start, end, first, last in _matched(old, new, work):
        if tag != "equal":
            section = after[first].section if last > first else before[start].section
            yield Passage(section, _word_pieces(PARAGRAPH.join(old[start:end]), PARAGRAPH.join(new[first:last]), work))


def code_passages(name: str, before: Sequence[str], after: Sequence[str], work: Work) -> Iterator[Passage]:
    """The lines of a listing that changed, with the lines around them."""
    matcher = SequenceMatcher(None, "", "")
    matcher.opcodes = _matched(before, after, work)  # type: ignore[attr-defined]  # replaces what it would compute
    for group in matcher.get_grouped_opcodes(AROUND):
        yield Passage(name, tuple(_pieces(group, before, after, "\n".join)))


def _matched(before: Sequence[str], after: Sequence[str], work: Work) -> list[Range]:
    try:
        return list(_Matcher(before, after, work).get_opcodes())
    except _WorkError:
        return _one_change(before, after)


class _Matcher(SequenceMatcher[str]):
    """Uses up steps for each search for the longest equal part; difflib then searches again on both sides of it."""

    def __init__(self, before: Sequence[str], after: Sequence[str], work: Work) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._work = work
        counts = Counter(after)
        self._steps = [0, *accumulate(1 + counts[item] for item in before)]

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        self._work.take(self._steps[-1 if ahi is None else ahi] - self._steps[alo])
        return super().find_longest_match(alo, ahi, blo, bhi)


def _one_change(before: Sequence[str], after: Sequence[str]) -> list[Range]:
    """Everything between the first difference and the last as one change."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    left = shorter - head
    tail = next((place for place in range(left) if before[-1 - place] != after[-1 - place]), left)
    ends = len(before) - tail, len(after) - tail
    ranges = [
        ("equal", 0, head, 0, head),
        ("replace", head, ends[0], head, ends[1]),
        ("equal", ends[0], len(before), ends[1], len(after)),
    ]
    return [one for one in ranges if one[2] > one[1] or one[4] > one[3]]


def _word_pieces(before: str, after: str, work: Work) -> tuple[Piece, ...]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    ranges = _without_short_ones(_matched(old, new, work))
    return tuple(_pieces(ranges, old, new, _joined))


def _without_short_ones(ranges: Sequence[Range]) -> list[Range]:
    """The ranges, with changes merged if they are close to each other."""
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
    """Words with single spaces, with paragraph breaks restored."""
    return " ".join(words).replace(f" {PARAGRAPH} ", PARAGRAPH)
