"""What training saved of one replicate, for the stages that use the network afterward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from generator.records.run import Run


@dataclass(frozen=True)
class Trained:
    """One replicate, as later stages receive it.

    Attributes:
        run: the record of its training.
        weights: weights after training, by name.
        initial: weights before training, by name.
        probabilities: class probabilities for the test set (N, classes).
        threads: number of threads that it was given.
    """

    run: Run
    weights: Mapping[str, np.ndarray]
    initial: Mapping[str, np.ndarray]
    probabilities: np.ndarray
    threads: int
