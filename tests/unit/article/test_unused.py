"""Which results an article does not use."""

from __future__ import annotations

from generator.article.unused import unused
from generator.records.results import Value


def spread(*path: str) -> list[Value]:
    return [Value((*path, part), 0.5, "train") for part in ("mean", "low", "high")]


def test_a_quantity_counts_once() -> None:
    assert unused([*spread("loss"), *spread("accuracy")], ["loss.mean"], ()) == (["accuracy"], 2)


def test_the_values_of_variants_which_have_every_name_are_left_out() -> None:
    of_variant = [*spread("variants", "wide", "loss"), *spread("variants", "wide", "difference", "loss")]
    assert unused([*spread("loss"), *of_variant], [], ()) == (["loss"], 1)


def test_what_the_code_sets_is_no_result() -> None:
    assert unused([Value(("model", "loss"), "mse", "train"), *spread("loss")], [], ()) == (["loss"], 1)
