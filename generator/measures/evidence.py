"""The evidence stage: the predictions of one trained replicate, and what its weights show without images.

Measures that take longer have stages of their own, which run only if the article uses them. A measure that does not
apply is left out, and the record says why. This stage does not depend on the image that the article shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.measures.kernels import edge_energy
from generator.measures.predictions import predictions
from generator.measures.subject import Subject, layers
from generator.model.graph import CONVOLUTIONS, Call, first_kernels
from generator.records.evidence import Evidence
from generator.records.measures import Field, Measures, Network, Omission
from generator.results.applicability import NO_CONVOLUTION, NO_MAPS, NOT_PLAIN


@dataclass(frozen=True)
class Measured:
    """The records, and their arrays.

    Attributes:
        evidence: the replicate's score on the test set.
        measures: its predictions, and what its weights show.
        kernels: the first convolution's (h, w, in, n), “trained” and “untrained”; empty if there are none.
        mistakes: images (n, H, W, C) of `measures.predictions.mistakes`.
    """

    evidence: Evidence
    measures: Measures
    kernels: dict[str, np.ndarray]
    mistakes: np.ndarray


def measure(subject: Subject) -> Measured:
    """The predictions of a replicate, and the kernels and receptive fields of its network."""
    x_test, y_test = (subject.images.arrays[name] for name in ("x_test", "y_test"))
    predicted = predictions(subject.replicate.probabilities, y_test)
    known = (subject.fields[call.node.name] for call in subject.maps)
    (trained, kernels), (untrained, initial) = subject.of_both(lambda: _of_weights(subject.maps))
    each = {"trained": kernels, "untrained": initial}
    return Measured(
        evidence=Evidence(subject.seed, sum(row[label] for label, row in enumerate(predicted.confusion)), len(y_test)),
        measures=Measures(
            subject.seed,
            fields=tuple(field for field in known if isinstance(field, Field)),
            trained=trained,
            untrained=untrained,
            predictions=predicted,
            omissions=tuple(omissions(subject.maps, subject.fields)),
        ),
        kernels={name: kernel for name, kernel in each.items() if kernel is not None},
        mistakes=np.asarray(x_test[[mistake.index for mistake in predicted.mistakes]]),
    )


def _of_weights(maps: Sequence[Call]) -> tuple[Network, np.ndarray | None]:
    """The layers and edge energy of a network with its current weights, and the kernels measured."""
    if not maps:
        return Network((), None), None
    first, kernels = first_kernels(maps)
    energy = None if kernels is None else edge_energy(first, kernels)
    return Network(tuple(layers(maps)), None if isinstance(energy, str) else energy), kernels


def omissions(maps: Sequence[Call], fields: Mapping[str, Field | str]) -> Iterator[Omission]:
    """The receptive fields, kernels, and edge energies that are left out; `fields` are by node."""
    if not maps:
        yield from (Omission(measure, None, NO_MAPS) for measure in ("field", "edge_energy", "kernels"))
        return
    for call in maps:
        if isinstance(reason := fields[call.node.name], str):
            yield Omission("field", call.node.name, reason)
    yield from _of_kernels(maps)


def _of_kernels(maps: Sequence[Call]) -> Iterator[Omission]:
    if not any(isinstance(call.layer, CONVOLUTIONS) for call in maps):
        yield from (Omission(measure, None, NO_CONVOLUTION) for measure in ("kernels", "edge_energy"))
        return
    name, kernels = first_kernels(maps)
    if kernels is None:
        yield from (Omission(measure, name, NOT_PLAIN) for measure in ("kernels", "edge_energy"))
    elif isinstance(energy := edge_energy(name, kernels), str):
        yield Omission("edge_energy", name, energy)
