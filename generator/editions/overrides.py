"""The settings that an edition may have replaced in its paper: those that another machine can set the same way.

`verify` sets them again on the word of a manifest, which may be anyone's. What leads out of the paper (places of data
and fonts), says where numbers are from (mirrors, digests, published numbers) or takes a machine (threads) is written in
paper.toml, which the commit holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.core.formatting import integer

MAX_COUNTS = {"training.epochs": 10_000, "training.replicates": 1_000, "training.batch_size": 65_536}
"""What can be counted, and how far."""

ALLOWED = (*MAX_COUNTS, "figures.image", "pdf.paper", "title", "authors", "date", "language", "description", "license")


def fault(overrides: Mapping[str, object]) -> str:
    """What is wrong with the settings of an edition, in a sentence; empty if nothing is."""
    for name, value in overrides.items():
        if name not in ALLOWED:
            return f"It was built with --set {name}, which is not a setting that `verify` accepts from a site."
        most = MAX_COUNTS.get(name)
        if most and not (re.fullmatch(r"\d{1,9}", str(value)) and int(str(value)) <= most):
            limit = f"`verify` accepts a number up to {integer(most)}"
            return f"It was built with --set {name}={str(value)[:20]}, and {limit}."
    return ""
