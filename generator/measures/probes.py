"""Linear probes: how well a linear classifier distinguishes the classes by the output of one layer.

Features are scaled by the training images alone. A probe of shuffled training labels shows the test accuracy that
chance gives.

Source: Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from generator.records.measures import Probe

# L-BFGS needs only gradients, which cost N x D x classes; Newton's Hessian would cost (D x classes)^2 x N. Features
# stay float32. At this tolerance, a probe's accuracy is final to within a few thousandths. Only fits of correlated
# features converge slowly; they stop at MAX_STEPS.
TOLERANCE, MAX_STEPS = 1e-4, 500


def probe(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray, seed: int) -> Probe:
    """Probes features (N, D): fits on `train`, scores on `test`; `seed` shuffles the labels of the baseline.

    The training labels must have two classes or more. The features are scaled in place, because a copy may not fit into
    memory.
    """
    shuffled = np.random.default_rng(seed).permutation(train_labels)
    scaler = StandardScaler(copy=False).fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    return Probe(
        accuracy=_accuracy(train, train_labels, test, test_labels),
        shuffled=_accuracy(train, shuffled, test, test_labels),
    )


def _accuracy(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray) -> float:
    regression = LogisticRegression(solver="lbfgs", tol=TOLERANCE, max_iter=MAX_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # see MAX_STEPS
        regression.fit(train, train_labels)
    return float(regression.score(test, test_labels))
