"""The settings that an edition may have replaced in its paper: only those that another machine can set the same way.

`verify` applies them from a manifest, which may come from anyone. Settings that lead out of the paper (places of data
and fonts), that determine where numbers come from (mirrors, digests, published numbers), or that use up a machine
(threads) must be in paper.toml, which is part of the commit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.core.formatting import integer

MAX_COUNTS = {"training.epochs": 10_000, "training.replicates": 1_000, "training.batch_size": 65_536}
"""Settings that are counts, with their largest allowed values."""

MAX_TEXT_CHARACTERS = 10_000
"""Limit for one value; the system limits the length of a command."""

SHOWN = 20
"""How many characters of a value are shown."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
ALLOWED = (*MAX_COUNTS, "figures.image", "pdf.paper", "title", "authors", "date", "language", "description", "license")


def fault(overrides: Mapping[str, object]) -> str:
    """What is wrong with the settings of an edition, as a sentence; empty if nothing is."""
    for name, value in overrides.items():
        if name not in ALLOWED:
            return f"It was built with --set {name}, which is not a setting that `verify` accepts from a site."
        if limit := _limit(name, str(value)):
            return f"It was built with --set {name}={str(value)[:SHOWN]}, but `verify` accepts only {limit}."
    return ""


def _limit(name: str, value: str) -> str:
    """What a value should be, if it is not; empty if it is."""
    most = MAX_COUNTS.get(name)
    if most and not (re.fullmatch(r"\d{1,9}", value) and int(value) <= most):
        return f"a number up to {integer(most)}"
    if len(value) > MAX_TEXT_CHARACTERS:
        return f"a text of up to {integer(MAX_TEXT_CHARACTERS)} characters"
    return "a text without control characters" if _CONTROL.search(value) else ""
