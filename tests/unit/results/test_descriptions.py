"""Names of results in words."""

from __future__ import annotations

import pytest

from generator.results.descriptions import described


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test.accuracy.mean", "share of the test images that are classified correctly, mean over the replicates"),
        ("test.accuracy.replicate.3", "share of the test images that are classified correctly, replicate 3"),
        ("epochs.2.val_loss.low", "loss on the validation images, epoch 2, lower end of its 95% interval"),
        ("epochs.2.loss.mean", "loss on the training images, epoch 2, mean over the replicates"),
        ("final.accuracy.mean", "accuracy on the training images, last epoch, mean over the replicates"),
        ("model.layers.dense_1.parameters", "number of parameters of dense_1"),
        (
            "hierarchy.conv.orientation.untrained.mean",
            "orientation selectivity of conv, mean over its channels, before training, mean over the replicates",
        ),
        (
            "hierarchy.conv.edge_energy.null.mean",
            "edge energy of the kernels of conv, mean over the kernels, mean of random kernels",
        ),
        ("published.epochs.1.loss.reproduced", "loss of epoch 1, as reproduced here"),
        ("published.total.published", "number of parameters in total, as published"),
        ("confusion.4.9", "test images of class 4 classified as class 9, over all replicates"),
        ("model.layers.conv.kernel_size", "kernel_size of conv, in Keras’s configuration"),
        ("model.optimizer.learning_rate", "learning_rate of the optimizer, in Keras’s configuration"),
        (
            "model.optimizer.learning_rate.decay_rate",
            "decay_rate of the learning_rate of the optimizer, in Keras’s configuration",
        ),
        ("variants.wide.title", "title of the variant wide"),
        ("variants.wide.model.layers.conv.parameters", "number of parameters of conv, wide"),
        (
            "variants.no-pooling.test.accuracy.replicate.3",
            "share of the test images that are classified correctly, replicate 3, no-pooling",
        ),
        (
            "variants.wide.difference.final.loss.mean",
            "loss on the training images, last epoch, mean over the replicates, wide minus the main condition",
        ),
        ("code.WIDTH", "the constant WIDTH of experiment.py or analysis.py"),
        ("author.own_measure", "author own measure"),
    ],
)
def test_a_result_is_told_in_words_and_one_that_is_not_known_by_its_parts(name: str, words: str) -> None:
    assert described(name.split(".")) == words
