"""The results as an author's function sees them."""

from __future__ import annotations

import pytest

from generator.results.namespace import Results

VALUES = {"test": {"accuracy": {"mean": 0.5, "low": "no interval"}}, "epochs": {1: {"steps": 4}}, "values": {"a": 1}}


def test_attributes_and_keys_lead_to_the_same_numbers_which_know_their_names() -> None:
    results = Results(VALUES)
    assert results.test.accuracy.mean == results["test"]["accuracy"]["mean"] == 0.5
    assert results.test.accuracy.mean.path == ("test", "accuracy", "mean")
    assert results.test.accuracy.path == ("test", "accuracy")
    assert results.epochs[1].steps == 4 and results.epochs[1].steps.path == ("epochs", 1, "steps")
    assert results.test.accuracy.low == "no interval"
    assert not hasattr(results.test.accuracy.mean * 2, "path"), "what is computed is a plain number"


def test_what_was_looked_at_is_known() -> None:
    results = Results(VALUES)
    assert f"{results.test.accuracy.mean:.0%} of {results.epochs[1].steps}" == "50% of 4"
    assert results.used == (("test", "accuracy", "mean"), ("epochs", 1, "steps"))


def test_names_can_be_gone_through_and_those_of_methods_are_keys() -> None:
    results = Results(VALUES)
    assert list(results) == ["test", "epochs", "values"] and len(results.epochs) == 1
    assert dict(results["values"].items()) == {"a": 1}


def test_a_name_that_is_not_there_is_told_with_the_nearest_one() -> None:
    with pytest.raises(AttributeError, match="test has no accurcy, or it was not measured; did you mean accuracy"):
        Results(VALUES).test.accurcy  # noqa: B018  # it is the looking that is tested
    with pytest.raises(KeyError, match="epochs has no 2, or it was not measured; there are 1"):
        Results(VALUES).epochs[2]
