"""The author's own measures become values over the replicates."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import Place, ReportError
from generator.records.analysis import OwnMeasure, OwnNumber
from generator.results.own_values import check_names, check_ranges, values

PLACE = Place(Path("analysis.py"), 7)


def measured(seed: int, **numbers: float) -> OwnMeasure:
    return OwnMeasure("noise", seed, tuple(OwnNumber((name, 15), value) for name, value in numbers.items()), ())


def test_each_number_is_a_quantity_over_the_replicates_of_a_stage_of_its_own() -> None:
    found = list(values([(measured(0, accuracy=0.5),), (measured(1, accuracy=0.7),)]))
    named = {value.name: value.value for value in found}
    assert named["analysis.noise.accuracy.15.mean"] == pytest.approx(0.6)
    assert named["analysis.noise.accuracy.15.replicate.1"] == 0.7
    assert 0 < float(str(named["analysis.noise.accuracy.15.low"])) < 0.5, "an accuracy is a share"
    assert {value.stage for value in found} == {"analysis-noise"}


def test_other_names_for_another_replicate_are_refused() -> None:
    with pytest.raises(ReportError, match=r"analysis\.py:7: noise\(\) returns loss\.15 for replicate 1, but not for"):
        check_names([measured(0, accuracy=0.5), measured(1, accuracy=0.5, loss=1.0)], PLACE)


def test_an_array_that_one_replicate_lacks_is_refused() -> None:
    more = OwnMeasure("noise", 1, measured(1, accuracy=0.5).numbers, (("curve",),))
    with pytest.raises(ReportError, match="returns curve for replicate 1"):
        check_names([measured(0, accuracy=0.5), more], PLACE)


def test_a_share_that_is_none_is_refused() -> None:
    """It would be printed as 3,844%."""
    told = r"analysis\.py:7: noise\(\): worst_accuracy\.15 is 38\.44, but its name is that of a share, from 0 to 1"
    with pytest.raises(ReportError, match=told):
        check_ranges([measured(0, worst_accuracy=38.44)], PLACE)
    check_ranges([measured(0, worst_accuracy=1.0000001192, percent=38.44)], PLACE)


@pytest.mark.parametrize(("key", "scale"), [("accuracy", "share"), ("loss", "positive"), ("drop", "plain")])
def test_the_last_key_that_is_text_decides_the_scale(key: str, scale: str) -> None:
    """A drop of accuracy may be negative, and is no share."""
    of = [(OwnMeasure("noise", seed, (OwnNumber(("accuracy", key, 15), 0.1 + seed / 10),), ()),) for seed in range(2)]
    assert [value.scale for value in values(of) if value.replicate is not None] == [scale, scale]


def test_replicates_without_measures_have_no_values() -> None:
    assert list(values([(), ()])) == []
