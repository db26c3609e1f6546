"""Measures that no layer of a network can have, as far as its graph and the size of its images show before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.core.formatting import listed
from generator.measures.orientation import inside
from generator.measures.receptive import fields
from generator.model.graph import Call, map_calls


def inapplicable(calls: Sequence[Call], shape: tuple[int, ...]) -> dict[str, str]:
    """By measure, why it applies to none of the layers that return maps; `shape` is that of an image.

    A network without such layers has no reasons here.
    """
    maps = map_calls(calls)
    if not maps:
        return {}
    known = fields([call.node for call in calls])
    found: Mapping[str, Sequence[object]] = {
        "field": [known[call.node.name] for call in maps],
        "orientation": [inside(call, known, shape) for call in maps],
    }
    reasons = {measure: [one for one in each if isinstance(one, str)] for measure, each in found.items()}
    return {measure: listed(list(dict.fromkeys(each))) for measure, each in reasons.items() if len(each) == len(maps)}
