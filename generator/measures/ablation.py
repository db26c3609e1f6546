"""Ablation: the accuracy that is lost when a single channel is set to zero.

A network runs once in full for each batch; for each channel, only the layers that depend on it run again, for several
channels at a time if these layers are small.

Source: Morcos, Barrett, Rabinowitz, and Botvinick, "On the importance of single directions for generalization", ICLR
2018.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import msgspec
import numpy as np
import tensorflow as tf
from scipy.stats import rankdata

from generator.measures.subject import Report, Subject
from generator.model.activations import (
    Recorder,
    batch_size,
    batches,
    bytes_each,
    channels_last,
    compiled,
    evenly,
    intercepted,
)
from generator.model.graph import CONVOLUTIONS, Call, downstream, is_channels_first
from generator.model.probabilities import labels_from
from generator.records.measures import Ablation, Channels, Measures, Omission
from generator.records.run import OutputKind
from generator.results.applicability import NO_CONVOLUTION, NO_MAPS

IMAGES = 1000
SPACE = 2**24  # bytes for the layers' outputs for a batch
MAX_RUNS = 100_000  # of layers, for all channels and batches: a few minutes on one core


def measure(subject: Subject, activity: Measures, most: int | None) -> Measures:
    """Ablates the trained network's convolutions; correlates the losses with the class selectivity in `activity`.

    `most` limits the channels: see `ablated`.
    """
    x_test, labels = subject.images.arrays["x_test"], subject.images.test_labels
    if reason := _fault(subject, most):
        return Measures(subject.seed, omissions=(Omission("ablation", None, reason),))
    targets, shown = convolutions(subject.calls), evenly(len(x_test), IMAGES)
    found = ablate(
        subject.model,
        subject.calls,
        targets,
        x_test[shown],
        labels[shown],
        subject.replicate.run.output,
        most,
        subject.report,
    )
    selectivity = {layer.name: layer.selectivity for layer in activity.trained.layers}
    each = (msgspec.structs.replace(one, correlation=correlated(one, selectivity[one.layer])) for one in found)
    return Measures(subject.seed, ablation=tuple(each), omissions=tuple(_left_out(targets, most)))


def _fault(subject: Subject, most: int | None) -> str | None:
    if not subject.maps:
        return NO_MAPS
    if not convolutions(subject.calls):
        return NO_CONVOLUTION
    return ablation_fault(subject.calls, len(subject.images.arrays["x_test"]), most)


def _left_out(targets: Sequence[Call], most: int | None) -> Iterator[Omission]:
    total, kept = sum(map(_channels, targets)), sum(map(len, ablated(targets, most)))
    if kept < total:
        reason = f"all but {kept} of the {total} channels from the ablation (evenly spaced ones are kept)"
        yield Omission("ablation", None, reason)


def ablate(
    model: Any,
    calls: Sequence[Call],
    targets: Sequence[Call],
    images: np.ndarray,
    labels: np.ndarray,
    output: OutputKind,
    most: int | None = None,
    report: Report = lambda done, total, what: None,
) -> tuple[Ablation, ...]:
    """Ablates channels of each of `targets`; `calls` are all of the model's; images (N, H, W, C), labels (N,).

    `output` is the kind of the model's output, and `most` limits the channels: see `ablated`. Correlations are not
    computed here: see `correlated`.
    """
    kept = [call for call in calls if isinstance(call.layer, keras.Layer)]
    size, chosen = batch_size(kept, SPACE), ablated(targets, most)
    intact, correct = 0, [dict.fromkeys(channels, 0) for channels in chosen]
    recorder, runs = Recorder(model, kept), [_runner(model, calls, kept, target) for target in targets]
    for start, batch in enumerate(batches(images, np.arange(len(images)), size)):
        wanted = labels[start * size : start * size + len(batch)]
        returned, outputs = recorder(batch)
        intact += (right := int((labels_from(np.asarray(outputs), output) == wanted).sum()))
        for index, (target, run, counts) in enumerate(zip(targets, runs, correct, strict=True)):
            report(start * size * len(targets) + index * len(batch), len(images) * len(targets), target.node.name)
            alive: list[bool] = np.any(channels_last(target, returned[target.node.name]), axis=(0, 1, 2)).tolist()
            living = [channel for channel in counts if alive[channel]]
            for channel in counts:
                counts[channel] += 0 if alive[channel] else right
            several = _at_once(calls, kept, target, len(batch))
            for first in range(0, len(living), several):
                channels = living[first : first + several]
                for channel, answers in zip(channels, run(batch, returned, channels), strict=True):
                    counts[channel] += int((labels_from(answers, output) == wanted).sum())
    return tuple(
        Ablation(
            layer=target.node.name,
            images=len(images),
            accuracy=intact / len(images),
            channels=tuple(counts),
            lost=tuple(float(intact - count) / len(images) for count in counts.values()),
            correlation=None,
        )
        for target, counts in zip(targets, correct, strict=True)
    )


def ablated(targets: Sequence[Call], most: int | None) -> list[list[int]]:
    """The channels of each target that are ablated: all, or about `most` of all targets together, evenly spaced.

    Each target keeps its share of them, and at least one.
    """
    total = sum(map(_channels, targets))
    if most is None or total <= most:
        return [list(range(_channels(target))) for target in targets]
    counts = (max(1, round(_channels(target) * most / total)) for target in targets)
    return [evenly(_channels(target), count).tolist() for target, count in zip(targets, counts, strict=True)]


def ablation_fault(calls: Sequence[Call], count: int, most: int | None = None) -> str | None:
    """Why the convolutions of a network are not ablated on `count` images; None if they are."""
    targets = convolutions(calls)
    channels = list(map(len, ablated(targets, most)))
    runs = _layer_runs(calls, targets, channels, min(count, IMAGES))
    if runs <= MAX_RUNS:
        return None
    return (
        f"removing each of {sum(channels)} channels in turn would run layers {runs} times; the limit is {MAX_RUNS}, "
        "and [measures] channels can reduce the number of channels"
    )


def convolutions(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls whose channels are ablated."""
    return tuple(call for call in calls if isinstance(call.layer, CONVOLUTIONS))


