"""Values for the effect of rounding the weights for the page. The page itself runs its own check."""

from __future__ import annotations

from collections.abc import Sequence

from generator.records.explorer import Exploration
from generator.records.results import Value

STAGE = "explorer"


def values(explored: Exploration | None) -> Sequence[Value]:
    """explorer.images, explorer.{accuracy,correct}.{full,rounded}, explorer.accuracy.change, and explorer.changed."""
    if explored is None or explored.explorer is None:
        return ()
    seed, rounding = explored.explorer.seed, explored.explorer.rounding
    full, rounded = rounding.correct / rounding.images, rounding.correct_rounded / rounding.images
    named = {
        ("images",): rounding.images,
        ("correct", "full"): rounding.correct,
        ("correct", "rounded"): rounding.correct_rounded,
        ("changed",): rounding.changed,
        ("accuracy", "full"): full,
        ("accuracy", "rounded"): rounded,
        ("accuracy", "change"): rounded - full,
    }
    return [Value((STAGE, *path), number, STAGE, seed) for path, number in named.items()]
