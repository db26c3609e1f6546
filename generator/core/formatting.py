"""How values are written for a reader: in prose, tables, and charts, on the terminal, and in the page's script.

There is one rule for each kind of value: a count (`integer`), a share (`percent`), any other quantity (`significant`,
or `number` where the author gives the decimals), a probability, a time, a shape. The page's script has the same rules
in templates/script/numbers.js, and a test compares the two. The functions return text, not HTML.

Training and measuring do not import this module: otherwise, every change to how numbers look would change their keys.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from numbers import Integral, Real
from typing import Any, TypeGuard

WORDS = ("zero", "one", "two", "three", "four", "five", "six",
         "seven", "eight", "nine", "ten", "eleven", "twelve")  # fmt: skip
SIGNIFICANT_DIGITS = 4
MAX_DIGITS = 12
MIN_EXPONENT, MAX_EXPONENT = -4, 5
"""Numbers with these powers of ten are written in full: from 0.0001 to under a million."""

MAX_SECONDS = 90
"""Estimates this long or longer are given in minutes."""

SPREAD = ("mean", "low", "high")
NO_INTERVAL = "no interval"
"""The value of `low` and `high` if there is no interval."""

IN_EACH = "in each replicate"
"""Said of a quantity that is the same in all replicates."""

POINTS_DIGITS = 2
"""How many decimals a difference in percentage points has if it has no spread."""

FEW_REPLICATES = 5
"""With fewer replicates, each is shown, without an interval."""

MAX_LISTED = 5
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value: object) -> str:
    """Text unchanged, whole numbers without thousands separators, other numbers by `significant`.

    Text that is a product, such as 3 × 3, does not break over lines. A whole number may be a year or an index; the
    author says which ones are counts. A spread is written as its mean with its interval, or, for few replicates, with
    the value of each.

    Raises:
        TypeError: the value is none of these, or not finite; the message says what it is.
    """
    if isinstance(value, str):
        return value.replace(" × ", f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}")
    if is_spread(value):
        return _of_spread(value, written, None, "")
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(described(value))
    if isinstance(value, Integral):
        return _signed(str(int(value)))
    if not math.isfinite(value):
        raise TypeError(f"{value}, not a number")
    return significant(float(value))


def significant(value: float, digits: int = SIGNIFICANT_DIGITS) -> str:
    """A number with at most `digits` significant digits, but its whole part in full: 0.0431, 3.715, 12,346, −2.5.

    Below 0.0001 and from a million on, it has a power of ten: 4.3 × 10⁻⁶. A value that is not finite is NaN, ∞, or −∞.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    exponent = Decimal(float(value)).adjusted()
    if MIN_EXPONENT <= exponent <= MAX_EXPONENT:
        return _trimmed(_fixed(value, max(0, digits - 1 - exponent)))
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    return _trimmed(_signed(mantissa)) + _times_power(int(power))


def _times_power(power: int) -> str:
    """× 10⁻⁶; empty for a power of 0."""
    return f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}10{str(power).translate(_RAISED)}" if power else ""


def percent(value: object, digits: int | None = None) -> str:
    """A share as a percentage: 0.9908 is "99.08%"; a spread is "98.8% (97.9% to 99.2%)".

    Unless digits are given, a share is not rounded to 0% or 100%: 0.999996 is "99.9996%".
    """
    if is_spread(value):
        return _of_spread(value, partial(percent, digits=digits), digits, "%", 100)
    share = 100 * finite_number(value, "percent")
    places = _digits(digits) if digits is not None else next(n for n in range(2, MAX_DIGITS + 1) if _tells(share, n))
    return f"{_fixed(share, places)}%"


def points(value: object, digits: int | None = None) -> str:
    """A difference of shares in percentage points, without the unit: −0.0152 is "−1.52"; a spread is "−1.5 ± 0.4"."""
    if is_spread(value):
        replicates = {seed: 100 * one for seed, one in value.get("replicate", {}).items()}
        ends = {end: value[end] if value[end] == NO_INTERVAL else 100 * value[end] for end in SPREAD}
        alone = partial(_fixed, places=POINTS_DIGITS if digits is None else _digits(digits))
        return _of_spread({**ends, "replicate": replicates}, alone, digits, "")
    return _fixed(100 * finite_number(value, "points"), POINTS_DIGITS if digits is None else _digits(digits))


def integer(value: object) -> str:
    """A count: a whole number with thousands separators: 156650 is "156,650"."""
    return _signed(f"{_whole(value, 'integer'):,}")


