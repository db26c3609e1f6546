"""The kind of each result by its name, and none where it is not certain."""

from __future__ import annotations

import re

import pytest

from generator.results.descriptions import KNOWN
from generator.results.number_kinds import number_kind

_KINDS = (
    (r".*number of the image", None),
    (r".*number of", "count"),
    (r"seconds", "time"),
    (r"test accuracy|share|accuracy lost|largest accuracy lost|precision|recall", "share"),
)
"""How the description of a result begins, and its kind; the first that fits."""

_TOLD = [
    (name, next(kind for begins, kind in _KINDS if re.match(begins, words)))
    for name, words in KNOWN.items()
    if "published" not in name and any(re.match(begins, words) for begins, _ in _KINDS)
]


@pytest.mark.parametrize(("name", "kind"), _TOLD)
def test_a_result_that_is_described_as_a_count_a_time_or_a_share_is_one(name: str, kind: str | None) -> None:
    assert number_kind(tuple(name.split("."))) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("test", "accuracy", "replicate", 0), "share"),
        (("variants", "wide", "difference", "test", "accuracy", "mean"), "share"),
        (("variants", "wide", "times", "total"), "time"),
        (("epochs", 1, "val_accuracy", "low"), "share"),
        (("final", "loss"), "loss"),
        (("final", "val_head_loss", "mean"), "loss"),
        (("final", "mean_absolute_error"), None),
        (("epochs", 1), None),
        (("analysis", "rotation", "accuracy", 45, "mean"), "share"),
        (("analysis", "rotation", "accuracy", 45, "replicate", 3), "share"),
        (("analysis", "rotation", "drop"), None),
        (("analysis", "rotation", "loss"), None),
        (("published", "total", "reproduced"), "count"),
        (("published", "total", "ratio"), None),
        (("published", "epochs", 1, "accuracy", "published"), None),
        (("published", "equal", "count"), "count"),
        (("image", "label"), None),
        (("code", "RATE"), None),
        (("model", "layers", "dropout", "rate"), None),
    ],
)
def test_a_result_has_the_kind_of_its_quantity_and_none_if_it_is_not_certain(
    path: tuple[str | int, ...], kind: str | None
) -> None:
    assert number_kind(path) == kind
