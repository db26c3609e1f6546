"""A difference as tables, results that the text states first. The terminal and the page display them in their own ways.

Texts are for readers; machines read the record itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.core.formatting import counted, written_date
from generator.diff.difference import MOVES_IN_WORDS, by_depth, has_little_power
from generator.diff.wording import NONE, in_words, sides, written_in
from generator.records.difference import Change, ClaimChange, Difference, Move, Moved, Side, Unit

SIDES = ("Before", "After")
_NUMBER = "Number"
_WITH_LIMITS = (_NUMBER, *SIDES, "One further run was expected")


@dataclass(frozen=True)
class Listed:
    """A table of what changed.

    Attributes:
        title: title above it.
        columns: their headings.
        rows: a text for each column.
        details: whether it may have many numbers, each of little importance.
        words: what the first texts of rows are, for readers, if these are names of results.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    details: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


def tables(difference: Difference) -> Iterator[Listed]:
    """All tables that have a row, those with details last."""
    listed = (
        _of_text("In the abstract", difference.abstract),
        _of_text("In the text", difference.text),
        _of_results(difference.numbers),
        _of_claims(difference.claims),
        *_of_changes(difference),
        *_of_details(difference.numbers),
    )
    yield from (table for table in listed if table.rows)


def described(side: Side) -> str:
    """An edition in a line: its date, its commit, and the generator that wrote it."""
    commit = f", commit {side.commit}" if side.commit else ""
    dirty = " with uncommitted changes" if side.dirty else ""
    return f"{written_date(side.date)}{commit}{dirty}, generator {side.generator}"


def _of_text(title: str, numbers: Sequence[Moved]) -> Listed:
    """The results that a part of the text states; empty if none of them changed."""
    rows = [(*_row(number), MOVES_IN_WORDS[number.move]) for number in numbers]
    is_changed = any(number.move != "unchanged" for number in numbers)
    return Listed(title, (_NUMBER, *SIDES, "Change"), rows if is_changed else (), words=_words(numbers))


def _of_results(numbers: Sequence[Moved]) -> Listed:
    some = [number for number in by_depth(numbers) if number.move == "beyond the spread"]
    beyond = list(map(_with_limits, some))
    return Listed("Beyond the spread of the replicates", _WITH_LIMITS, beyond, words=_words(some))


def _of_details(numbers: Sequence[Moved]) -> Iterator[Listed]:
    within = [number for number in numbers if number.move == "within the spread"]
    power = " (little power where they are few)" if any(map(has_little_power, within)) else ""
    rows_within = [_with_limits(number) for number in within]
    within_spread = f"Within the spread of the replicates{power}"
    yield Listed(within_spread, _WITH_LIMITS, rows_within, details=True, words=_words(within))
    titles: Sequence[tuple[str, Sequence[Move]]] = (
        ("Changed, without a spread to judge by", ("changed",)),
        ("New or gone", ("added", "removed")),
        ("Times, which are not judged", ("not judged",)),
    )
    for title, moves in titles:
        some = [number for number in numbers if number.move in moves]
        yield Listed(title, (_NUMBER, *SIDES), list(map(_row, some)), details=True, words=_words(some))


def _with_limits(number: Moved) -> tuple[str, ...]:
    """A row with the limits, and, for few replicates, their width: being within such limits says little."""
    expected = " to ".join(written_in(number.unit, end) for end in (number.low, number.high))
    if has_little_power(number):
        width = written_in(_OF_WIDTH.get(number.unit, number.unit), (number.high or 0) - (number.low or 0))
        expected += f" ({counted(number.replicates, 'replicate')}, {width} wide: little power)"
    return (*_row(number), expected)


_OF_WIDTH: Mapping[Unit, Unit] = {"percent": "points"}


def _row(changed: Change | Moved) -> tuple[str, ...]:
    return (changed.name, *sides(changed))


def _words(numbers: Iterable[Moved]) -> Mapping[str, str]:
    return {number.name: number.words for number in numbers}


def _of_claims(claims: Sequence[ClaimChange]) -> Listed:
    rows = [(claim.sentence, *(_judged(claim, *judged) for judged in _both(claim))) for claim in claims]
    return Listed("Claims", ("Claim", *SIDES), rows)


def _both(claim: ClaimChange) -> Sequence[tuple[str | None, str | None, str]]:
    """The verdict, the condition, and the wording that is newly printed, before and after."""
    return (claim.before, claim.condition_before, ""), (claim.after, claim.condition_after, claim.printed)


def _judged(claim: ClaimChange, verdict: str | None, condition: str | None, printed: str = "") -> str:
    """A verdict, with the condition if it is not the same in both editions, and the wording that replaces the claim."""
    if verdict is None:
        return NONE
    is_same = claim.condition_before == claim.condition_after
    judged = verdict if is_same else f"{verdict}: {condition}"
    return f"{judged}; printed instead: “{printed}”" if printed else judged


def _of_changes(difference: Difference) -> Iterator[Listed]:
    named: Sequence[tuple[str, str, Sequence[Change]]] = (
        ("Settings", "Setting", difference.settings),
        ("Layers", "Layer", difference.layers),
        ("Data", "Data", difference.data),
        ("Versions and machine", "Part", difference.environment),
        ("Verdicts on published numbers", "Published number", difference.comparisons),
        ("Code behind the results, by digest", "Stage", difference.stages),
    )
    for title, column, changes in named:
        words = {change.name: in_words(change.name) for change in changes if title in _OF_RESULTS}
        yield Listed(title, (column, *SIDES), list(map(_row, changes)), words=words)


_OF_RESULTS = ("Settings", "Data")
"""The tables whose rows are mostly named by results."""
