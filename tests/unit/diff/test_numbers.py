"""Which numbers moved, and whether beyond the spread of their replicates."""

from __future__ import annotations

from typing import Any

import pytest

from generator.core.errors import UsageError
from generator.diff.difference import differences
from generator.diff.numbers import is_time, moved, quantity_of, without_variant
from generator.diff.tables import tables
from generator.records.difference import Moved
from generator.records.results import Scale
from generator.results.intervals import Quantity, of_next
from tests.support.editions import edition, measured, stated

SPREAD = (0.90, 0.92, 0.91)
EXPECTED = of_next(Quantity(dict(enumerate(SPREAD))))


def moves(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Moved]:
    return {number.name: number for number in moved(edition(before).results, edition(after).results)[1]}


def test_a_mean_beyond_the_interval_for_one_further_run_moved_beyond_the_spread() -> None:
    assert EXPECTED.low is not None and EXPECTED.high is not None
    for distance, move in ((1.01, "beyond the spread"), (0.99, "within the spread")):
        mean = 0.91 + distance * (EXPECTED.high - 0.91)
        found = moves(measured("test.accuracy", *SPREAD), measured("test.accuracy", mean, mean, mean))
        number = found["test.accuracy"]
        assert number.move == move
        assert [number.before, number.after] == pytest.approx([0.91, mean])
        assert (number.low, number.high) == (EXPECTED.low, EXPECTED.high)
        assert number.replicates == 3


def test_only_the_quantity_is_told_and_not_what_is_worked_out_from_it() -> None:
    found = moves(measured("test.accuracy", *SPREAD), measured("test.accuracy", 0.1, 0.2, 0.3))
    assert list(found) == ["test.accuracy"]


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("test.accuracy.mean", "test.accuracy"),
        ("test.accuracy.low", "test.accuracy"),
        ("test.accuracy.replicate.12", "test.accuracy"),
        ("test.accuracy", "test.accuracy"),
        ("analysis.mean", "analysis"),
        ("mean", "mean"),
    ],
)
def test_a_value_belongs_to_the_quantity_that_its_name_begins_with(name: str, quantity: str) -> None:
    assert quantity_of(name) == quantity


def test_a_value_called_mean_without_replicates_is_a_number_of_its_own() -> None:
    assert list(moves({"analysis.mean": stated(1)}, {"analysis.mean": stated(2)})) == ["analysis.mean"]


def last(prefix: str, *losses: float) -> dict[str, Any]:
    """The loss of the second of two epochs, under both of its names."""
    return measured(f"{prefix}epochs.2.loss", *losses) | measured(f"{prefix}final.loss", *losses)


@pytest.mark.parametrize("prefix", ["", "variants.longer.", "variants.longer.difference."])
def test_the_last_epoch_is_told_once(prefix: str) -> None:
    before, after = last(prefix, *SPREAD), last(prefix, 0.1, 0.2, 0.3)
    compared, found = moved(edition(before).results, edition(after).results)
    assert (compared, [number.name for number in found]) == (1, [f"{prefix}final.loss"])


def test_an_epoch_that_is_the_last_one_in_one_edition_only_is_told_for_itself() -> None:
    more = measured("epochs.3.loss", 0.4) | measured("epochs.2.loss", 0.6) | measured("final.loss", 0.4)
    found = moves(last("", 0.5), more)
    assert {name: (one.before, one.after) for name, one in found.items()} == {
        "epochs.2.loss": (0.5, 0.6),
        "epochs.3.loss": (None, 0.4),
        "final.loss": (0.5, 0.4),
    }


def test_a_single_replicate_before_is_looked_for_in_the_spread_after() -> None:
    found = moves(measured("loss", 0.5), measured("loss", *SPREAD))
    assert found["loss"].move == "beyond the spread"
    assert found["loss"].low == EXPECTED.low


def test_single_replicates_have_only_changed() -> None:
    found = moves(measured("loss", 0.5), measured("loss", 0.6))
    assert (found["loss"].move, found["loss"].low) == ("changed", None)


def test_a_single_number_is_equal_or_has_changed() -> None:
    found = moves({"a.b": stated(3), "c": stated("x")}, {"a.b": stated(4), "c": stated("x")})
    assert list(found) == ["a.b"]
    assert (found["a.b"].move, found["a.b"].before, found["a.b"].after) == ("changed", 3, 4)


def test_equal_replicates_are_equal_however_many_they_are() -> None:
    assert moves(measured("probe", *[0.8847] * 3), measured("probe", *[0.8847] * 5)) == {}


def test_a_number_without_any_spread_has_only_changed() -> None:
    found = moves(measured("probe", 0.5, 0.5), measured("probe", 0.51, 0.51))
    assert (found["probe"].move, found["probe"].low) == ("changed", None)


def test_equal_replicates_before_are_looked_for_in_the_spread_after() -> None:
    found = moves(measured("loss", 0.5, 0.5, 0.5), measured("loss", *SPREAD))
    assert (found["loss"].move, found["loss"].low) == ("beyond the spread", EXPECTED.low)


