"""The records of a trial: what is known of a model before it is trained, and how long its steps take."""

from __future__ import annotations

from generator.records.base import Record


class Trial(Record, frozen=True):
    """A model that was built, and took one step on a few images.

    Attributes:
        kinds: Keras's class of each layer of the summary, by the layer's name.
        maps: names of the convolution and pooling layers, those of nested models too.
        metrics: that an epoch has, by Keras's names.
        classes: of the data.
        has_convolution: whether one of `maps` is a convolution.
        kernels: shape (h, w, in, n) of the first convolution's kernels; None without one, or if it is not a plain one.
        hyperparameters: paths of those of the summary.
        validates_on_test: whether the validation images are the test set.
    """

    kinds: dict[str, str]
    maps: tuple[str, ...]
    metrics: tuple[str, ...]
    classes: int
    has_convolution: bool
    kernels: tuple[int, int, int, int] | None
    hyperparameters: tuple[tuple[str, ...], ...] = ()
    validates_on_test: bool = True


class StepTimes(Record, frozen=True):
    """How long a model's steps take, measured while nothing else is trained.

    Attributes:
        first: seconds of the first step, for which TensorFlow compiles the model.
        step: seconds of a later one, the median of a few.
    """

    first: float
    step: float