def _layer_runs(calls: Sequence[Call], targets: Sequence[Call], channels: Sequence[int], count: int) -> int:
    """How many times layers run when so many channels of each target are ablated on `count` images.

    The layers before the target are not counted.
    """
    kept = [call for call in calls if isinstance(call.layer, keras.Layer)]
    size = min(batch_size(kept, SPACE), count)
    each = (
        math.ceil(number / _at_once(calls, kept, target, size)) * len(downstream(calls, target.node.name))
        for target, number in zip(targets, channels, strict=True)
    )
    return math.ceil(count / size) * sum(each)


def correlated(one: Ablation, selectivity: Channels | None) -> float | None:
    """Spearman's rank correlation of lost accuracy and selectivity, over the channels that have a selectivity.

    None if either is constant.
    """
    if selectivity is None:
        return None
    known = ((loss, selectivity[channel]) for channel, loss in zip(one.channels, one.lost, strict=True))
    pairs = [(loss, index) for loss, index in known if index is not None]
    if len({loss for loss, _ in pairs}) < 2 or len({index for _, index in pairs}) < 2:
        return None
    return float(np.corrcoef(rankdata(pairs, axis=0), rowvar=False)[0, 1])


Run = Callable[[np.ndarray, dict[str, Any], Sequence[int]], np.ndarray]
"""Sets each of some channels to zero in turn: outputs (channels, n, k) for images (n, H, W, C), given what every layer
returned for them."""


def _runner(model: Any, calls: Sequence[Call], kept: Sequence[Call], target: Call) -> Run:
    """A function that ablates channels of `target`.

    From the target on, the batch is repeated for each channel, as is any other input of the layers after it.
    """
    names = {(call.layer, call.number): call.node.name for call in kept}
    has_rows = {call.node.name: call.has_rows for call in kept}
    after = downstream(calls, target.node.name)
    read = {name for call in calls if call.node.name in after for name in call.node.inputs}
    shape = (-1, 1, _channels(target), 1, 1) if is_channels_first(target.layer) else (-1, 1, 1, 1, _channels(target))

    def ablated(images: Any, returned: dict[str, Any], masks: Any) -> Any:
        count = tf.shape(masks)[0]

        def answer(layer: Any, number: int, compute: Callable[[], Any]) -> Any:
            name = names[layer, number]
            if name == target.node.name:
                intact = returned[name]
                return tf.reshape(intact * tf.cast(tf.reshape(masks, shape), intact.dtype), (-1, *intact.shape[1:]))
            if name in after:
                return compute()
            return _repeated(returned[name], has_rows[name], count) if name in read else returned[name]

        with intercepted([call.layer for call in kept], answer):
            return model(_repeated(images, (True,), count) if calls[0].node.name in read else images, training=False)

    compute = compiled(model, ablated)

    def run(images: np.ndarray, returned: dict[str, Any], channels: Sequence[int]) -> np.ndarray:
        masks = 1 - np.eye(_channels(target), dtype=np.float32)[channels]
        outputs = compute(tf.convert_to_tensor(images), returned, tf.convert_to_tensor(masks))
        return np.asarray(outputs).reshape(len(channels), len(images), -1)

    return run


def _repeated(tensors: Any, has_rows: Sequence[bool], count: Any) -> Any:
    """Nested tensors, those that have rows for each image `count` times in a row."""
    each = zip(tf.nest.flatten(tensors), has_rows, strict=True)
    repeated = [tf.tile(one, (count, *[1] * (one.shape.rank - 1))) if rows else one for one, rows in each]
    return tf.nest.pack_sequence_as(tensors, repeated)


def _at_once(calls: Sequence[Call], kept: Sequence[Call], target: Call, images: int) -> int:
    """How many channels are ablated at a time: as many as SPACE allows for the target and the layers after it.

    One, if the graph has operations that are not layers, because their outputs cannot be replaced.
    """
    if len(kept) + 1 < len(calls):
        return 1
    after = {target.node.name, *downstream(calls, target.node.name)}
    return max(1, SPACE // (images * bytes_each([call for call in kept if call.node.name in after])))


def _channels(target: Call) -> int:
    size = target.node.shape[0 if is_channels_first(target.layer) else 2]
    assert size is not None, "a layer has a known number of channels"
    return size
