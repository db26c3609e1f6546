"""The names of results and exhibits that are known before a run, so that the prose can be checked before training.

They include every result that a run can give, and some that it may not, such as a measure that does not apply to a
layer. Where even the names are not known, LATER allows any name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from generator.article.missing import FIELDS, NO_ANALYSIS, NOT_PUBLISHED, not_compared
from generator.core.environment import TRAINING_PACKAGES
from generator.core.formatting import SPREAD
from generator.paper import Paper
from generator.prose.expressions import ARRAY, LATER, Unusable
from generator.records.analysis import Declared, TriedMeasure
from generator.records.article import Exhibit
from generator.records.condition import MAIN
from generator.records.results import Number, Path
from generator.records.trial import Trial
from generator.results.applicability import (
    MAX_INPUTS,
    NO_CONVOLUTION,
    NO_MAPS,
    NOT_PLAIN,
    TOO_MANY_INPUTS,
    edge_fault,
)
from generator.results.condition_values import DIFFERENCE, VARIANTS, is_of_validation
from generator.results.own_values import ANALYSIS
from generator.results.replicates import MEASURES

Names = Mapping[object, object]
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NOT_TRIED: Mapping[str, Iterable[TriedMeasure]] = MappingProxyType({})


def names(
    paper: Paper,
    constants: Mapping[str, Number],
    trials: Mapping[str, Trial],
    declared: Sequence[Declared] = (),
    validated: Mapping[str, str] = _NOTHING,
    tried: Mapping[str, Iterable[TriedMeasure]] = _NOT_TRIED,
    variables: Iterable[str] = (),
) -> dict[str, object]:
    """The names of the results of `paper`, as nested mappings; without trials, names that depend on models are LATER.

    `constants` are those of the code; `trials` are by condition; `declared` are the functions of analysis.py;
    `validated` are digests of the images that each condition is validated on; `tried` are its measures of analysis.py,
    as far as they could be tried; `variables` are names that the code sets, but not as constants.
    """
    trial = trials.get(MAIN)
    own = {name: _own(declared, tried.get(name, ())) for name in (MAIN, *paper.variants)}
    main = _of_condition(paper.training.epochs, trial, own[MAIN])
    known: dict[str, object] = {
        **main,
        "code": dict.fromkeys(variables, _VARIABLE) | dict(constants),
        "image": _each("index", "label", "predicted", "probability"),
        "figures": dict.fromkeys(trial.maps, _each("low", "high")) if trial else LATER,
        "explorer": _each("images", "changed")
        | {"correct": _each("full", "rounded"), "accuracy": _each("full", "rounded", "change")},
        "environment": _each("python", "cpu", *TRAINING_PACKAGES),
        "published": LATER,
        VARIANTS: {
            name: _of_variant(
                _of_condition(variant.training.epochs or paper.training.epochs, trials.get(name), own[name]),
                main,
                validated.get(name) == validated.get(MAIN),
            )
            for name, variant in paper.variants.items()
        },
    }
    about = _each("name", "title", "license", "source", "preview") if paper.data and paper.data.name else {}
    return known | {"data": _DATA | about}


def _of_condition(epochs: int, trial: Trial | None, own: Names) -> dict[str, object]:
    """The names that the main condition and each variant have; `own` are the author's measures."""
    known: dict[str, object] = {
        "data": _DATA,
        "training": _each("batch_size", "replicates", "threads", "validation", "steps") | {"epochs": epochs},
        "ran": {"epochs": _each("least", "most", "replicate")},
        "model": _model(trial),
        "epochs": LATER,
        "final": LATER,
        "test": {"accuracy": _QUANTITY},
        "hierarchy": LATER,
        "probes": _each("train_images", "test_images", "basis_images", "dimensions")
        | dict.fromkeys(("pixels", "pixels_shuffled", "pixels_pca", "pixels_pca_shuffled"), _QUANTITY),
        "classes": LATER,
        "confusion": LATER,
        "errors": _each("predictions", "wrong") | {"most": _each("label", "predicted", "images")},
        "mistakes": LATER,
        "omitted": LATER,
        ANALYSIS: own,
        "times": dict.fromkeys(("epoch", "total"), _QUANTITY),
    }
    return known | (_of_trial(epochs, trial) if trial else {})


def _own(declared: Sequence[Declared], tried: Iterable[TriedMeasure]) -> dict[object, object]:
    """The names of the author's measures, with those below them where they are known."""
    found = _each(*(one.name for one in declared if one.kind == "measure"))
    for one in tried:
        below: dict[object, object] = {}
        for path in one.numbers:
            _grow(below, path, _QUANTITY)
        for path in one.arrays:
            _grow(below, path, ARRAY)
        found[one.name] = below
    return found


def _of_variant(known: Mapping[str, object], main: Mapping[str, object], is_alike: bool) -> dict[str, object]:
    """The names of a condition, and those of its differences from the main one.

    `is_alike` says whether the validation metrics of both are of the same images.
    """
    shared = {part: _shared((part,), known[part], main[part], is_alike) for part in _OF_QUANTITIES}
    return {**known, "title": LATER, DIFFERENCE: {part: below for part, below in shared.items() if below}}


