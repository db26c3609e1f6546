"""The record of the evidence stage: the test results of one trained replicate.

What was measured inside the network is in `measures`.
"""

from __future__ import annotations

from generator.records.base import Record


class Evidence(Record, frozen=True):
    """The test results of one replicate.

    Attributes:
        seed: seed of the replicate.
        correct: number of test images that it classifies correctly.
        images: number of images in the test set.
    """

    seed: int
    correct: int
    images: int
