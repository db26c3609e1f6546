"""The trial of a model: one step on a few images, so that what does not fit is told before anything is trained.

The step is the one that fit() would take, but run eagerly: tracing it first would take longer than the step. Nothing of
it is kept but what the model turned out to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from generator.core.errors import ReportError
from generator.model import graph, threads
from generator.model.experiment import Experiment
from generator.records.trial import Trial

IMAGES = 2
SCHEDULED = "learning_rate"
"""What callbacks of Keras that change the learning rate add to the metrics of an epoch."""


def try_model(experiment: Path, arrays: Mapping[str, np.ndarray], classes: int, count: int) -> Trial:
    """Builds the experiment's model and lets it take one step on `arrays` (as load_data() returned them).

    `count` threads are used. Raises ReportError, with a line of the author's code, when the experiment breaks its
    contract or the model cannot take the step.
    """
    threads.fix(count)
    keras.backend.clear_session()
    author = Experiment(experiment)
    model = author.build_model(arrays["x_train"].shape[1:], classes)
    maps = graph.map_calls(graph.read(model))
    first, kernels = graph.first_kernels(maps)
    return Trial(
        kinds={layer.name: type(layer).__name__ for layer in model.layers},
        maps=tuple(call.node.name for call in maps),
        metrics=_metrics(author, model, arrays),
        classes=classes,
        has_convolution=bool(first),
        kernels=None if kernels is None else kernels.shape,
    )


def _metrics(author: Experiment, model: Any, arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Takes the step. Returns the metrics of an epoch."""
    model.run_eagerly = True
    try:
        logs = model.train_on_batch(arrays["x_train"][:IMAGES], arrays["y_train"][:IMAGES], return_dict=True)
    except ReportError:
        raise
    except (Exception, SystemExit) as error:
        raise author.misfit(error) from error
    return (*logs, *(f"val_{name}" for name in logs), SCHEDULED)
