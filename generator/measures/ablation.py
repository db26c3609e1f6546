"""Ablation: the accuracy that is lost when a single channel is set to zero.

After Morcos, Barrett, Rabinowitz, and Botvinick, "On the importance of single directions for generalization", ICLR
2018. A network is run once in full for each batch; for each channel only the layers that depend on it run again, for
several channels at a time where these layers are small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from scipy.stats import rankdata

from generator.model.activations import batch_size, batches, bytes_each, channels_last, intercepted, recorded
from generator.model.graph import CONVOLUTIONS, Call, downstream, is_channels_first
from generator.model.probabilities import labels_from
from generator.records.measures import Ablation, Channels
from generator.records.run import OutputKind

IMAGES = 1000
SPACE = 2**24  # bytes for what the layers return of a batch
MAX_RUNS = 100_000  # of layers, for all channels and batches: some minutes on one core


def ablate(
    model: Any,
    calls: Sequence[Call],
    targets: Sequence[Call],
    images: np.ndarray,
    labels: np.ndarray,
    output: OutputKind,
) -> tuple[Ablation, ...]:
    """Ablates each channel of each of `targets`, of all `calls` of the model; images (N, H, W, C), labels (N,).

    `output` says what the model gives. The correlations are left open: see `correlated`.
    """
    kept = [call for call in calls if isinstance(call.layer, keras.Layer)]
    size = batch_size(kept, SPACE)
    intact, correct = 0, [[0] * _channels(target) for target in targets]
    for start, batch in enumerate(batches(images, np.arange(len(images)), size)):
        wanted = labels[start * size : start * size + len(batch)]
        returned, outputs = recorded(model, kept, batch)
        intact += (right := int((labels_from(np.asarray(outputs), output) == wanted).sum()))
        for target, counts in zip(targets, correct, strict=True):
            run = _runner(model, calls, kept, target, returned, batch)
            alive: list[bool] = np.any(channels_last(target, returned[target.node.name]), axis=(0, 1, 2)).tolist()
            living = [channel for channel in range(len(counts)) if alive[channel]]
            for channel in range(len(counts)):
                counts[channel] += 0 if alive[channel] else right
            several = _at_once(calls, kept, target, len(batch))
            for first in range(0, len(living), several):
                channels = living[first : first + several]
                for channel, answers in zip(channels, run(channels), strict=True):
                    counts[channel] += int((labels_from(answers, output) == wanted).sum())
    return tuple(
        Ablation(
            layer=target.node.name,
            images=len(images),
            accuracy=intact / len(images),
            lost=tuple(float(intact - count) / len(images) for count in counts),
            correlation=None,
        )
        for target, counts in zip(targets, correct, strict=True)
    )


def ablation_fault(calls: Sequence[Call], count: int) -> str | None:
    """Why the convolutions of a network are not ablated on `count` images; None if they are."""
    targets = convolutions(calls)
    runs = _layer_runs(calls, targets, min(count, IMAGES))
    if runs <= MAX_RUNS:
        return None
    channels = sum(map(_channels, targets))
    return f"to remove each of {channels} channels in turn, layers would run {runs} times; the limit is {MAX_RUNS}"


def convolutions(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls whose channels are ablated."""
    return tuple(call for call in calls if isinstance(call.layer, CONVOLUTIONS))


def _layer_runs(calls: Sequence[Call], targets: Sequence[Call], count: int) -> int:
    """How often layers run while `targets` are ablated on `count` images, those before the target not counted."""
    kept = [call for call in calls if isinstance(call.layer, keras.Layer)]
    size = min(batch_size(kept, SPACE), count)
    each = (
        math.ceil(_channels(target) / _at_once(calls, kept, target, size)) * len(downstream(calls, target.node.name))
        for target in targets
    )
    return math.ceil(count / size) * sum(each)


def correlated(lost: Sequence[float], selectivity: Channels | None) -> float | None:
    """Spearman's rank correlation over the channels that have a selectivity; None where one side is constant."""
    if selectivity is None:
        return None
    pairs = [(loss, index) for loss, index in zip(lost, selectivity, strict=True) if index is not None]
    if len({loss for loss, _ in pairs}) < 2 or len({index for _, index in pairs}) < 2:
        return None
    return float(np.corrcoef(rankdata(pairs, axis=0), rowvar=False)[0, 1])


def _runner(
    model: Any, calls: Sequence[Call], kept: Sequence[Call], target: Call, returned: dict[str, Any], images: np.ndarray
) -> Callable[[Sequence[int]], np.ndarray]:
    """The model's outputs (channels, n, k) for a batch, with each of some channels of `target` zero in turn.

    The batch is repeated for each channel from the target on, and so is what else the layers after it read.
    """
    names = {(call.layer, call.number): call.node.name for call in kept}
    after = downstream(calls, target.node.name)
    read = {name for call in calls if call.node.name in after for name in call.node.inputs}
    channel_axis = 1 if is_channels_first(target.layer) else 3
    shape = [-1 if axis == channel_axis else 1 for axis in range(4)]

    def run(channels: Sequence[int]) -> np.ndarray:
        masks = 1 - np.eye(_channels(target), dtype=np.float32)[channels]

        def repeated(value: Any) -> Any:
            return keras.tree.map_structure(lambda part: keras.ops.concatenate([part] * len(channels)), value)

        def answer(layer: Any, number: int, compute: Callable[[], Any]) -> Any:
            name = names[layer, number]
            if name == target.node.name:
                return keras.ops.concatenate([returned[name] * mask.reshape(shape) for mask in masks])
            if name in after:
                return compute()
            return repeated(returned[name]) if name in read else returned[name]

        with intercepted([call.layer for call in kept], answer):
            shown = repeated(images) if calls[0].node.name in read else images
            outputs = np.asarray(model(shown, training=False))
        return outputs.reshape(len(channels), len(images), -1)

    return run


def _at_once(calls: Sequence[Call], kept: Sequence[Call], target: Call, images: int) -> int:
    """The channels that are ablated at a time: as many as the target and the layers after it have room for.

    One, if the graph has operations that are no layers: what they return cannot be replaced.
    """
    if len(kept) + 1 < len(calls):
        return 1
    after = {target.node.name, *downstream(calls, target.node.name)}
    return max(1, SPACE // (images * bytes_each([call for call in kept if call.node.name in after])))


def _channels(target: Call) -> int:
    size = target.node.shape[0 if is_channels_first(target.layer) else 2]
    assert size is not None, "a layer has a known number of channels"
    return size
