"""Which results an article does not use."""

from __future__ import annotations

from generator.article.unused import unused
from generator.records.results import Value


def spread(*path: str) -> list[Value]:
    return [Value((*path, part), 0.5, "train") for part in ("mean", "low", "high")]


def test_a_quantity_of_a_variant_counts_once_and_its_difference_does_not() -> None:
    values = [*spread("loss"), *spread("variants", "wide", "loss"), *spread("variants", "wide", "difference", "loss")]
    left, total = unused(values, ["loss.mean"], ())
    assert (left, total) == (["variants.wide.loss"], 2)


def test_what_the_code_sets_for_a_variant_is_no_result() -> None:
    values = [Value(("variants", "wide", "model", "loss"), "mse", "train"), *spread("loss")]
    assert unused(values, [], ()) == (["loss"], 1)
