"""The kind of number that a result is, by its name: a share, a count, a time, or a loss.

Only names whose kind is certain have one. Of the author's measures, these are shares by the name of their last key: any
other number of an author may be anything.
"""

from __future__ import annotations

import re
from typing import Literal

from generator.core.formatting import SPREAD
from generator.records.results import Path
from generator.results.condition_values import DIFFERENCE, REPLICATE, VARIANTS
from generator.results.intervals import scale_of
from generator.results.own_values import ANALYSIS

NumberKind = Literal["share", "count", "time", "loss"]

_LOSS = re.compile(r"(?:\w*_)?loss")
_SHARES = re.compile(r"probe_(?:mean|pca)(?:_shuffled)?|dead|ablation(?:_most)?")
"""The measures of a layer that are shares, or differences of shares."""

_NAMED: dict[str, NumberKind] = {"images": "count", "precision": "share", "recall": "share", "probability": "share"}
"""The kinds of what is known of a class, an image, or a mistake."""


def number_kind(path: Path) -> NumberKind | None:
    """The kind of a result, or of a quantity or a part of one; None if it is not certain."""
    match path:
        case (begin, _, part, *own) if begin == VARIANTS and part == DIFFERENCE:
            return number_kind(tuple(own))
        case (begin, _, *own) if begin == VARIANTS:
            return number_kind(tuple(own))
        case (begin, _, *own) if begin == ANALYSIS:
            return _of_own(tuple(own))
        case ("epochs", _, metric, *_) | ("final", metric, *_):
            return _of_metric(str(metric))
        case ("published", "epochs", *_):  # the author's numbers of another article, in its units
            return None
        case ("published", "rows" | "sum") | ("published", *_, "count" | "published" | "reproduced" | "expected"):
            return "count"
        case ("hierarchy", _, measure, *_):
            return "count" if measure == "field" else "share" if _SHARES.fullmatch(str(measure)) else None
        case ("test" | "explorer", "accuracy", *_) | ("training", "validation"):
            return "share"
        case ("probes", name, *_):
            return "share" if str(name).startswith("pixels") else "count"
        case ("classes" | "mistakes", _, name, *_) | ("image", name):
            return _NAMED.get(str(name))
        case ("times", *_):
            return "time"
        case ("data", "images" | "height" | "width" | "channels" | "classes", *_) | ("errors", "predictions" | "wrong"):
            return "count"
        case ("training" | "ran" | "confusion" | "explorer", *_) | ("errors", "most", "images"):
            return "count"
        case ("model", "parameters" | "bytes" | "kinds", *_) | ("model", "layers", _, "parameters"):
            return "count"
    return None


def _of_metric(name: str) -> NumberKind | None:
    if scale_of(name, [0.5]) == "share":
        return "share"
    return "loss" if _LOSS.fullmatch(name) else None


def _of_own(path: Path) -> NumberKind | None:
    """The kind of a number of the author's; a part of a quantity is not among the keys."""
    ends = 1 if path[-1:] and path[-1] in SPREAD else 2 if path[-2:-1] == (REPLICATE,) else 0
    key = next((key for key in reversed(path[: len(path) - ends]) if isinstance(key, str)), "")
    return "share" if scale_of(key, [0.5]) == "share" else None
