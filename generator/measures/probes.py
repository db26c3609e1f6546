"""Linear probes: how well a linear classifier tells the classes apart from what one layer returns.

Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016. Features are scaled by
the training images alone; a probe of shuffled training labels shows what the test gives by chance.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from generator.records.measures import Probe

# L-BFGS needs gradients only, which cost N x D x classes; Newton's Hessian would cost (D x classes)^2 x N. Features
# stay float32. At this tolerance a probe's accuracy is settled to a few in a thousand; the fits of correlated
# features, which alone are slow to settle, stop at MAX_STEPS.
TOLERANCE, MAX_STEPS = 1e-4, 500


def probe(train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray, seed: int) -> Probe:
    """Probes features (N, D): fitted on `train`, scored on `test`; `seed` shuffles the labels of the baseline.

    The training labels hold two classes or more. The features are scaled in place, as there may be room for them once.
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
        warnings.simplefilter("ignore", ConvergenceWarning)  # MAX_STEPS says why
        regression.fit(train, train_labels)
    return float(regression.score(test, test_labels))
