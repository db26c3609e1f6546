"""The evidence stage: measures one trained replicate and its untrained twin.

The twin is the same network with the replicate's own initial weights: what it shows is not due to training. A
measure that does not apply is left out, and the record says why. The image that the article shows has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from generator.measures import layer_measures, omissions
from generator.measures.ablation import IMAGES, ablate, ablation_fault, convolutions, correlated
from generator.measures.kernels import edge_energy
from generator.measures.predictions import predictions
from generator.measures.receptive import fields
from generator.model import graph, threads
from generator.model.activations import evenly
from generator.model.graph import Call, first_kernels
from generator.model.trained import Trained
from generator.model.weights import restore
from generator.records.dataset import UNIT, ValueRange
from generator.records.evidence import Evidence
from generator.records.measures import Ablation, Field, LayerMeasures, Measures, Network
from generator.records.run import OutputKind


@dataclass(frozen=True)
class Measured:
    """The records, and the arrays beside them.

    Attributes:
        evidence: how the replicate did on the test set.
        measures: what was measured inside the network.
        kernels: the first convolution's (h, w, in, n), “trained” and “untrained”; empty where there are none.
        mistakes: images (n, H, W, C) of `measures.predictions.mistakes`.
    """

    evidence: Evidence
    measures: Measures
    kernels: dict[str, np.ndarray]
    mistakes: np.ndarray


def measure(
    experiment: Path,
    arrays: Mapping[str, np.ndarray],
    classes: int,
    replicate: Trained,
    value_range: ValueRange = UNIT,
) -> Measured:
    """Measures a replicate and its twin, on images with values in `value_range`."""
    threads.fix(replicate.threads)
    with threadpool_limits(replicate.threads):  # replicates are measured side by side
        model = restore(experiment, arrays["x_test"].shape[1:], classes, replicate.weights)
        subject = _Subject(
            model, graph.read(model), fields(replicate.run.graph), layer_measures.sample(arrays, value_range)
        )
        return _measure(subject, replicate)


@dataclass(frozen=True)
class _Subject:
    """The network under study, with whatever weights it has at the moment.

    Attributes:
        model: Keras's.
        calls: of its layers, in order.
        fields: receptive field, or why there is none, by node.
        images: that are shown to it.
    """

    model: Any
    calls: tuple[Call, ...]
    fields: Mapping[str, Field | str]
    images: layer_measures.Sample

    @property
    def maps(self) -> tuple[Call, ...]:
        return graph.map_calls(self.calls)


def _measure(subject: _Subject, replicate: Trained) -> Measured:
    x_test, y_test = (subject.images.arrays[name] for name in ("x_test", "y_test"))
    seed = replicate.run.seed
    probing = layer_measures.probing(subject.maps, subject.images, seed)  # needs most memory, so first
    kernels = {"trained": first_kernels(subject.maps)[1]}
    trained = _network(subject, seed)
    ablation = _ablation(subject, trained.layers, replicate.run.output)
    subject.model.set_weights([replicate.initial[name] for name in sorted(replicate.initial)])
    untrained = _network(subject, seed)
    predicted = predictions(replicate.probabilities, y_test)
    known = (subject.fields[call.node.name] for call in subject.maps)
    kernels["untrained"] = first_kernels(subject.maps)[1]
    return Measured(
        evidence=Evidence(seed, sum(row[label] for label, row in enumerate(predicted.confusion)), len(y_test)),
        measures=Measures(
            seed=seed,
            fields=tuple(field for field in known if isinstance(field, Field)),
            trained=trained,
            untrained=untrained,
            ablation=ablation,
            probing=probing,
            predictions=predicted,
            omissions=omissions.omissions(subject.calls, subject.fields, subject.images),
        ),
        kernels={name: kernel for name, kernel in kernels.items() if kernel is not None},
        mistakes=np.asarray(x_test[[mistake.index for mistake in predicted.mistakes]]),
    )


def _network(subject: _Subject, seed: int) -> Network:
    """Measures the subject with the weights it has."""
    if not subject.maps:
        return Network((), None)
    first, kernels = first_kernels(subject.maps)
    energy = None if kernels is None else edge_energy(first, kernels)
    layers = layer_measures.measure_layers(subject.model, subject.maps, subject.images, subject.fields, seed)
    return Network(layers, None if isinstance(energy, str) else energy)


def _ablation(subject: _Subject, layers: tuple[LayerMeasures, ...], output: OutputKind) -> tuple[Ablation, ...]:
    """Of the convolution layers, each beside the class selectivity of its channels."""
    x_test, labels = subject.images.arrays["x_test"], subject.images.test_labels
    if ablation_fault(subject.calls, len(x_test)):
        return ()
    targets = convolutions(subject.calls)
    shown = evenly(len(x_test), IMAGES)
    selectivity = {layer.name: layer.selectivity for layer in layers}
    return tuple(
        msgspec.structs.replace(one, correlation=correlated(one.lost, selectivity[one.layer]))
        for one in ablate(subject.model, subject.calls, targets, x_test[shown], labels[shown], output)
    )