_OF_QUANTITIES = ("epochs", "final", "test", "hierarchy", "probes", "classes", "times", ANALYSIS)
"""What begins the names of quantities, which have differences; those of the author's measures have them, too."""


def _shared(path: Path, one: object, other: object, is_alike: bool) -> object:
    """The names below `path` of the quantities that two conditions both have; LATER where they are not known yet."""
    if one is LATER or other is LATER:
        return LATER
    if one is _QUANTITY and other is _QUANTITY:
        return _QUANTITY
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):  # an array
        return None
    found = {}
    for part in [part for part in one if part in other and (is_alike or not is_of_validation((*path, part)))]:
        is_value = path[0] != ANALYSIS and one[part] is LATER and other[part] is LATER
        if not is_value and (below := _shared((*path, part), one[part], other[part], is_alike)):
            found[part] = below
    return found


def exhibits(declared: Sequence[Declared] = ()) -> dict[str, Exhibit]:
    """All exhibits, including the author's own, without content."""
    named = [Exhibit(name, kind, "") for kind, names in _EXHIBITS.items() for name in names]
    named += [Exhibit(one.name, one.kind, "") for one in declared if one.kind != "measure"]
    return {f"{exhibit.kind} {exhibit.name}": exhibit for exhibit in named}


def missing_exhibits(paper: Paper, trial: Trial | None, has_analysis: bool = True) -> dict[str, str]:
    """By name, why an exhibit is not available, as far as this is known before a run."""
    published = {"published": NOT_PUBLISHED} if paper.published is None else {}
    published |= {} if has_analysis else {"analysis": NO_ANALYSIS}
    return published | not_compared(paper) | (_missing_in(trial) if trial else {})


def _missing_in(trial: Trial) -> dict[str, str]:
    """By name, why the layers of the model do not provide an exhibit."""
    if not trial.maps:
        return dict.fromkeys((*_OF_KERNELS, *_OF_MAPS), NO_MAPS)
    faults = {FIELDS: trial.inapplicable.get("field"), "orientation": trial.inapplicable.get("orientation")}
    if trial.kernels is None:
        faults |= dict.fromkeys(_OF_KERNELS, NOT_PLAIN if trial.has_convolution else NO_CONVOLUTION)
    else:
        faults["kernels"] = TOO_MANY_INPUTS if trial.kernels[2] > MAX_INPUTS else None
        faults["edge-energy"] = edge_fault(trial.kernels)
    return {name: fault for name, fault in faults.items() if fault}


_OF_KERNELS = ("kernels", "edge-energy")
_OF_MAPS = ("feature-maps", "feature-maps-untrained", "orientation", "probes", "selectivity", FIELDS)
_EXHIBITS: Mapping[Literal["figure", "table", "listing"], tuple[str, ...]] = {
    "figure": (
        *("architecture", "explorer", "feature-maps", "kernels", "mistakes"),
        *("learning-curves", "edge-energy", "orientation", "probes", "selectivity", VARIANTS),
    ),
    "table": ("confusion", "classes", "published", "receptive-fields", VARIANTS),
    "listing": ("experiment", "analysis"),
}


def _each(*parts: str) -> dict[object, object]:
    return dict.fromkeys(parts, LATER)


_VARIABLE = Unusable(
    "is not a constant: it is computed, set more than once, or of another kind",
    "Set it once, at the top level, to a number, a text, or a tuple of numbers.",
)
_QUANTITY: Names = _each(*SPREAD, "replicate")


_DATA = _each("height", "width", "channels", "classes") | {"images": _each("train", "test", "total", "validation")}


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


def _grow(names: dict[object, object], path: Sequence[str | int], value: object = LATER) -> None:
    """Adds a name and the mappings that contain it."""
    *tables, last = path
    for table in tables:
        below = names.setdefault(table, {})
        assert isinstance(below, dict), path
        names = below
    names[last] = value


def _of_trial(epochs: int, trial: Trial) -> dict[str, object]:
    """The names that depend on the layers, metrics, and classes of the model."""
    metrics = dict.fromkeys(trial.metrics, _QUANTITY)
    return {
        "epochs": dict.fromkeys(range(1, epochs + 1), metrics),
        "final": metrics,
        "hierarchy": dict.fromkeys(trial.maps, _layer(MEASURES)),
        "classes": dict.fromkeys(
            range(trial.classes), _each("images", "name") | {"precision": _QUANTITY, "recall": _QUANTITY}
        ),
        "confusion": dict.fromkeys(range(trial.classes), dict.fromkeys(range(trial.classes), LATER)),
    }


def _layer(measures: Iterable[str]) -> Names:
    """The names of a layer. Below each measure are all names that any measure can have."""
    measure: dict[object, object] = dict.fromkeys(("trained", "untrained", "difference"), _QUANTITY)
    measure["null"] = _each(*SPREAD)
    layer: dict[object, object] = dict.fromkeys(measures, measure)
    return layer | {"field": _each("size", "stride", "height", "width")}
