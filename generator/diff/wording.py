"""How a comparison names and writes results: in words, and with the unit that an article prints them with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.core.formatting import (
    MAX_DIGITS,
    NO_BREAK_SPACE,
    SIGNIFICANT_DIGITS,
    as_text,
    percent,
    points,
    seconds,
    significant,
)
from generator.diff.numbers import without_variant
from generator.records.difference import Change, Moved, Unit
from generator.records.results import Number
from generator.results.descriptions import described
from generator.results.intervals import Quantity
from generator.results.number_kinds import number_kind

NONE = "–"
_NO_WORDS: Mapping[str, str] = {}
_DIFFERENCE = re.compile(
    r"variants\.[^.]+\.difference\..+|explorer\.accuracy\.change"
    r"|(?:variants\.[^.]+\.)?hierarchy\..+\.(?:difference|ablation|ablation_most)(?:\..+)?"
)
"""The name of a difference."""


def in_words(name: str, own: Mapping[str, str] = _NO_WORDS) -> str:
    """What the value with this name is, for readers; its name if only its parts are known, which may contain dots.

    `own` contains the descriptions of the author's measures, by name.
    """
    parts = without_variant(name).split(".")
    is_known = described(parts, own) != " ".join(parts).replace("_", " ")
    return described(name.split("."), own) if is_known else name


def unit_of(name: str, known: Number | Quantity | None) -> Unit:
    """The unit of a result by its kind: a time, a share, a difference of shares, or none.

    A share without a certain kind, of the author's, is known by the images that it counts.
    """
    kind = number_kind(tuple(name.split(".")))
    if kind == "time":
        return "seconds"
    values = known.values if isinstance(known, Quantity) else [known]
    if not all(isinstance(value, float) and -1 <= value <= 1 for value in values):
        return ""
    is_of_images = isinstance(known, Quantity) and bool(known.trials)
    if (isinstance(known, Quantity) and known.scale == "signed") or not (is_of_images or kind == "share"):
        return ""
    return "points" if _DIFFERENCE.fullmatch(name) else "percent"


def written_in(unit: Unit, value: Number | None, more: int = 0) -> str:
    """A result in its unit, with `more` digits than usual; a dash for none."""
    if value is None:
        return NONE
    if isinstance(value, bool) or not isinstance(value, int | float):  # editions may come from anyone
        return as_text(value)
    digits = 2 + more if more else None
    match unit:
        case "percent":
            return percent(value, digits)
        case "points":
            return f"{points(value, digits)}{NO_BREAK_SPACE}points"
        case "seconds":
            return seconds(value)
    return significant(value, SIGNIFICANT_DIGITS + more) if more and isinstance(value, float) else as_text(value)


def sides(changed: Change | Moved) -> tuple[str, str]:
    """The values before and after, with as many digits as it takes to tell them apart."""
    unit = changed.unit if isinstance(changed, Moved) else ""
    for more in range(MAX_DIGITS - SIGNIFICANT_DIGITS):
        before, after = (written_in(unit, value, more) for value in (changed.before, changed.after))
        if before != after:
            return before, after
    return written_in(unit, changed.before), written_in(unit, changed.after)


def with_sides(words: str, changed: Change | Moved) -> str:
    """The words, and in parentheses the values before and after: number of epochs requested (1 → 2).

    A mean may be equal although the values of its replicates are not.
    """
    before, after = sides(changed)
    if before == after:
        return f"{words} ({before} in both, from other replicates)"
    return f"{words} ({before}{NO_BREAK_SPACE}→{NO_BREAK_SPACE}{after})"
