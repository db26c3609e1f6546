"""The values of the measures inside the network, by name.

For a layer L of the network (convolution or pooling):

    hierarchy.L.field.{size,stride}          input pixels, the larger of the two axes
    hierarchy.L.field.{height,width}         input pixels
    hierarchy.L.M.trained.{mean,low,high}    and .replicate.SEED
    hierarchy.L.M.untrained.{mean,low,high}  and .replicate.SEED: the untrained twins
    hierarchy.L.M.difference.{mean,low,high} and .replicate.SEED: trained minus untrained, paired
    hierarchy.L.edge_energy.null.{mean,low,high}, and of edge_energy_centered: random kernels

M is one of probe_mean, probe_pca, probe_mean_shuffled, probe_pca_shuffled (test accuracy), orientation, selectivity
(means over channels), dead (share of channels), edge_energy, edge_energy_centered (first convolution; means over
kernels), and, for trained networks only, ablation, ablation_most (accuracy lost, mean and maximum over channels), and
ablation_correlation (Spearman, with selectivity).

    probes.{train_images,test_images,basis_images,dimensions}
    probes.{pixels,pixels_shuffled,pixels_pca,pixels_pca_shuffled}.{mean,low,high}  and .replicate.SEED
    classes.LABEL.{precision,recall}.{mean,low,high}  and .replicate.SEED; classes.LABEL.images
    confusion.LABEL.PREDICTED                images, over all replicates
    errors.{predictions,wrong}               of all replicates together
    errors.most.{label,predicted,images}     the pair of classes that is confused most, if any are
    mistakes.RANK.{index,label,predicted,probability}  of the replicate shown, most confident first, from 1
    omitted.MEASURE.{LAYER,all}              why a measure is left out

If replicates give no interval (see generator.results.intervals), `low` and `high` are the text "no interval".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from generator.core.formatting import NO_INTERVAL, listed
from generator.records.measures import Measures, Predictions, Probing
from generator.records.results import Value
from generator.results.intervals import Quantity, of_images
from generator.results.replicates import Contrast, confusion_of, contrasts

Path = tuple[str | int, ...]
STAGE = "evidence"
"""The stage of measures that do not have their own."""

_STAGES: Mapping[str, tuple[str, ...]] = {
    "activity": ("dead", "selectivity"),
    "probes": ("probe",),
    "orientation": ("orientation",),
    "ablation": ("ablation",),
}
"""For each stage, the prefixes of the names of its measures."""


def stages_of(path: Path) -> tuple[str, ...]:
    """The stages that measure what a name refers to; all of them for a name that covers many measures."""
    match path:
        case ("probes", *_):
            return ("probes",)
        case ("hierarchy", _, measure, *_) | ("omitted", measure, *_):
            return tuple(stage for stage, begins in _STAGES.items() if str(measure).startswith(begins))
        case ("hierarchy" | "omitted", *_):
            return tuple(_STAGES)
    return ()


def values(measured: Sequence[Measures]) -> Iterator[Value]:
    """All values named above that the replicates have. The first replicate is the one shown."""
    for value in _values(measured):
        (stage,) = stages_of(value.path) or (STAGE,)
        yield msgspec.structs.replace(value, stage=stage)


def _values(measured: Sequence[Measures]) -> Iterator[Value]:
    comparisons, _ = contrasts(measured)
    yield from _of_fields(measured[0])
    for comparison in comparisons:
        yield from _of_comparison(comparison)
    yield from _of_nulls(measured[0])
    yield from _of_probing({one.seed: one.probing for one in measured if one.probing})
    yield from _of_classes(measured)
    yield from _of_errors(measured)
    yield from _of_mistakes(measured[0])
    yield from _of_omissions(measured)


def of_quantity(path: Path, quantity: Quantity, stage: str = STAGE) -> Iterator[Value]:
    """A quantity as mean, low, and high over the replicates, and as measured on each of them."""
    spread = of_images(quantity)
    yield Value((*path, "mean"), spread.mean, stage)
    for name, end in (("low", spread.low), ("high", spread.high)):
        yield Value((*path, name), NO_INTERVAL if end is None else end, stage)
    for seed, value in quantity.by_seed.items():
        yield Value((*path, "replicate", seed), value, stage, seed, quantity.scale, quantity.trials.get(seed))


def _of_fields(measured: Measures) -> Iterator[Value]:
    for field in measured.fields:
        path = ("hierarchy", field.name, "field")
        numbers = {"size": max(field.size), "stride": max(field.stride)}
        numbers |= {"height": field.size[0], "width": field.size[1]}
        yield from (Value((*path, name), number, STAGE) for name, number in numbers.items())


def _of_comparison(comparison: Contrast) -> Iterator[Value]:
    path = ("hierarchy", comparison.layer, comparison.measure)
    yield from of_quantity((*path, "trained"), comparison.trained)
    if comparison.untrained and comparison.difference:
        yield from of_quantity((*path, "untrained"), comparison.untrained)
        yield from of_quantity((*path, "difference"), comparison.difference)


def _of_nulls(measured: Measures) -> Iterator[Value]:
    if energy := measured.trained.edge_energy:
        for name, null in (("edge_energy", energy.null), ("edge_energy_centered", energy.centered_null)):
            path = ("hierarchy", energy.layer, name, "null")
            yield from (Value((*path, end), getattr(null, end), STAGE) for end in ("mean", "low", "high"))


def _of_probing(probing: Mapping[int, Probing]) -> Iterator[Value]:
    if not probing:
        return
    first = next(iter(probing.values()))
    for name in ("train_images", "test_images", "basis_images", "dimensions"):
        yield Value(("probes", name), getattr(first, name), STAGE)
    tested = {seed: one.test_images for seed, one in probing.items()}
    for name in ("pixels", "pixels_pca"):
        probes = {seed: getattr(one, name) for seed, one in probing.items()}
        if all(probes.values()):
            accuracy = {seed: probe.accuracy for seed, probe in probes.items()}
            shuffled = {seed: probe.shuffled for seed, probe in probes.items()}
            yield from of_quantity(("probes", name), Quantity(accuracy, "share", tested))
            yield from of_quantity(("probes", f"{name}_shuffled"), Quantity(shuffled, "share", tested))


def of_class(name: str, label: int, predicted: Mapping[int, Predictions]) -> Quantity | None:
    """Precision or recall of a class, by seed; None if some replicate has none."""
    known = {seed: getattr(one.classes[label], name) for seed, one in predicted.items()}
    if None in known.values():
        return None
    if name == "recall":
        images = {seed: sum(one.confusion[label]) for seed, one in predicted.items()}
    else:
        images = {seed: sum(row[label] for row in one.confusion) for seed, one in predicted.items()}
    return Quantity(known, "share", images)


def _of_classes(measured: Sequence[Measures]) -> Iterator[Value]:
    predicted_by_seed = {one.seed: one.predictions for one in measured}
    counts = confusion_of(predicted_by_seed.values())
    for label, first in enumerate(measured[0].predictions.classes):
        yield Value(("classes", label, "images"), first.images, STAGE)
        for name in ("precision", "recall"):
            if score := of_class(name, label, predicted_by_seed):
                yield from of_quantity(("classes", label, name), score)
        for predicted, count in enumerate(counts[label]):
            yield Value(("confusion", label, predicted), count, STAGE)


def _of_errors(measured: Sequence[Measures]) -> Iterator[Value]:
    counts = confusion_of(one.predictions for one in measured)
    cells = {(label, predicted): count for label, row in enumerate(counts) for predicted, count in enumerate(row)}
    wrong = {pair: count for pair, count in cells.items() if pair[0] != pair[1] and count}
    yield Value(("errors", "predictions"), sum(cells.values()), STAGE)
    yield Value(("errors", "wrong"), sum(wrong.values()), STAGE)
    if wrong:
        label, predicted = pair = max(wrong, key=wrong.__getitem__)
        most = {"label": label, "predicted": predicted, "images": wrong[pair]}
        yield from (Value(("errors", "most", name), number, STAGE) for name, number in most.items())


def _of_mistakes(measured: Measures) -> Iterator[Value]:
    for rank, mistake in enumerate(measured.predictions.mistakes, 1):
        for name in ("index", "label", "predicted", "probability"):
            yield Value(("mistakes", rank, name), getattr(mistake, name), STAGE, measured.seed)


def _of_omissions(measured: Sequence[Measures]) -> Iterator[Value]:
    reasons = dict[Path, str]()
    for one in measured[0].omissions:
        reasons["omitted", one.measure, one.layer or "all"] = one.reason
    for gap in contrasts(measured)[1]:
        seeds = listed([str(seed) for seed in gap.seeds])
        reasons["omitted", gap.measure, gap.layer] = f"it could not be measured in replicate {seeds} or its twin"
    yield from (Value(path, reason, STAGE) for path, reason in reasons.items())
