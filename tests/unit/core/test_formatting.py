"""How numbers are written: one rule for each kind, whoever asks."""

from __future__ import annotations

import math

import pytest

from generator.core import formatting


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3.7149, "3.715"),
        (0.0431, "0.0431"),
        (-2.5, "−2.5"),
        (120, "120"),
        (1250.4, "1,250"),
        (12345.6, "12,346"),
        (999999.7, "1,000,000"),
        (1234567.0, "1.235 × 10⁶"),
        (0.0001, "0.0001"),
        (0.0000043, "4.3 × 10⁻⁶"),
        (-1e-9, "−1 × 10⁻⁹"),
        (9.99996e-5, "1 × 10⁻⁴"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_has_four_significant_digits_and_all_of_its_whole_part(value: float, text: str) -> None:
    assert formatting.significant(value).replace("\u00a0", " ") == text


def test_prose_and_tables_write_a_number_alike() -> None:
    for value in (4.3e-6, 3.7149, -0.5, 12345.6, 2.0e7):
        assert formatting.written(value) == formatting.as_text(value) == formatting.significant(value)


def test_a_table_sets_the_thousands_of_a_whole_number_apart_and_prose_does_if_it_is_told() -> None:
    assert (formatting.as_text(34826), formatting.integer(34826), formatting.written(34826)) == (
        "34,826", "34,826", "34826",
    )  # fmt: skip
    assert formatting.as_text([1000, True, 0.5]) == "1,000, yes, 0.5"


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert (formatting.number(-0.001, 2), formatting.percent(-0.00001, 1)) == ("0.00", "0.0%")


def test_a_number_that_is_not_finite_is_refused_in_prose() -> None:
    with pytest.raises(TypeError, match="nan, not a number"):
        formatting.written(math.nan)


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.500"), (0.99949, "0.999"), (0.9995, "over 0.999"), (1.0, "over 0.999")]
)
def test_a_probability_is_never_rounded_to_certainty(value: float, text: str) -> None:
    assert formatting.probability(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.000012, "1.2 × 10⁻⁵ s"), (0.07531, "0.0753 s"), (27.14, "27.1 s"), (1234.5, "1,234 s")]
)
def test_a_time_has_three_significant_digits(value: float, text: str) -> None:
    assert formatting.seconds(value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.2, "1 s"), (42.4, "42 s"), (89.9, "90 s"), (90, "2 min"), (3600, "60 min")]
)
def test_an_estimated_time_is_in_whole_seconds_or_minutes(value: float, text: str) -> None:
    assert formatting.duration(value).replace("\u00a0", " ") == text


@pytest.mark.parametrize(("names", "text"), [((), ""), (("A",), "A"), (("A", "B"), "A and B"), ("ABC", "A, B, and C")])
def test_names_are_listed_as_in_a_sentence(names: tuple[str, ...], text: str) -> None:
    assert formatting.listed(names) == text


def test_a_difference_of_shares_is_written_in_percentage_points_without_the_unit() -> None:
    spread = {"mean": -0.0152, "low": -0.0192, "high": -0.0112, "replicate": dict.fromkeys(range(5), -0.0152)}
    assert formatting.points(spread) == "−1.52\u00a0±\u00a00.40"
    assert formatting.points(spread, 1) == "−1.5\u00a0±\u00a00.4"
    few = {"mean": -0.02, "low": "no interval", "high": "no interval", "replicate": {0: -0.01, 1: -0.03}}
    assert formatting.points(few) == "−2.0 (−1.0, −3.0)"
    assert (formatting.points(-0.0152), formatting.points(0.5, 1), formatting.points(1e-9)) == ("−1.52", "50.0", "0.00")
    with pytest.raises(TypeError, match="points is for numbers, and this is text"):
        formatting.points("a")
