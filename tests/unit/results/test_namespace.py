"""The results as an author's function sees them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from generator.results.namespace import MARK, Results, path_of, used_of

VALUES = {"test": {"accuracy": {"mean": 0.5, "low": "no interval"}}, "epochs": {1: {"steps": 4}}, "values": {"a": 1}}


def test_attributes_and_keys_lead_to_the_same_numbers_which_know_their_names() -> None:
    results = Results(VALUES)
    assert results.test.accuracy.mean == results["test"]["accuracy"]["mean"] == 0.5
    assert results.test.accuracy.mean.path == ("test", "accuracy", "mean")
    assert path_of(results.test.accuracy) == ("test", "accuracy")
    assert results.epochs[1].steps == 4 and results.epochs[1].steps.path == ("epochs", 1, "steps")
    assert path_of(results.test.accuracy.mean * 2) == path_of("0.5") == (), "what is computed has no name"


def test_an_end_of_no_interval_is_nan_which_a_chart_leaves_out() -> None:
    low = Results(VALUES).test.accuracy.low
    assert math.isnan(low) and path_of(low) == ("test", "accuracy", "low")


@pytest.mark.parametrize(
    "write",
    [
        str,
        repr,
        lambda one: f"{one}",
        lambda one: f"{one:.1%}",
        lambda one: f"{100 * one}%",
        lambda one: f"{round(one, 1)}",
        lambda one: f"{-one - 1}",
        lambda one: f"{2**one}",
        lambda one: f"{one / 5.0}",
        lambda one: f"{+one}",
    ],
)
def test_a_result_and_what_is_computed_from_it_are_marked_once_in_a_text(write: Callable[[object], str]) -> None:
    marked = Results(VALUES, mark=MARK)
    for value in (marked.test.accuracy.mean, marked.epochs[1].steps):
        assert write(value).count(MARK) == 1
    assert MARK not in write(Results(VALUES).test.accuracy.mean)


def test_results_may_have_any_name_that_does_not_begin_with_an_underscore() -> None:
    results = Results({"path": {"used": {"mean": 0.5}}})
    assert results.path.used.mean == 0.5


def test_what_was_looked_at_is_known() -> None:
    results = Results(VALUES)
    assert f"{results.test.accuracy.mean:.0%} of {results.epochs[1].steps}" == "50% of 4"
    assert used_of(results) == (("test", "accuracy", "mean"), ("epochs", 1, "steps"))


def test_names_can_be_gone_through_and_those_of_methods_are_keys() -> None:
    results = Results(VALUES)
    assert list(results) == ["test", "epochs", "values"] and len(results.epochs) == 1
    assert dict(results["values"].items()) == {"a": 1}


def test_a_name_that_is_not_there_is_told_with_the_nearest_one() -> None:
    with pytest.raises(AttributeError, match="test has no accurcy, or it was not measured; did you mean accuracy"):
        Results(VALUES).test.accurcy  # noqa: B018  # it is the looking that is tested
    with pytest.raises(KeyError, match="epochs has no 2, or it was not measured; there are 1"):
        Results(VALUES).epochs[2]
