"""The learning curve of one training, from Keras's running means.

At each step, Keras reports means over the epoch so far. Two of them determine the mean over the images in between,
which shows what the running mean smooths away. A long training is recorded at evenly spaced steps.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from generator.records.run import Curve

POINTS = 200

_IS_MEAN = re.compile(r"loss|acc|\w*accuracy")  # a metric such as AUC is not a mean over images, whatever Keras says


class Recorder:
    """Receives the running means, and keeps at most about `POINTS` of their differences."""

    def __init__(self, images: int, batch_size: int, epochs: int) -> None:
        """`epochs` is the number requested; fewer or more may follow."""
        self._images, self._batch_size = images, batch_size
        self._every = math.ceil(math.ceil(images / batch_size) * epochs / POINTS)
        self._before, self._step, self._running = 0, 0, dict[str, float]()
        self._seen, self._sums = 0, dict[str, float]()  # at the last point of this epoch, and at the one before
        self._earlier = self._seen, self._sums
        self._points: list[tuple[int, dict[str, float]]] = []

    def note(self, step: int, running: Mapping[str, float]) -> None:
        """Receives the means over the images of steps 1 to `step` of the epoch."""
        self._step, self._running = step, dict(running)
        if step % self._every == 0:
            self._keep()

    def end_epoch(self) -> None:
        """Ends the epoch with a point, wherever it stopped.

        A mean over a few images is mostly noise, so they join the point before if they are less than half of what a
        point stands for.
        """
        seen = self._images_until(self._step)
        if self._seen and 0 < seen - self._seen < self._every * self._batch_size / 2:
            self._points.pop()
            self._seen, self._sums = self._earlier
        self._keep()
        self._before += self._step
        self._step, self._seen, self._sums = 0, 0, {}

    def _keep(self) -> None:
        seen = self._images_until(self._step)
        if seen == self._seen:
            return
        sums = {name: float(mean) * seen for name, mean in self._running.items() if _IS_MEAN.fullmatch(name)}
        new = seen - self._seen
        means = {name: (total - self._sums.get(name, 0.0)) / new for name, total in sums.items()}
        self._points.append((self._before + self._step, means))
        self._earlier = self._seen, self._sums
        self._seen, self._sums = seen, sums

    def _images_until(self, step: int) -> int:
        """How many images the steps 1 to `step` of an epoch have."""
        return min(step * self._batch_size, self._images)

    def curve(self) -> Curve:
        """The points so far."""
        names = list(self._points[0][1]) if self._points else []
        metrics = {name: tuple(means[name] for _, means in self._points) for name in names}
        return Curve(steps=tuple(step for step, _ in self._points), metrics=metrics)
