"""The values of a condition by name: of its data, its training, its model, and its measures; and those of variants.

A variant N has every name of a condition as variants.N.NAME. For each quantity that the main condition also has, there
is the difference variants.N.difference.NAME: the variant minus the main condition, within each replicate that both
have, so that effects of the seed they share do not widen it. Validation metrics have one only if both conditions
validate on the same images. generator.results.measure_values lists the names of what was measured inside the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from generator.records.dataset import Dataset
from generator.records.evidence import Evidence
from generator.records.results import Number, Path, Value
from generator.records.run import Epoch, Hyperparameter, Run
from generator.results import measure_values, own_values
from generator.results.intervals import Quantity, is_count, scale_of
from generator.results.measure_values import of_quantity
from generator.results.outcome import ConditionOutcome, validated_on

VARIANTS, DIFFERENCE, REPLICATE = "variants", "difference", "replicate"


def of_condition(of: ConditionOutcome) -> Iterator[Value]:
    """The values of a condition, the main one or a variant, by names without the variant's prefix."""
    runs = [replicate.run for replicate in of.replicates]
    yield from _of_dataset(of.dataset)
    yield from _of_training(of)
    yield from _of_model(runs[0])
    yield from _of_epochs(runs, of.dataset.validation_images)
    yield from _of_tests([replicate.evidence for replicate in of.replicates])
    yield from measure_values.values([replicate.measures for replicate in of.replicates])
    yield from own_values.values([replicate.own for replicate in of.replicates])
    yield from _of_times(of)


def of_variants(main: ConditionOutcome, variants: Iterable[ConditionOutcome]) -> Iterator[Value]:
    """The values of all variants, and their differences from the main condition."""
    reference = quantities(of_condition(main))
    for variant in variants:
        begin, own = (VARIANTS, variant.condition.name), list(of_condition(variant))
        yield Value((*begin, "title"), variant.condition.title, stage_of("train", variant.condition.name))
        stages = {value.path: stage_of(value.stage, variant.condition.name) for value in own}
        for value in own:
            yield msgspec.structs.replace(value, path=(*begin, *value.path), stage=stages[value.path])
        is_alike = validated_on(variant.dataset) == validated_on(main.dataset)
        for path, quantity in quantities(own).items():
            other = reference.get(path) if is_alike or not is_of_validation(path) else None
            by_seed = other.by_seed if other else {}
            less = {seed: value - by_seed[seed] for seed, value in quantity.by_seed.items() if seed in by_seed}
            if less:
                yield from of_quantity((*begin, DIFFERENCE, *path), Quantity(less), stages[(*path, "mean")])


def is_of_validation(path: Path) -> bool:
    """Whether a name, without that of a variant, is one of a validation metric of Keras."""
    return len(path) > 1 and path[0] in ("epochs", "final") and any(str(part).startswith("val_") for part in path[1:])


def stage_of(stage: str, variant: str) -> str:
    """The name of a stage of a condition: a variant's data and code may differ from the main condition's."""
    return f"{stage} ({variant})" if variant else stage


def quantities(values: Iterable[Value]) -> dict[Path, Quantity]:
    """What was measured on replicates, by the name of the whole quantity."""
    by_seed: dict[Path, dict[int, Value]] = {}
    means = set[Path]()
    for value in values:
        match value.path:
            case (*path, part, int(seed)) if part == REPLICATE:
                by_seed.setdefault(tuple(path), {})[seed] = value
            case (*path, "mean"):
                means.add(tuple(path))
    return {path: _quantity(known) for path, known in by_seed.items() if path in means}


def _quantity(by_seed: Mapping[int, Value]) -> Quantity:
    numbers = {seed: one.value for seed, one in by_seed.items() if isinstance(one.value, int | float)}
    trials = {seed: one.trials for seed, one in by_seed.items() if one.trials}
    return Quantity(numbers, next(iter(by_seed.values())).scale, trials)


# --- the values, subject by subject --------------------------------------------------------------


def _of_dataset(dataset: Dataset) -> Iterator[Value]:
    train, test = dataset.x_train.shape, dataset.x_test.shape
    apart = dataset.validation_images if dataset.x_validation else 0
    counts = {"train": train[0], "test": test[0], "total": train[0] + test[0] + apart}
    counts["validation"] = dataset.validation_images
    yield from (Value(("data", "images", part), count, "data") for part, count in counts.items())
    sides = dict(zip(("height", "width", "channels"), train[1:], strict=True))
    yield from (Value(("data", name), size, "data") for name, size in sides.items())
    yield Value(("data", "classes"), dataset.classes, "data")


