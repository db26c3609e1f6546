"""Measures how selective channels are for the orientation of gratings that are shown to the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from generator.measures import gratings
from generator.measures.receptive import interior
from generator.measures.subject import Report, Subject, layers, maps_of
from generator.model.activations import Recorder, positions
from generator.model.graph import Call
from generator.records.dataset import UNIT, ValueRange
from generator.records.measures import Channels, Field, LayerMeasures, Measures, Network, Omission
from generator.results.applicability import NO_MAPS


def measure(subject: Subject, activity: Measures) -> Measures:
    """Orientation selectivity of the trained network and its twin; None for channels that are dead in `activity`."""
    shape = subject.images.shape
    if not subject.maps:
        return Measures(subject.seed, omissions=(Omission("orientation", None, NO_MAPS),))

    def measured() -> list[Channels | None]:
        return orientation(subject.recorder, shape, subject.fields, subject.images.value_range, subject.report)

    trained, untrained = subject.of_both(measured)
    return Measures(
        subject.seed,
        trained=_of_living(subject.maps, trained, activity.trained.layers),
        untrained=_of_living(subject.maps, untrained, activity.untrained.layers),
        omissions=tuple(_omissions(subject.maps, subject.fields, shape)),
    )


def _of_living(calls: Sequence[Call], tuned: Sequence[Channels | None], active: Sequence[LayerMeasures]) -> Network:
    return Network(
        tuple(
            msgspec.structs.replace(layer, orientation=tuning and without(tuning, known.dead or ()))
            for layer, tuning, known in zip(layers(calls), tuned, active, strict=True)
        ),
        None,
    )


def without(channels: Channels, dead: Sequence[int]) -> Channels:
    """The values of the channels, with None for the dead ones."""
    return tuple(None if channel in dead else value for channel, value in enumerate(channels))


def orientation(
    recorder: Recorder,
    shape: tuple[int, ...],
    fields: Mapping[str, Field | str],
    value_range: ValueRange = UNIT,
    report: Report = lambda done, total, what: None,
) -> list[Channels | None]:
    """Orientation selectivity of each layer's channels on images of `shape`; None for a layer without an interior.

    The gratings span the images' range. Only positions whose receptive field is inside the image count: a grating ends
    at the border, which is an edge.
    """
    insides = [inside(call, fields, shape) for call in recorder.calls]
    if all(isinstance(part, str) for part in insides):
        return [None] * len(insides)
    shown = gratings.gratings((shape[0], shape[1], shape[2]), value_range)
    rates: list[list[np.ndarray]] = [[] for _ in insides]
    for batch in maps_of(recorder, shown, np.arange(len(shown)), report):
        for maps, part, kept in zip(batch, insides, rates, strict=True):
            if not isinstance(part, str):
                kept.append(np.maximum(maps[:, part[0], part[1]], 0).mean(axis=(1, 2)))
    return [gratings.selectivity(np.concatenate(kept)) if kept else None for kept in rates]


def inside(call: Call, fields: Mapping[str, Field | str], shape: tuple[int, ...]) -> tuple[slice, slice] | str:
    """The positions of a layer whose receptive field is inside the image, or why there are none."""
    if min(shape[:2]) < min(gratings.WAVELENGTHS):
        return f"images of {shape[0]}x{shape[1]} pixels are too small for a grating"
    field = fields[call.node.name]
    if isinstance(field, str):
        return f"its receptive field is unknown: {field}"
    rows, columns = interior(field, positions(call), (shape[0], shape[1]))
    if rows.start == rows.stop or columns.start == columns.stop:
        return "each of its positions sees padding beside the image"
    return rows, columns


def _omissions(calls: Sequence[Call], fields: Mapping[str, Field | str], shape: tuple[int, ...]) -> Iterator[Omission]:
    for call in calls:
        if isinstance(reason := inside(call, fields, shape), str):
            yield Omission("orientation", call.node.name, reason)
