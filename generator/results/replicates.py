"""The measures over all replicates: trained, untrained, and the difference that training made.

A difference is taken within each replicate, between the trained network and its own initial weights, and only then
averaged over replicates, so that effects of the seed they share do not widen its interval.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from generator.records.base import Record
from generator.records.measures import Channels, LayerMeasures, Measures, Network, Predictions
from generator.results.intervals import Quantity


class Contrast(Record, frozen=True):
    """One measure of one layer, trained and untrained.

    Attributes:
        layer: its name.
        measure: its name.
        trained: values of the trained networks.
        untrained: values of their twins; None: not measured on twins.
        difference: trained minus untrained, within replicates; None with `untrained`.
    """

    layer: str
    measure: str
    trained: Quantity
    untrained: Quantity | None

    @property
    def difference(self) -> Quantity | None:
        """Trained minus untrained, within each replicate."""
        if self.untrained is None:
            return None
        before = self.untrained.by_seed
        return Quantity({seed: after - before[seed] for seed, after in self.trained.by_seed.items()})


class Unmeasured(Record, frozen=True):
    """A measure of a layer that some replicates do not have. It is left out, as a mean over the others would mislead.

    Attributes:
        layer: its name.
        measure: its name.
        seeds: seeds of the replicates that do not have it.
    """

    layer: str
    measure: str
    seeds: tuple[int, ...]


def contrasts(measured: Sequence[Measures]) -> tuple[tuple[Contrast, ...], tuple[Unmeasured, ...]]:
    """Every measure of every layer, in depth order, over all replicates, of which there is at least one.

    Shares and accuracies are in [0, 1]; a measure of channels is the mean over the channels that have it.
    """
    found = [*_by_layer(measured), *_of_edges(measured), *_of_ablation(measured)]
    comparisons = tuple(one for one in found if isinstance(one, Contrast))
    return comparisons, tuple(one for one in found if isinstance(one, Unmeasured))


def confusion_of(predictions: Iterable[Predictions]) -> tuple[tuple[int, ...], ...]:
    """Test images by true class (row) and predicted class, over all replicates."""
    each = [one.confusion for one in predictions]
    return tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*each, strict=True))


def _mean(channels: Channels | None) -> float | None:
    values = [value for value in channels or () if value is not None]
    return statistics.fmean(values) if values else None


_OF_LAYER: Mapping[str, Callable[[LayerMeasures], float | None]] = {
    "probe_mean": lambda layer: layer.probe_mean.accuracy if layer.probe_mean else None,
    "probe_pca": lambda layer: layer.probe_pca.accuracy if layer.probe_pca else None,
    "probe_mean_shuffled": lambda layer: layer.probe_mean.shuffled if layer.probe_mean else None,
    "probe_pca_shuffled": lambda layer: layer.probe_pca.shuffled if layer.probe_pca else None,
    "orientation": lambda layer: _mean(layer.orientation),
    "selectivity": lambda layer: _mean(layer.selectivity),
    "dead": lambda layer: None if layer.dead is None else len(layer.dead) / layer.channels,
}
_OF_EDGES: Mapping[str, Callable[[Network], float | None]] = {
    "edge_energy": lambda network: _mean(network.edge_energy.kernels) if network.edge_energy else None,
    "edge_energy_centered": lambda network: _mean(network.edge_energy.centered) if network.edge_energy else None,
}

_PROBES = ("probe_mean", "probe_pca", "probe_mean_shuffled", "probe_pca_shuffled")
_SIGNED = ("selectivity", "ablation", "ablation_most", "ablation_correlation")
"""The measures in [-1, 1]; the others are shares."""

MEASURES = (*_OF_LAYER, *_OF_EDGES, "ablation", "ablation_most", "ablation_correlation")
"""All measures that a layer can have, by name."""

_Contrasts = Iterator[Contrast | Unmeasured]


def _by_layer(measured: Sequence[Measures]) -> _Contrasts:
    probed = {one.seed: one.probing.test_images for one in measured if one.probing}
    for index, layer in enumerate(measured[0].trained.layers):
        for name, of in _OF_LAYER.items():
            trained = {one.seed: of(one.trained.layers[index]) for one in measured}
            untrained = {one.seed: of(one.untrained.layers[index]) for one in measured}
            yield from _compared(layer.name, name, trained, untrained, probed if name in _PROBES else None)


def _of_edges(measured: Sequence[Measures]) -> _Contrasts:
    energy = measured[0].trained.edge_energy
    for name, of in _OF_EDGES.items() if energy else ():
        trained = {one.seed: of(one.trained) for one in measured}
        untrained = {one.seed: of(one.untrained) for one in measured}
        yield from _compared(energy.layer if energy else "", name, trained, untrained)


def _of_ablation(measured: Sequence[Measures]) -> _Contrasts:
    for index, ablation in enumerate(measured[0].ablation):
        lost = {one.seed: _mean(one.ablation[index].lost) for one in measured}
        most = {one.seed: max(one.ablation[index].lost) for one in measured}
        correlation = {one.seed: one.ablation[index].correlation for one in measured}
        yield from _compared(ablation.layer, "ablation", lost, {})
        yield from _compared(ablation.layer, "ablation_most", dict(most), {})
        yield from _compared(ablation.layer, "ablation_correlation", correlation, {})


def _compared(
    layer: str,
    measure: str,
    trained: Mapping[int, float | None],
    untrained: Mapping[int, float | None],
    trials: Mapping[int, int] | None = None,
) -> _Contrasts:
    """The comparison, or the replicates that lack the measure; nothing if no network has it.

    `trials` are the numbers of images that shares refer to.
    """
    values = [*trained.items(), *untrained.items()]
    if all(value is None for _, value in values):
        return
    if lacking := sorted({seed for seed, value in values if value is None}):
        yield Unmeasured(layer, measure, tuple(lacking))
        return
    before = _quantity(measure, untrained, trials or {}) if untrained else None
    yield Contrast(layer, measure, _quantity(measure, trained, trials or {}), before)


def _quantity(measure: str, by_seed: Mapping[int, float | None], trials: Mapping[int, int]) -> Quantity:
    known = {seed: value for seed, value in by_seed.items() if value is not None}
    return Quantity(known, "signed" if measure in _SIGNED else "share", trials)
