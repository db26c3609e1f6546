"""What is foreseen before a run is what a run gives: every exhibit, and the differences of variants.

What is not foreseen would be refused before anything is trained; what is foreseen in vain, only after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from generator.article import foreseen, writing
from generator.article.compose import compose
from generator.article.material import Material
from generator.paper import load_paper
from generator.prose.expressions import value_at
from generator.records.analysis import Declared
from generator.records.article import Article, Target
from generator.records.trial import Trial
from tests.end_to_end.test_page_snapshot import page


def test_every_exhibit_of_a_paper_is_foreseen_with_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper's charts, pictures, and tables are those of a convolutional network, so that none is left out."""
    made: set[tuple[str, str]] = set()

    def note(material: Material, target: Target) -> Article:
        made.update((exhibit.name, exhibit.kind) for exhibit in material.exhibits.values())
        return compose(material, target)

    monkeypatch.setattr(writing, "compose", note)
    page()
    known = {(exhibit.name, exhibit.kind) for exhibit in foreseen.exhibits().values()}
    others = {("published", "table"), ("explorer", "figure"), ("variants", "table"), ("variants", "figure")}
    assert known == made | others | {("analysis", "listing")}, "the tiny paper has none of these others"


TRIAL = Trial(
    kinds={"conv": "Conv2D", "dense": "Dense"},
    maps=("conv",),
    metrics=("accuracy", "val_accuracy"),
    classes=3,
    has_convolution=True,
    kernels=(3, 3, 1, 4),
)
TOML = """
title = "T"
authors = ["A"]
date = 2026-01-02
[training]
epochs = 1
[variants.longer]
title = "longer"
training = { epochs = 2 }
"""


def differences(folder: Path, trials: dict[str, Trial], validated: Mapping[str, str] | None = None) -> list[str]:
    """The names of the differences of the variant that are known, without those of what a quantity has."""
    (folder / "paper.toml").write_text(TOML)
    known = foreseen.names(load_paper(folder, {}), {}, trials, [Declared("own", "measure", 1)], validated or {})
    return sorted(dotted(value_at(known, ("variants", "longer", "difference"))))


def dotted(known: object) -> Iterator[str]:
    if not isinstance(known, Mapping) or "mean" in known:
        yield ""
        return
    for part, below in known.items():
        yield from (f"{part}.{end}".rstrip(".") for end in dotted(below))


def test_only_quantities_that_both_conditions_have_are_foreseen_to_differ(tmp_path: Path) -> None:
    """No difference is made of settings and sizes, of an epoch that one of them lacks, or of a layer."""
    other = msgspec.structs.replace(TRIAL, kinds={"dense": "Dense"}, maps=())
    found = differences(tmp_path, {"": TRIAL, "longer": TRIAL})
    assert {"epochs.1.accuracy", "final.val_accuracy", "test.accuracy", "probes.pixels", "analysis.own"} < set(found)
    assert {"classes.2.recall", "times.total", "hierarchy.conv.probe_mean.trained"} < set(found)
    assert not [name for name in found if name.startswith(("model", "training", "data", "ran", "epochs.2"))]
    assert not [name for name in found if name.endswith((".null", ".field", ".name", ".images", "_images"))]
    assert not [name for name in differences(tmp_path, {"": TRIAL, "longer": other}) if "hierarchy" in name]
    open_ = differences(tmp_path, {})
    assert "hierarchy" in open_ and "model" not in open_


def test_conditions_that_validate_on_different_images_share_no_validation_metric(tmp_path: Path) -> None:
    """A layer may be called as it likes."""
    trial = msgspec.structs.replace(TRIAL, maps=("val_conv",))
    found = differences(tmp_path, {"": trial, "longer": trial}, {"": "a", "longer": "b"})
    assert {"final.accuracy", "hierarchy.val_conv.probe_mean.trained"} < set(found)
    assert not [name for name in found if "val_acc" in name]