def _of_training(of: ConditionOutcome) -> Iterator[Value]:
    settings, run = of.condition.training, of.replicates[0].run
    for name in ("epochs", "batch_size", "replicates", "threads", "validation"):
        yield Value(("training", name), getattr(settings, name), "train")
    yield Value(("training", "steps"), run.epochs[0].steps, "train")
    ran = {replicate.run.seed: len(replicate.run.epochs) for replicate in of.replicates}
    for name, count in (("least", min(ran.values())), ("most", max(ran.values()))):
        yield Value(("ran", "epochs", name), count, "train")
    for seed, count in ran.items():
        yield Value(("ran", "epochs", "replicate", seed), count, "train", seed)


def _of_model(run: Run) -> Iterator[Value]:
    summary = run.summary
    counts = {"total": summary.total, "trainable": summary.trainable, "non_trainable": summary.non_trainable}
    yield from (Value(("model", "parameters", name), count, "train") for name, count in counts.items())
    yield Value(("model", "bytes"), summary.bytes, "train")
    for kind, count in Counter(layer.kind for layer in summary.layers).items():
        yield Value(("model", "kinds", kind), count, "train")
    for layer in summary.layers:
        yield Value(("model", "layers", layer.name, "parameters"), layer.parameters, "train")
        yield Value(("model", "layers", layer.name, "kind"), layer.kind, "train")
        shape = " × ".join(str(size) for size in layer.output_shape[1:])
        yield Value(("model", "layers", layer.name, "shape"), shape, "train")
    for each in summary.hyperparameters:
        yield Value(("model", *each.path), _printable(each), "train")


def _printable(of: Hyperparameter) -> Number:
    """The value to print: several sizes of axes become a text such as 3 × 3, and a tuple of one becomes its number."""
    if not isinstance(of.value, tuple):
        return of.value
    if len(of.value) == 1:
        return of.value[0]
    return " × ".join(map(str, of.value)) if of.path[-1].endswith(_SIZES) else of.value


_SIZES = ("size", "strides", "shape", "dilation_rate")
"""Suffixes of Keras's names for sizes of axes."""


def _of_epochs(runs: Sequence[Run], images: int) -> Iterator[Value]:
    """Keras's metrics by epoch (epochs[1] is the first), and `final`: those of each replicate's own last epoch.

    `images` is the number of images for validation.

    Epochs that some replicates did not run are left out: a mean over the others would cover different replicates.
    """
    for number in range(1, min(len(run.epochs) for run in runs) + 1):
        yield from _of_metrics(("epochs", number), {run.seed: run.epochs[number - 1] for run in runs}, images)
    yield from _of_metrics(("final",), {run.seed: run.epochs[-1] for run in runs}, images)


def _of_metrics(path: Path, epochs: Mapping[int, Epoch], images: int) -> Iterator[Value]:
    """The metrics that every replicate has at the end of an epoch; `epochs` are by seed."""
    first, *others = epochs.values()
    for metric in first.metrics:
        if all(metric in epoch.metrics for epoch in others):
            by_seed = {seed: epoch.metrics[metric] for seed, epoch in epochs.items()}
            measured = Quantity(by_seed, scale_of(metric, list(by_seed.values())), _trials(metric, by_seed, images))
            yield from of_quantity((*path, metric), measured, "train")


def _trials(metric: str, by_seed: Mapping[int, float], images: int) -> dict[int, int]:
    """The number of images that a validation accuracy refers to, so that it has the interval of a test accuracy."""
    if not metric.startswith("val_"):  # a mean over a whole epoch, while the network changes
        return {}
    return {seed: images for seed, value in by_seed.items() if is_count(metric, value, images)}


def _of_tests(tested: Sequence[Evidence]) -> Iterator[Value]:
    shares = {evidence.seed: evidence.correct / evidence.images for evidence in tested}
    accuracy = Quantity(shares, "share", {evidence.seed: evidence.images for evidence in tested})
    yield from of_quantity(("test", "accuracy"), accuracy, "evidence")


def _of_times(of: ConditionOutcome) -> Iterator[Value]:
    """Measured times, which no result depends on."""
    times = {replicate.run.seed: replicate.times for replicate in of.replicates}
    epoch = {seed: sum(time.epoch_seconds) / len(time.epoch_seconds) for seed, time in times.items()}
    total = {seed: time.total_seconds for seed, time in times.items()}
    yield from of_quantity(("times", "epoch"), Quantity(epoch, "positive"), "train")
    yield from of_quantity(("times", "total"), Quantity(total, "positive"), "train")
