"""The names of results and exhibits, as far as they are known before a run.

Every result that a run can give has a name here, and so do some that it may not give, such as a measure that does not
apply to a layer. Where not even the names are known, LATER stands for any name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from generator.article.missing import FIELDS, NOT_PUBLISHED
from generator.core.environment import TRAINING_PACKAGES
from generator.core.formatting import SPREAD
from generator.paper import Paper
from generator.prose.expressions import LATER
from generator.records.article import Exhibit
from generator.records.trial import Trial
from generator.results.applicability import (
    MAX_INPUTS,
    NO_CONVOLUTION,
    NO_MAPS,
    NOT_PLAIN,
    TOO_MANY_INPUTS,
    edge_fault,
)
from generator.results.replicates import MEASURES

Names = Mapping[object, object]


def names(paper: Paper, constants: Iterable[str], trial: Trial | None) -> dict[str, object]:
    """The names by their parts, for `paper`; without a trial, those that depend on the model are open.

    `constants` are those of the experiment.
    """
    known: dict[str, object] = {
        "data": _data(paper),
        "training": _each("batch_size", "replicates", "threads", "validation", "steps")
        | {"epochs": paper.training.epochs},
        "ran": {"epochs": _each("least", "most", "replicate")},
        "model": _model(trial),
        "code": _each(*constants),
        "epochs": LATER,
        "final": LATER,
        "test": {"accuracy": _QUANTITY},
        "image": _each("index", "label", "predicted", "probability"),
        "figures": LATER,
        "hierarchy": LATER,
        "probes": _each("train_images", "test_images", "basis_images", "dimensions")
        | dict.fromkeys(("pixels", "pixels_shuffled", "pixels_pca", "pixels_pca_shuffled"), _QUANTITY),
        "classes": LATER,
        "confusion": LATER,
        "errors": _each("predictions", "wrong") | {"most": _each("label", "predicted", "images")},
        "mistakes": LATER,
        "omitted": LATER,
        "explorer": _each("images", "changed")
        | {"correct": _each("full", "rounded"), "accuracy": _each("full", "rounded", "change")},
        "environment": _each("python", "cpu", *TRAINING_PACKAGES),
        "times": _each("epoch", "total"),
        "published": LATER,
    }
    return known | (_of_trial(paper, trial) if trial else {})


def exhibits() -> dict[str, Exhibit]:
    """By name; there is nothing to show in them yet."""
    named = [Exhibit(name, kind, "") for kind, names in _EXHIBITS.items() for name in names]
    return {exhibit.name: exhibit for exhibit in named}


def missing_exhibits(paper: Paper, trial: Trial | None) -> dict[str, str]:
    """Why there is no exhibit of a name, by the name, as far as it is known."""
    published = {"published": NOT_PUBLISHED} if paper.published is None else {}
    return published | (_missing_in(trial) if trial else {})


def _missing_in(trial: Trial) -> dict[str, str]:
    """What the layers of the model do not give."""
    if not trial.maps:
        return dict.fromkeys((*_OF_KERNELS, *_OF_MAPS), NO_MAPS)
    if trial.kernels is None:
        return dict.fromkeys(_OF_KERNELS, NOT_PLAIN if trial.has_convolution else NO_CONVOLUTION)
    faults = {"kernels": TOO_MANY_INPUTS if trial.kernels[2] > MAX_INPUTS else None}
    faults["edge-energy"] = edge_fault(trial.kernels)
    return {name: fault for name, fault in faults.items() if fault}


_OF_KERNELS = ("kernels", "edge-energy")
_OF_MAPS = ("feature-maps", "feature-maps-untrained", "orientation", "probes", "selectivity", FIELDS)
_EXHIBITS: Mapping[Literal["figure", "table", "listing"], tuple[str, ...]] = {
    "figure": (
        *("architecture", "explorer", "feature-maps", "kernels", "mistakes"),
        *("learning-curves", "edge-energy", "orientation", "probes", "selectivity"),
    ),
    "table": ("confusion", "classes", "published", "receptive-fields"),
    "listing": ("experiment",),
}


def _each(*parts: str) -> dict[object, object]:
    return dict.fromkeys(parts, LATER)


_QUANTITY: Names = _each(*SPREAD, "replicate")


def _data(paper: Paper) -> Names:
    always = _each("height", "width", "channels", "classes") | {"images": _each("train", "test", "total", "validation")}
    return always | (_each("name", "title", "license", "source", "preview") if paper.data and paper.data.name else {})


def _model(trial: Trial | None) -> Names:
    parameters = _each("total", "trainable", "non_trainable")
    if trial is None:
        return {"parameters": parameters} | _each("bytes", "kinds", "layers", "optimizer", "loss")
    layers: dict[str, dict[object, object]] = {name: _each("parameters", "kind", "shape") for name in trial.kinds}
    model: dict[object, object] = {"parameters": parameters, "bytes": LATER, "layers": layers}
    model["kinds"] = _each(*trial.kinds.values())
    for path in trial.hyperparameters:
        _grow(model, path)
    return model


def _grow(names: dict[object, object], path: Sequence[str]) -> None:
    """Adds a name, and what its parts are parts of."""
    *tables, last = path
    for table in tables:
        below = names.setdefault(table, {})
        assert isinstance(below, dict), path
        names = below
    names[last] = LATER


def _of_trial(paper: Paper, trial: Trial) -> dict[str, object]:
    """The names that the layers, metrics, and classes of the model decide."""
    metrics = dict.fromkeys(trial.metrics, _QUANTITY)
    return {
        "epochs": dict.fromkeys(range(1, paper.training.epochs + 1), metrics),
        "final": metrics,
        "figures": dict.fromkeys(trial.maps, _each("low", "high")),
        "hierarchy": dict.fromkeys(trial.maps, _layer(MEASURES)),
        "classes": dict.fromkeys(
            range(trial.classes), _each("images", "name") | {"precision": _QUANTITY, "recall": _QUANTITY}
        ),
        "confusion": dict.fromkeys(range(trial.classes), dict.fromkeys(range(trial.classes), LATER)),
    }


def _layer(measures: Iterable[str]) -> Names:
    """The names of a layer; of those below a measure, all that any measure has."""
    measure: dict[object, object] = dict.fromkeys(("trained", "untrained", "difference"), _QUANTITY)
    measure["null"] = _each(*SPREAD)
    layer: dict[object, object] = dict.fromkeys(measures, measure)
    return layer | {"field": _each("size", "stride", "height", "width")}
