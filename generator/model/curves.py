"""The learning curve of one training, from Keras's running means.

Keras reports, at each step, means over the epoch so far. The mean over the images between two steps follows from two
of them, which shows what the running mean smooths away. A long training is recorded at evenly spaced steps.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from generator.records.run import Curve

POINTS = 200

_IS_MEAN = re.compile(r"loss|acc|\w*accuracy")  # a metric such as AUC is no mean over images, whatever Keras calls it


class Recorder:
    """Takes the running means as they come, and keeps at most about `POINTS` of their differences."""

    def __init__(self, images: int, batch_size: int, epochs: int) -> None:
        self._images, self._batch_size = images, batch_size
        self._steps = math.ceil(images / batch_size)
        self._every = math.ceil(self._steps * epochs / POINTS)
        self._seen, self._sums = 0, dict[str, float]()
        self._points: list[tuple[int, dict[str, float]]] = []

    def note(self, epoch: int, step: int, running: Mapping[str, float]) -> None:
        """Takes the means over the images of steps 1 to `step` of an epoch; both count from 1."""
        if step % self._every and step != self._steps:
            return
        seen = min(step * self._batch_size, self._images)
        sums = {name: float(mean) * seen for name, mean in running.items() if _IS_MEAN.fullmatch(name)}
        new = seen - self._seen
        means = {name: (total - self._sums.get(name, 0.0)) / new for name, total in sums.items()}
        self._points.append(((epoch - 1) * self._steps + step, means))
        self._seen, self._sums = (0, {}) if step == self._steps else (seen, sums)

    def curve(self) -> Curve:
        """The points so far."""
        names = list(self._points[0][1]) if self._points else []
        metrics = {name: tuple(means[name] for _, means in self._points) for name in names}
        return Curve(steps=tuple(step for step, _ in self._points), metrics=metrics)
