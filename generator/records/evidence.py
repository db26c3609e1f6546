"""The record of the evidence stage: how one trained replicate did on the test set.

What was measured inside the network is in `measures`.
"""

from __future__ import annotations

from generator.records.base import Record


class Evidence(Record, frozen=True):
    """How one replicate did on the test set.

    Attributes:
        seed: of the replicate.
        correct: test images that it classifies correctly.
        images: in the test set.
    """

    seed: int
    correct: int
    images: int