def number(value: object, digits: int) -> str:
    """A number with `digits` decimals and thousands separators: 12345.678 with 1 is "12,345.7"."""
    if is_spread(value):
        return _of_spread(value, partial(number, digits=digits), digits, "")
    return _fixed(finite_number(value, "number"), _digits(digits))


def words(value: object) -> str:
    """A whole number from zero to twelve in words, others in digits."""
    whole = _whole(value, "words")
    return WORDS[whole] if 0 <= whole < len(WORDS) else integer(whole)


def counted(value: object, noun: str, plural: str | None = None) -> str:
    """A whole number in words with what it counts: one epoch, two epochs, three classes (with a plural given)."""
    number = words(value)
    return f"{number} {noun if number == WORDS[1] else plural or f'{noun}s'}"


def seconds(value: object) -> str:
    """A time with its unit, to three significant digits, and whole seconds always in full."""
    if is_spread(value):
        return _of_spread(value, seconds, None, f"{NO_BREAK_SPACE}s")
    return f"{significant(finite_number(value, 'seconds'), 3)}{NO_BREAK_SPACE}s"


def duration(seconds: float) -> str:
    """An estimated time in whole minutes, or, if it is short, in whole seconds, at least one."""
    if seconds < MAX_SECONDS:
        return f"{integer(max(1, round(seconds)))}{NO_BREAK_SPACE}s"
    return f"{integer(round(seconds / 60))}{NO_BREAK_SPACE}min"


def rounded(value: object, digits: int = 0) -> float:
    """The nearest number with `digits` decimals."""
    given: float = finite_number(value, "round")
    return round(given, _digits(digits))


def probability(value: float) -> str:
    """A probability with three decimals; one that would round to 1 is "over 0.999"."""
    return "over 0.999" if value >= 0.9995 else _fixed(value, 3)


def written_p(value: float) -> str:
    """A p-value with its relation sign, to three significant digits: = 0.0123, < 0.001."""
    return "< 0.001" if value < 0.001 else f"= {value:.3g}"


def interval(least: str, most: str) -> str:
    """98.2% to 99.1%, without line breaks."""
    return f"{least}{NO_BREAK_SPACE}to{NO_BREAK_SPACE}{most}"


def dimensions(shape: Sequence[int | None]) -> str:
    """26 × 26 × 32, without line breaks."""
    return f"{NO_BREAK_SPACE}×{NO_BREAK_SPACE}".join(str(size) for size in shape)


def listed(names: Sequence[str]) -> str:
    """A; A and B; A, B, and C."""
    if len(names) <= 2:
        return " and ".join(names)
    return f"{', '.join(names[:-1])}, and {names[-1]}"


def first_few(names: Sequence[str], most: int, separator: str = ", ") -> str:
    """At most `most` names, and the number of others: A, B, C, and 4 more."""
    if len(names) <= most:
        return separator.join(names)
    last = f"and {integer(len(names) - most)} more"
    return f"{names[0]} {last}" if most == 1 else separator.join([*names[:most], last])


def as_text(value: object) -> str:
    """Any result as a table shows it: yes or no, the items of a list, whole numbers as counts, which most are."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(map(as_text, value))
        case Integral():
            return integer(value)
        case _:
            return written(value)


def written_date(date: datetime.date) -> str:
    """August 28, 2025."""
    return f"{date:%B} {date.day}, {date.year}"


def is_spread(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a quantity over replicates: a mean, and the ends of its interval."""
    if not isinstance(value, Mapping) or not isinstance(value.get("mean"), Real):
        return False
    return all(isinstance(value.get(end), Real) or value.get(end) == NO_INTERVAL for end in SPREAD[1:])


def _of_spread(
    spread: Mapping[str, Any], alone: Callable[[float], str], digits: int | None, unit: str, factor: int = 1
) -> str:
    """Mean ± half the interval; "mean (low to high)" if the mean is not in its middle.

    Few replicates, and those without an interval, are shown one by one. Unless `digits` are given, half the interval
    has two significant digits, or its whole part in full, and the mean has as many decimals (JCGM 100:2008, 7.2.6).
    Without any spread, the mean is written by `alone`. All have a power of ten if the mean alone would have one.
    """
    mean = finite_number(spread["mean"], "an interval")
    measured = [finite_number(value, "an interval") for value in spread.get("replicate", {}).values()]
    if 1 < len(measured) < FEW_REPLICATES or NO_INTERVAL in (spread["low"], spread["high"]):
        return _of_replicates(mean, measured, alone, digits, unit, factor)
    low, high = (finite_number(spread[end], "an interval") for end in SPREAD[1:])
    if low == high and digits is None:
        return alone(mean)
    power = _common_power(mean, (high - low) / 2, digits, unit)
    mean, low, high = (_scaled(value, factor, power) for value in (mean, low, high))
    half = (high - low) / 2
    places = _places((mean, low, high), half, digits, unit)
    times = f"{_times_power(power)}{unit}"
    if abs(high + low - 2 * mean) > 0.01 * half:
        shown, least, most = (f"{_fixed(value, places)}{times}" for value in (mean, low, high))
        return f"{shown} ({interval(least, most)})"
    shown, width = (_fixed(value, places) + ("" if power else unit) for value in (mean, half))
    plus_minus = f"{shown}{NO_BREAK_SPACE}±{NO_BREAK_SPACE}{width}"
    return f"({plus_minus}){times}" if power else plus_minus


