"""Measures how active channels are on the test images: which are dead, and which prefer a class."""

from __future__ import annotations

import msgspec
import numpy as np

from generator.measures.selectivity import class_selectivity, halving_fault
from generator.measures.subject import Report, Sample, Subject, layers, maps_of
from generator.model.activations import Recorder
from generator.records.measures import LayerMeasures, Measures, Network, Omission
from generator.results.applicability import NO_MAPS


def measure(subject: Subject) -> Measures:
    """Dead channels and class selectivity, for the trained network and its twin."""
    if not subject.maps:
        return Measures(subject.seed, omissions=(Omission("selectivity", None, NO_MAPS),))

    def measured() -> Network:
        return Network(active(subject.recorder, subject.images, subject.report), None)

    trained, untrained = subject.of_both(measured)
    fault = halving_fault(subject.images.test_labels)
    omissions = (Omission("selectivity", None, fault),) if fault else ()
    return Measures(subject.seed, trained=trained, untrained=untrained, omissions=omissions)


def active(recorder: Recorder, images: Sample, report: Report) -> tuple[LayerMeasures, ...]:
    """The activity of a network's layers, of which there is at least one, on all test images."""
    shown, labels = images.arrays["x_test"], images.test_labels
    rates: list[list[np.ndarray]] = [[] for _ in recorder.calls]
    peaks = [np.zeros(layer.channels, np.float32) for layer in layers(recorder.calls)]
    for batch in maps_of(recorder, shown, np.arange(len(shown)), report):
        for index, maps in enumerate(batch):
            rates[index].append(np.maximum(maps, 0).mean(axis=(1, 2)))
            peaks[index] = np.maximum(peaks[index], np.abs(maps).max(axis=(0, 1, 2)))
    each = zip(layers(recorder.calls), rates, peaks, strict=True)
    return tuple(_active(layer, np.concatenate(rate), peak, labels) for layer, rate, peak in each)


def _active(layer: LayerMeasures, rates: np.ndarray, peaks: np.ndarray, labels: np.ndarray) -> LayerMeasures:
    """One layer's activity.

    `rates` are the means of the channels' positive parts (N, C), `peaks` their largest absolute activations (C,).
    """
    dead = tuple(int(channel) for channel in np.flatnonzero(peaks == 0))
    selectivity, preferred = class_selectivity(rates, labels) if halving_fault(labels) is None else (None, None)
    return msgspec.structs.replace(layer, dead=dead, selectivity=selectivity, preferred=preferred)
