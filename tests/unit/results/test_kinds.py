"""The kind of each result by its name, and none where it is not certain."""

from __future__ import annotations

import pytest

from generator.results.descriptions import KNOWN
from generator.results.kinds import kind_of


@pytest.mark.parametrize("name", [name for name in KNOWN if "published" not in name])
def test_every_result_that_is_described_as_a_number_of_things_or_a_time_or_an_accuracy_has_its_kind(name: str) -> None:
    words, path = KNOWN[name], tuple(name.split("."))
    if "number of the image" in words:
        expected = None
    elif "number of" in words:
        expected = "count"
    elif words.startswith("seconds"):
        expected = "time"
    elif words.startswith(("test accuracy", "share", "accuracy lost", "largest accuracy lost", "precision", "recall")):
        expected = "share"
    else:
        return
    assert kind_of(path) == expected


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
    assert kind_of(path) == kind
