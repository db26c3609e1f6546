"""Describes each result in words, for readers who do not know its name.

The names are those of generator.results. Parts that a paper determines (layers, metrics, classes) are kept as they are.
A name that is not known here is described by its own parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

_ANY = "*"
_NO_WORDS: Mapping[str, str] = MappingProxyType({})

_MEASURES = {
    "probe_mean": "test accuracy of a linear probe on the channel means of {0}",
    "probe_pca": "test accuracy of a linear probe on principal components of {0}",
    "probe_mean_shuffled": "test accuracy of a probe on the channel means of {0}, trained on shuffled labels",
    "probe_pca_shuffled": "test accuracy of a probe on principal components of {0}, trained on shuffled labels",
    "orientation": "orientation selectivity of {0}, mean over its channels",
    "selectivity": "class selectivity of {0}, mean over its channels",
    "dead": "share of the channels of {0} that are dead",
    "edge_energy": "edge energy of the kernels of {0}, mean over the kernels",
    "edge_energy_centered": "edge energy of the kernels of {0} minus their means, mean over the kernels",
    "ablation": "accuracy lost without one channel of {0}, mean over its channels",
    "ablation_most": "largest accuracy lost without one channel of {0}",
    "ablation_correlation": "rank correlation of class selectivity and lost accuracy over the channels of {0}",
}

_NETWORKS = {
    "trained": "trained",
    "untrained": "before training",
    "difference": "trained minus untrained",
}

_NULLS = {
    "mean": "mean of random kernels",
    "low": "lower end of the range that holds 95% of random kernels",
    "high": "upper end of the range that holds 95% of random kernels",
}

_METRICS = {"": "{0} on the training images", "val_": "{0} on the validation images"}

KNOWN: Mapping[str, str] = {
    "data.images.train": "number of training images",
    "data.images.test": "number of test images",
    "data.images.total": "number of images",
    "data.images.validation": "number of images that the network is validated on after each epoch",
    "data.height": "height of an image in pixels",
    "data.width": "width of an image in pixels",
    "data.channels": "number of channels of an image",
    "data.classes": "number of classes",
    "data.name": "short name of the data",
    "data.title": "name of the data",
    "data.license": "license of the data",
    "data.source": "where the data was found",
    "data.preview": "whether the data is a sample",
    "training.epochs": "number of epochs requested",
    "training.batch_size": "number of images in a batch",
    "training.replicates": "number of replicates",
    "training.threads": "number of threads for each replicate",
    "training.validation": "share of the training images of each class that is set aside for validation",
    "training.steps": "number of steps in an epoch",
    "ran.epochs.least": "smallest number of epochs that a replicate ran",
    "ran.epochs.most": "largest number of epochs that a replicate ran",
    "ran.epochs": "number of epochs that ran",
    "model.parameters.total": "number of parameters",
    "model.parameters.trainable": "number of trainable parameters",
    "model.parameters.non_trainable": "number of parameters that are not trained",
    "model.bytes": "size of the parameters in bytes",
    "model.kinds.*": "number of layers of the kind {0}",
    "model.layers.*.parameters": "number of parameters of {0}",
    "model.layers.*.kind": "kind of {0}",
    "model.layers.*.shape": "output shape of {0}",
    "model.layers.*.*": "{1} of {0}, in Keras’s configuration",
    "model.layers.*.*.*": "{2} of the {1} of {0}, in Keras’s configuration",
    "model.optimizer.kind": "kind of the optimizer",
    "model.optimizer.*": "{0} of the optimizer, in Keras’s configuration",
    "model.optimizer.*.*": "{1} of the {0} of the optimizer, in Keras’s configuration",
    "model.loss": "name of the loss",
    "code.*": "the constant {0} of experiment.py or analysis.py",
    "test.accuracy": "share of the test images that are classified correctly",
    "image.index": "number of the image shown, in the test set",
    "image.label": "class of the image shown",
    "image.predicted": "class predicted for the image shown",
    "image.probability": "probability of the class predicted for the image shown",
    "figures.*.low": "lower end of the color scale of {0}",
    "figures.*.high": "upper end of the color scale of {0}",
    "hierarchy.*.field.size": "side of the receptive field of {0} in pixels of the image",
    "hierarchy.*.field.stride": "stride of the receptive field of {0} in pixels of the image",
    "hierarchy.*.field.height": "height of the receptive field of {0} in pixels of the image",
    "hierarchy.*.field.width": "width of the receptive field of {0} in pixels of the image",
    "probes.train_images": "number of images that probes are trained on",
    "probes.test_images": "number of images that probes are tested on",
    "probes.basis_images": "number of images that principal components are computed from",
    "probes.dimensions": "number of principal components that a probe receives",
    "probes.pixels": "test accuracy of a linear probe on raw pixels",
    "probes.pixels_shuffled": "test accuracy of a probe on raw pixels, trained on shuffled labels",
    "probes.pixels_pca": "test accuracy of a linear probe on principal components of raw pixels",
    "probes.pixels_pca_shuffled": "test accuracy of a probe on components of raw pixels, trained on shuffled labels",
    "classes.*.name": "name of class {0}",
    "classes.*.images": "number of test images of class {0}",
    "classes.*.precision": "precision of class {0}",
    "classes.*.recall": "recall of class {0}",
    "confusion.*.*": "test images of class {0} classified as class {1}, over all replicates",
    "errors.predictions": "number of predictions, over all replicates",
    "errors.wrong": "number of wrong predictions, over all replicates",
    "errors.most.label": "true class of the pair of classes confused most",
    "errors.most.predicted": "predicted class of the pair of classes confused most",
    "errors.most.images": "number of predictions of the pair of classes confused most",
    "mistakes.*.index": "number of the image of mistake {0}, in the test set",
    "mistakes.*.label": "true class of mistake {0}",
    "mistakes.*.predicted": "predicted class of mistake {0}",
    "mistakes.*.probability": "probability of the predicted class of mistake {0}",
    "omitted.*.*": "why {0} of {1} is left out",
    "explorer.images": "number of test images",
    "explorer.correct.full": "number of test images classified correctly with full precision",
    "explorer.correct.rounded": "number of test images classified correctly with rounded weights",
    "explorer.accuracy.full": "test accuracy with full precision",
    "explorer.accuracy.rounded": "test accuracy with rounded weights",
    "explorer.accuracy.change": "test accuracy with rounded weights minus that with full precision",
    "explorer.changed": "number of test images whose prediction rounding changes",
    "environment.*": "version or name of {0}",
    "times.epoch": "seconds for an epoch",
    "times.total": "seconds for the whole training",
    "published.rows": "how many published numbers are compared",
    "published.sum": "sum of the published parameters of all layers",
    "published.*.count": "how many published numbers are {0}",
    "published.*.names": "the published numbers that are {0}",
    "published.parameters.*": "number of parameters of {0}",
    "published.epochs.*.*": "{1} of epoch {0}",
    "published.total": "number of parameters in total",
    "published.trainable": "number of trainable parameters",
    "published.steps": "number of steps in an epoch",
    **{
        f"hierarchy.*.{measure}.{network}": f"{words}, {how}"
        for measure, words in _MEASURES.items()
        for network, how in _NETWORKS.items()
    },
    **{
        f"hierarchy.*.{measure}.null.{end}": f"{_MEASURES[measure]}, {words}"
        for measure in ("edge_energy", "edge_energy_centered")
        for end, words in _NULLS.items()
    },
    **{f"epochs.*.{metric}*": words.replace("{0}", "{1}") + ", epoch {0}" for metric, words in _METRICS.items()},
    **{f"final.{metric}*": f"{words}, last epoch" for metric, words in _METRICS.items()},
}
"""Descriptions by name. In a name, * matches a part or the rest of one, which then replaces {0} or {1}."""

_ENDS = {
    "mean": "mean over the replicates",
    "low": "lower end of its 95% interval",
    "high": "upper end of its 95% interval",
    "published": "as published",
    "reproduced": "as reproduced here",
    "expected": "as it should be",
    "ratio": "reproduced, divided by published",
}
"""What the last part of a name adds to the description."""


def described(path: Sequence[str | int], own: Mapping[str, str] = _NO_WORDS) -> str:
    """The result with this name in words, without a capital letter: test accuracy, mean over the replicates.

    `own` contains the descriptions of the author's measures, by name.
    """
    parts = tuple(map(str, path))
    match parts:
        case ("variants", name, "title"):
            return f"title of the variant {name}"
        case ("variants", name, "difference", *rest):
            return f"{described(rest, own)}, {name} minus the main condition"
        case ("variants", name, *rest):
            return f"{described(rest, own)}, {name}"
        case ("analysis", name, *rest) if own.get(name):
            words = own[name][:1].lower() + own[name][1:]
            return ", ".join([words, *_rest(tuple(rest))])
    for length in range(len(parts), 0, -1):
        known = _known(parts[:length])
        if known is not None:
            return ", ".join([known, *_rest(parts[length:])])
    return " ".join(parts).replace("_", " ")


def _known(parts: tuple[str, ...]) -> str | None:
    """The description of a name, from the matching pattern with the fewest stars and, among these, the longest text."""
    fitting = [pattern for pattern in KNOWN if _fits(pattern.split("."), parts)]
    if not fitting:
        return None
    pattern = min(fitting, key=lambda one: (one.count(_ANY), -len(one)))
    stars = [
        part.removeprefix(wanted.rstrip(_ANY))
        for wanted, part in zip(pattern.split("."), parts, strict=True)
        if wanted.endswith(_ANY)
    ]
    return KNOWN[pattern].format(*stars)


def _fits(pattern: list[str], parts: tuple[str, ...]) -> bool:
    return len(pattern) == len(parts) and all(
        part.startswith(wanted[:-1]) if wanted.endswith(_ANY) else part == wanted
        for wanted, part in zip(pattern, parts, strict=True)
    )


def _rest(parts: tuple[str, ...]) -> list[str]:
    if parts[:1] == ("replicate",):
        return [f"replicate {part}" for part in parts[1:2]]
    return [_ENDS.get(part, part.replace("_", " ")) for part in parts]
