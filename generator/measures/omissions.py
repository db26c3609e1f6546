"""Why a measure is left out: each that does not apply to an experiment, with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from generator.measures.ablation import ablation_fault
from generator.measures.kernels import edge_energy
from generator.measures.layer_measures import MAX_PIXELS, Sample, inside, probe_fault
from generator.measures.selectivity import halving_fault
from generator.model.graph import CONVOLUTIONS, Call, first_kernels, map_calls
from generator.records.measures import Field, Measure, Omission
from generator.results.applicability import NO_CONVOLUTION, NO_MAPS, NOT_PLAIN


def omissions(calls: Sequence[Call], fields: Mapping[str, Field | str], images: Sample) -> tuple[Omission, ...]:
    """What is not measured of a network, on these images; `fields` are by node."""
    if not (maps := map_calls(calls)):
        return tuple(Omission(measure, None, NO_MAPS) for measure in get_args(Measure))
    of_layers = (*_of_fields(maps, fields), *_of_gratings(maps, fields, images), *_of_kernels(maps))
    return (*of_layers, *_of_images(images), *_of_channels(calls, images))


def _of_fields(maps: Sequence[Call], fields: Mapping[str, Field | str]) -> Iterator[Omission]:
    for call in maps:
        if isinstance(reason := fields[call.node.name], str):
            yield Omission("field", call.node.name, reason)


def _of_gratings(maps: Sequence[Call], fields: Mapping[str, Field | str], images: Sample) -> Iterator[Omission]:
    for call in maps:
        if isinstance(reason := inside(call, fields, images.arrays["x_test"].shape[1:]), str):
            yield Omission("orientation", call.node.name, reason)


def _of_kernels(maps: Sequence[Call]) -> Iterator[Omission]:
    if not any(isinstance(call.layer, CONVOLUTIONS) for call in maps):
        yield from (Omission(measure, None, NO_CONVOLUTION) for measure in ("kernels", "edge_energy", "ablation"))
        return
    name, kernels = first_kernels(maps)
    if kernels is None:
        yield from (Omission(measure, name, NOT_PLAIN) for measure in ("kernels", "edge_energy"))
    elif isinstance(energy := edge_energy(name, kernels), str):
        yield Omission("edge_energy", name, energy)


def _of_channels(calls: Sequence[Call], images: Sample) -> Iterator[Omission]:
    if reason := ablation_fault(calls, len(images.arrays["x_test"])):
        yield Omission("ablation", None, reason)


def _of_images(images: Sample) -> Iterator[Omission]:
    if reason := probe_fault(images):
        yield Omission("probe", None, reason)
    if reason := halving_fault(images.test_labels):
        yield Omission("selectivity", None, reason)
    if images.arrays["x_train"][0].size > MAX_PIXELS:
        yield Omission("probe", "pixels", f"an image has more than {MAX_PIXELS} values")
