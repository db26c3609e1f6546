"""Learning curves, taken back from Keras's running means."""

from __future__ import annotations

import numpy as np
import pytest

from generator.model.curves import POINTS, Recorder


def running(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Keras's means over the epoch so far, in its precision."""
    return np.asarray((values * sizes).cumsum() / sizes.cumsum(), np.float32)


def test_points_are_means_over_the_images_since_the_point_before() -> None:
    steps, batch, images, epochs = 1875, 32, 59_990, 2
    sizes = np.full(steps, batch)
    sizes[-1] = images - batch * (steps - 1)
    values = np.random.default_rng(0).random((epochs, steps))
    recorder = Recorder(images, batch, epochs)
    for epoch in range(epochs):
        for step, mean in enumerate(running(values[epoch], sizes), 1):
            recorder.note(step, {"loss": mean, "accuracy": 1 - mean, "auc": 7.0})
        recorder.end_epoch()
    curve = recorder.curve()
    ends = [(step - 1) // steps * steps for step in curve.steps]
    begins = [max(end, before) for end, before in zip(ends, (0, *curve.steps), strict=False)]
    weights, flat = np.tile(sizes, epochs), values.ravel()
    wanted = [np.average(flat[a:b], weights=weights[a:b]) for a, b in zip(begins, curve.steps, strict=True)]
    assert curve.metrics["loss"] == pytest.approx(wanted, abs=1e-3)
    assert curve.metrics["accuracy"] == pytest.approx([1 - loss for loss in wanted], abs=1e-3)
    assert set(curve.metrics) == {"loss", "accuracy"}
    assert {steps, 2 * steps} <= set(curve.steps) and len(curve.steps) <= POINTS + epochs


@pytest.mark.parametrize("name", ["acc", "sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"])
def test_accuracy_is_noted_by_whatever_name_it_has(name: str) -> None:
    recorder = Recorder(100, 50, 1)
    recorder.note(1, {name: 0.5})
    assert recorder.curve().metrics == {name: (0.5,)}


def test_a_short_training_keeps_every_step() -> None:
    recorder = Recorder(100, 50, 3)
    for _ in range(3):
        recorder.note(1, {"loss": 4.0})
        recorder.note(2, {"loss": 3.0})
        recorder.end_epoch()
    curve = recorder.curve()
    assert curve.steps == (1, 2, 3, 4, 5, 6)
    assert curve.metrics == {"loss": (4.0, 2.0, 4.0, 2.0, 4.0, 2.0)}


def test_an_epoch_that_is_cut_short_ends_on_a_point() -> None:
    """Of 1,000 steps every tenth is kept; the second epoch stops after 3."""
    recorder = Recorder(100_000, 100, 2)
    for step in range(1, 1001):
        recorder.note(step, {"loss": 4.0})
    recorder.end_epoch()
    for step in (1, 2, 3):
        recorder.note(step, {"loss": 1.0})
    recorder.end_epoch()
    curve = recorder.curve()
    assert curve.steps[-2:] == (1000, 1003)
    assert curve.metrics["loss"][-2:] == (4.0, 1.0)


@pytest.mark.parametrize(
    ("images", "steps", "losses"),
    [
        (100 * 100 - 60, (50, 100), (2.0, 2.0)),  # the last step has 40 images, but the point has 50 steps
        (
            100 * 101 - 60,
            (50, 101),
            (2.0, (50 * 100 * 2 + 40 * 8) / (50 * 100 + 40)),
        ),  # 40 images join the point before
        (100 * 130, (50, 100, 130), (2.0, 2.0, 8.0)),  # 30 of 50 steps are enough for a point of their own
    ],
)
def test_a_few_images_at_the_end_of_an_epoch_join_the_point_before(
    images: int, steps: tuple[int, ...], losses: tuple[float, ...]
) -> None:
    """The loss is 2 until step 100, and 8 after it; every 50th step is a point."""
    recorder, last = Recorder(images, 100, 1), -(-images // 100)
    recorder._every, total = 50, 0.0
    for step in range(1, last + 1):
        seen = min(step * 100, images)
        total += (2.0 if step <= 100 else 8.0) * (seen - (step - 1) * 100)
        recorder.note(step, {"loss": total / seen})
    recorder.end_epoch()
    assert recorder.curve().steps == steps
    assert recorder.curve().metrics["loss"] == pytest.approx(losses)
