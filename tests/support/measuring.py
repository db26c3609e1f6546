"""Runs and measures made by hand, for what is drawn and written from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from generator.records.measures import (
    Ablation,
    EdgeEnergy,
    Field,
    LayerMeasures,
    Measure,
    Measures,
    Network,
    Null,
    Omission,
    Predictions,
    Probe,
    Probing,
)
from generator.records.run import Curve, Epoch, Run, Summary

NOTHING = Predictions((), (), ())


def run(seed: int, metrics: Sequence[str] = ("loss", "accuracy")) -> Run:
    """Two epochs of 10 steps, recorded four times, with validation after each."""
    values = tuple(0.5 / (step + seed + 1) for step in range(4))
    curve = Curve((5, 10, 15, 20), dict.fromkeys(metrics, values))
    epochs = tuple(Epoch(10, {f"val_{metric}": 0.25 + seed / 8 for metric in metrics}) for _ in range(2))
    return Run(seed, Summary((), 0, 0, 0, 0, ""), (), epochs, curve, "probabilities")


def layer(name: str, value: float, dead: tuple[int, ...] = ()) -> LayerMeasures:
    """A layer of two channels on which every measure is about `value`."""
    return LayerMeasures(
        name=name,
        kind="convolution",
        channels=2,
        dead=dead,
        probe_mean=Probe(value, 0.1),
        probe_pca=Probe(min(1.0, value + 0.05), 0.1),
        orientation=(value, None),
        selectivity=(value, value),
        preferred=(0, 1),
    )


def measures(seed: int, names: Sequence[str] = ("a", "b")) -> Measures:
    """Every measure, on a network with these layers; those of training are larger by a quarter."""
    before = Network(tuple(layer(name, 0.25 + seed / 100) for name in names), energy(names[0], 0.4 + seed / 100))
    after = Network(
        tuple(layer(name, 0.5 + seed / 100, dead=(0,)) for name in names), energy(names[0], 0.65 + seed / 100)
    )
    return Measures(
        seed=seed,
        fields=tuple(Field(name, (3 + n, 3 + n), (1, 1), (0, 0)) for n, name in enumerate(names)),
        trained=after,
        untrained=before,
        ablation=tuple(Ablation(name, 100, 0.9, (0, 1), (0.0, 0.02 + seed / 100), 0.5) for name in names),
        probing=Probing(100, 100, 100, 2, Probe(0.75, 0.1), Probe(0.75, 0.1)),
        predictions=NOTHING,
        omissions=(),
    )


def energy(name: str, value: float) -> EdgeEnergy:
    return EdgeEnergy(name, (value, value), (value, value), Null(0.444, 0.35, 0.55), Null(0.5, 0.4, 0.6))


def unmeasured(seed: int) -> Measures:
    """A network to which no measure applies."""
    nothing = Network((), None)
    omissions = tuple(Omission(measure, None, "the network has no layers") for measure in get_args(Measure))
    return Measures(seed, (), nothing, nothing, (), None, NOTHING, omissions)
