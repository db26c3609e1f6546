"""What training left of one replicate, as those stages take it that look at the network afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from generator.records.run import Run


@dataclass(frozen=True)
class Trained:
    """One replicate: see the training stage. `threads` are those it was given."""

    run: Run
    weights: Mapping[str, np.ndarray]
    initial: Mapping[str, np.ndarray]
    probabilities: np.ndarray
    threads: int