def on_scale(scale: Scale, *values: float, trials: int | None = None) -> dict[str, Any]:
    made = measured("x", *values)
    known = {"scale": scale} | ({"trials": trials} if trials else {})
    return {name: one | known if ".replicate." in name else one for name, one in made.items()}


@pytest.mark.parametrize(
    ("scale", "before", "trials", "near", "far"),
    [
        ("positive", (0.01, 0.02, 0.04), None, 0.002, 0.0005),
        ("share", (0.996, 0.994, 0.947), None, 0.9999, 0.005),
        ("share", (0.98, 0.97, 0.99), 100, 1.0, 0.8),
    ],
)
def test_a_number_is_judged_by_limits_on_its_own_scale(
    scale: Scale, before: tuple[float, ...], trials: int | None, near: float, far: float
) -> None:
    expected = of_next(Quantity(dict(enumerate(before)), scale, dict.fromkeys(range(3), trials) if trials else {}))
    for mean, move in ((near, "within the spread"), (far, "beyond the spread")):
        after = on_scale(scale, mean, mean, mean, trials=trials)
        found = moves(on_scale(scale, *before, trials=trials), after)["x"]
        assert (found.move, found.low, found.high) == (move, expected.low, expected.high)


def test_of_few_replicates_a_number_within_the_spread_is_told_with_the_width_and_that_it_has_little_power() -> None:
    few = edition(measured("a", 0.90, 0.92, 0.91)), edition(measured("a", 0.91, 0.92, 0.93))
    many = edition(measured("a", *[0.90, 0.92] * 3)), edition(measured("a", *[0.91, 0.92] * 3))
    told = [
        next(table.rows[0][-1] for table in tables(differences(*pair)) if table.title.startswith("Within"))
        for pair in (few, many)
    ]
    assert told[0] == "0.8603 to 0.9597 (three replicates, 0.09937 wide: little power)"
    assert "power" not in told[1]


def test_times_are_never_judged() -> None:
    found = moves(measured("times.epoch", 1.0, 1.1, 1.2), measured("times.epoch", 100.0, 101.0, 102.0))
    assert found["times.epoch"].move == "not judged"


def test_numbers_of_one_edition_only_are_new_or_gone() -> None:
    found = moves({"old": stated(1)}, measured("new", *SPREAD))
    assert (found["old"].move, found["old"].after) == ("removed", None)
    assert (found["new"].move, found["new"].before) == ("added", None)


def test_what_other_parts_tell_is_not_told_as_a_number() -> None:
    names = ("data.height", "environment.cpu", "model.bytes", "published.rows", "training.epochs")
    assert moves({name: stated(1) for name in names}, {name: stated(2) for name in names}) == {}


def test_numbers_in_names_are_sorted_as_numbers() -> None:
    found = moves({f"epochs.{n}.loss": stated(1) for n in (10, 2)}, {f"epochs.{n}.loss": stated(2) for n in (10, 2)})
    assert list(found) == ["epochs.2.loss", "epochs.10.loss"]


def test_numbers_that_both_have_are_counted() -> None:
    before, after = edition({"a": stated(1), "b": stated(1)}), edition({"a": stated(1), "c": stated(1)})
    assert moved(before.results, after.results)[0] == 1


@pytest.mark.parametrize("name", [f"a.replicate.{'9' * 5000}", "a.replicate.²", "a.replicate.٣", "a.²", "9" * 5000])
def test_any_name_is_compared(name: str) -> None:
    compared = differences(edition(measured("a", 0.7, 0.6)), edition(measured("a", 0.7, 0.6) | {name: stated(0.5)}))
    assert (name, "added") in [(number.name, number.move) for number in compared.numbers]


@pytest.mark.parametrize("value", [10**400, -(10**400), 1.7e308])
def test_a_number_that_is_too_large_to_be_compared_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match=r"It is damaged: a\.mean is larger than 1e\+100"):
        edition({"a.mean": stated(value), "a.replicate.0": stated(value), "a.replicate.1": stated(value)})


@pytest.mark.parametrize(
    ("name", "own", "time"),
    [
        ("times.epoch.mean", "times.epoch.mean", True),
        ("variants.wide.times.epoch.mean", "times.epoch.mean", True),
        ("variants.no-pooling.difference.times.total", "times.total", True),
        ("variants.times.test.accuracy", "test.accuracy", False),
        ("variants.wide.difference.test.accuracy.low", "test.accuracy.low", False),
        ("hierarchy.conv.orientation.difference.mean", "hierarchy.conv.orientation.difference.mean", False),
    ],
)
def test_a_value_of_a_variant_is_known_by_its_name_in_the_main_condition(name: str, own: str, time: bool) -> None:
    assert (without_variant(name), is_time(name)) == (own, time)


def test_times_of_variants_are_not_judged_and_their_other_values_are() -> None:
    before = measured("variants.wide.times.epoch", *SPREAD) | measured(
        "variants.wide.difference.test.accuracy", *SPREAD
    )
    after = measured("variants.wide.times.epoch", 9.0) | measured("variants.wide.difference.test.accuracy", 9.0)
    assert {name: one.move for name, one in moves(before, after).items()} == {
        "variants.wide.times.epoch": "not judged",
        "variants.wide.difference.test.accuracy": "beyond the spread",
    }
