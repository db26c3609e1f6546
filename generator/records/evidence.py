"""The record of the evidence stage: how one trained replicate did on the test set.

What was measured inside the network is in `measures`.
"""

from __future__ import annotations

from generator.records.base import Record


class Evidence(Record, frozen=True):
    """The test images that one replicate reads correctly, of all."""

    seed: int
    correct: int
    images: int
