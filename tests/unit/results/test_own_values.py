"""The author's own measures become values over the replicates."""

from __future__ import annotations

import pytest

from generator.core.errors import ReportError
from generator.records.analysis import OwnMeasure, OwnNumber
from generator.results.own_values import values


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
    with pytest.raises(ReportError, match=r"analysis\.py: noise\(\) returns loss\.15 for replicate 1, but not for"):
        list(values([(measured(0, accuracy=0.5),), (measured(1, accuracy=0.5, loss=1.0),)]))


def test_an_array_that_one_replicate_lacks_is_refused() -> None:
    more = OwnMeasure("noise", 1, measured(1, accuracy=0.5).numbers, (("curve",),))
    with pytest.raises(ReportError, match="returns curve for replicate 1"):
        list(values([(measured(0, accuracy=0.5),), (more,)]))


def test_replicates_without_measures_have_no_values() -> None:
    assert list(values([(), ()])) == []
