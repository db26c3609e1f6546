"""Filters and bounds that do not fit the kind of a result are refused, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.article.number_check import check
from generator.core.errors import Place, ReportError

PLACE = Place(Path("article.md"), 3)

REFUSED = {
    "data.images.test | percent": (
        "data.images.test is a count, but percent is for a share", "Write data.images.test | integer.",
    ),
    "times.total.mean | percent(1)": ("is a time, but percent is for a share", "Write times.total.mean | seconds."),
    "final.loss | points": ("final.loss is a loss, but points is for a share", "Write final.loss | number(2)."),
    "test.accuracy | integer": ("is a share, but integer is for a count", "Write test.accuracy | percent."),
    'model.layers["a-b"].parameters | abs | seconds': (
        "is a count, but seconds is for a time", 'Write model.layers["a-b"].parameters | integer.',
    ),
    "'a' if test.accuracy.low > 95 else 'b'": ("compares a share, which is at most 1, with 95", "Write 0.95 for 95%."),
    "0.5 < test.accuracy.mean < 99.5": ("compares a share, which is at most 1, with 99.5", "Write 0.995 for 99.5%."),
    "not 95 > analysis.noise.accuracy[3].mean": ("at most 1, with 95", "Write 0.95 for 95%."),
    "final.accuracy.mean - epochs[1].accuracy.mean > -5": ("at most 1, with -5", "Write -0.05 for -5%."),
    "test.accuracy.mean > 1e3": ("at most 1, with 1000", "Compare it with a number between 0 and 1."),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "told"), REFUSED.items(), ids=REFUSED)
def test_what_does_not_fit_the_kind_of_a_result_is_refused_with_what_to_write(
    expression: str, told: tuple[str, str]
) -> None:
    with pytest.raises(ReportError) as caught:
        check(expression, "shown", PLACE)
    assert caught.value.what.startswith("shown") and told[0] in caught.value.what
    assert (caught.value.where, caught.value.next) == (PLACE, told[1])


@pytest.mark.parametrize(
    "expression",
    [
        "test.accuracy | percent",
        "(data.images.test / data.images.total) | percent",
        "(1 - test.accuracy.mean) | percent",
        "test.accuracy.mean == 1",
        "100 * test.accuracy.mean > 95",
        "data.images.test > 95",
        "final.loss.mean < 2",
        "times.total.mean | round | counted('second')",
        "analysis.noise.drop.mean > 5",
        "analysis.noise.drop | percent",
        "model.layers.dropout.rate | percent",
        "published.total.ratio | percent",
    ],
)
def test_what_fits_or_may_fit_is_accepted(expression: str) -> None:
    check(expression, "shown", PLACE)