def _of_replicates(
    mean: float, measured: Sequence[float], alone: Callable[[float], str], digits: int | None, unit: str, factor: int
) -> str:
    """The mean, and in parentheses the values of the replicates by seed, or their range if there are many.

    The range has two significant digits. One replicate is written alone, and of equal ones the mean says it all.
    """
    if len(set(measured)) <= 1:
        return f"{alone(mean)} ({IN_EACH})" if len(measured) > 1 else alone(mean)
    power = _common_power(mean, max(measured) - min(measured), digits, unit)
    scaled = [_scaled(value, factor, power) for value in (mean, min(measured), max(measured), *measured)]
    places = _places(scaled, scaled[2] - scaled[1], digits, unit)
    shown, least, most, *each = (f"{_fixed(value, places)}{_times_power(power)}{unit}" for value in scaled)
    if len(measured) > MAX_LISTED:
        return f"{shown} ({len(measured)} replicates from {interval(least, most)})"
    return f"{shown} ({', '.join(each)})"


def _common_power(mean: float, width: float, digits: int | None, unit: str) -> int:
    """The power of ten that a mean and its spread are written with, or 0, by the rule of `significant` for the larger.

    Shares, and numbers whose decimals the author gives, are written in full.
    """
    exponent = Decimal(max(abs(float(mean)), float(width))).adjusted()
    return 0 if digits is not None or unit == "%" or MIN_EXPONENT <= exponent <= MAX_EXPONENT else exponent


def _scaled(value: float, factor: int, power: int) -> float:
    return float(Decimal(float(value)).scaleb(-power)) if power else factor * value


def _places(values: Sequence[float], width: float, digits: int | None, unit: str) -> int:
    """The decimals that give a width two significant digits, or more if a share would otherwise read as 0% or 100%."""
    if digits is not None:
        return _digits(digits)
    enough = range(_decimals(width), MAX_DIGITS + 1)
    return next(n for n in enough if unit != "%" or all(_tells(value, n) for value in values))


def _tells(share: float, places: int) -> bool:
    """Whether a percentage with `places` decimals reads 0 or 100 only if the share is 0 or 1."""
    return places == MAX_DIGITS or share in (0, 100) or round(share, places) not in (0, 100)


def _decimals(uncertainty: float) -> int:
    """The decimals with which an uncertainty has two significant digits."""
    if uncertainty == 0:
        return 0
    return min(MAX_DIGITS, max(0, 1 - math.floor(math.log10(uncertainty))))


def described(value: object) -> str:
    match value:
        case None | bool():
            return str(value)
        case str():
            return "text"
        case Real():
            return "a number"
        case Mapping():
            return "a group of values"
        case Sequence():
            return "a list"
        case _:
            return f"a {type(value).__name__}"


def finite_number(value: object, user: str) -> Any:
    """The value itself if it is a finite number; `user` is the filter or operator that needs one."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{user} is for numbers, and this is {described(value)}")
    if not math.isfinite(value):
        raise ValueError(f"{user} is for numbers, and this is {value}")
    return value


def _whole(value: object, user: str) -> int:
    given = finite_number(value, user)
    if given != int(given):
        raise ValueError(f"{user} is for whole numbers, and this is {given}")
    return int(given)


def _digits(digits: int) -> int:
    if not isinstance(digits, int) or not 0 <= digits <= MAX_DIGITS:
        raise ValueError(f"digits must be a whole number from 0 to {MAX_DIGITS}")
    return digits


def _fixed(value: float, places: int) -> str:
    """A number with `places` decimals and thousands separators; what rounds to 0 has no sign."""
    return _signed(f"{value:z,.{places}f}")


def _trimmed(text: str) -> str:
    """The text without trailing zeros after the decimal point."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(text: str) -> str:
    """The text with a minus sign in place of Python's hyphen."""
    return text.replace("-", MINUS)
