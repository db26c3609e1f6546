"""The records of a trial: what is known of a model before it is trained, and how long its steps take."""

from __future__ import annotations

from generator.records.base import Record


class Trial(Record, frozen=True):
    """A model that was built, and trained for one step on a few images.

    Attributes:
        kinds: Keras's class of each layer of the summary, by the layer's name.
        maps: names of the convolution and pooling layers, including those of nested models.
        metrics: metrics of an epoch, by Keras's names.
        classes: number of classes of the data.
        has_convolution: whether one of `maps` is a convolution.
        kernels: shape (h, w, in, n) of the first convolution's kernels; None without one, or if it is not a plain one.
        hyperparameters: paths of the summary's hyperparameters.
        inapplicable: by measure, why no layer can have it; other measures may still be left out.
    """

    kinds: dict[str, str]
    maps: tuple[str, ...]
    metrics: tuple[str, ...]
    classes: int
    has_convolution: bool
    kernels: tuple[int, int, int, int] | None
    hyperparameters: tuple[tuple[str, ...], ...] = ()
    inapplicable: dict[str, str] = {}


class StepTimes(Record, frozen=True):
    """How long it takes to train a model, measured while nothing else is being trained.

    Attributes:
        start: seconds of a replicate beside its epochs, in which its model is built and compiled.
        epoch: seconds of an epoch beside its steps; 0 where the steps take so long that it does not matter.
        step: seconds of a step.
    """

    start: float
    epoch: float
    step: float
