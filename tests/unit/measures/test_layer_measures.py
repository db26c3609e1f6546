"""The measures of a network together, on images that have something to be found."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from generator.measures import ablation, activity, evidence, orientation, probing, receptive
from generator.measures.subject import Sample, Subject, sample
from generator.model import activations, graph
from generator.model.trained import Trained
from generator.model.weights import weights_of
from generator.records.measures import LayerMeasures, Measures
from generator.results.joined import joined
from tests.support.measuring import run

COUNT = 300


def bars(seed: int, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Images of a bright row (class 0) or column (class 1)."""
    random = np.random.default_rng(seed)
    labels = np.arange(COUNT) % 2
    images = random.random((COUNT, 12, 12, channels), dtype=np.float32) * 0.1
    for image, label in zip(images, labels, strict=True):
        (image if label == 0 else image.transpose(1, 0, 2))[random.integers(1, 11)] = 1
    return images, labels


def shown(channels: int = 1) -> Sample:
    (x_train, y_train), (x_test, y_test) = bars(0, channels), bars(1, channels)
    return sample({"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test})


def subject(model: Any, images: Sample) -> Subject:
    """A model as it is measured; its twin has the same weights."""
    calls, weights = graph.read(model), weights_of(model)
    replicate = Trained(run(0), weights, weights, np.full((COUNT, 2), 0.5), 1)
    fields = receptive.fields([call.node for call in calls])
    return Subject(replicate, model, calls, fields, images, lambda done, total, what: None)


def everything(model: Any, images: Sample, most: int | None = None) -> Measures:
    """All measures of a model."""
    of = subject(model, images)
    active = activity.measure(of)
    rest = (probing.measure(of), orientation.measure(of, active), ablation.measure(of, active, most))
    return joined([evidence.measure(of).measures, active, *rest])


def measured(model: Any, images: Sample) -> tuple[LayerMeasures, ...]:
    """What is measured of the layers of a model, without ablation, which needs the model's outputs to be classes."""
    of = subject(model, images)
    active = activity.measure(of)
    return joined([active, probing.measure(of), orientation.measure(of, active)]).trained.layers


def edges_and_silence(data_format: str) -> Any:
    """A convolution of a row detector, a column detector and a channel that never fires; then pooling."""
    image = keras.Input((12, 12, 1))
    turned = layers.Permute((3, 1, 2))(image) if data_format == "channels_first" else image
    # Of one channel, which is a plain convolution; TensorFlow has none that is channels-first on every CPU.
    convolution = layers.DepthwiseConv2D(
        3, depth_multiplier=3, activation="relu", data_format=data_format, name="edges"
    )
    pooled = layers.MaxPooling2D(2, data_format=data_format, name="pooled")(convolution(turned))
    row = np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], float)
    convolution.set_weights([np.stack([row, row.T, -np.ones((3, 3))], -1)[:, :, None], np.array([-3.0, -3.0, -1.0])])
    return keras.Model(image, layers.Dense(2, "softmax")(layers.Flatten()(pooled)))


@pytest.fixture(scope="module")
def detectors() -> tuple[LayerMeasures, ...]:
    """The layers of edges_and_silence(), measured."""
    return measured(edges_and_silence("channels_last"), shown())


def test_detectors_are_selective_probed_well_and_the_silent_channel_is_dead(
    detectors: tuple[LayerMeasures, ...],
) -> None:
    for layer in detectors:
        assert layer.dead == (2,)
        assert layer.selectivity is not None and layer.selectivity[2] is None
        assert layer.selectivity[:2] == pytest.approx((1, 1), abs=0.05)
        assert layer.preferred == (0, 1, None)
        assert layer.orientation is not None and layer.orientation[2] is None
        assert min(np.array(layer.orientation[:2], float)) > 0.7
        assert layer.probe_mean is not None and layer.probe_mean.accuracy > 0.99
        assert layer.probe_pca is not None and layer.probe_pca.accuracy > 0.9


def test_the_order_of_the_axes_changes_only_what_cannot_be_known(detectors: tuple[LayerMeasures, ...]) -> None:
    for one, other in zip(detectors, measured(edges_and_silence("channels_first"), shown()), strict=True):
        assert (other.channels, other.dead, other.selectivity) == (one.channels, one.dead, one.selectivity)
        assert other.probe_mean == one.probe_mean
        assert other.orientation is None  # its receptive field is not known


def test_measuring_again_gives_the_same_record(detectors: tuple[LayerMeasures, ...]) -> None:
    assert measured(edges_and_silence("channels_last"), shown()) == detectors


def test_nothing_holds_all_images_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    recorded = activations.Recorder.__call__
    monkeypatch.setattr(activations, "BATCH", 50)

    def noting(recorder: activations.Recorder, images: np.ndarray) -> Any:
        seen.append(len(images))
        return recorded(recorder, images)

    monkeypatch.setattr(activations.Recorder, "__call__", noting)
    measured(edges_and_silence("channels_last"), shown())
    assert max(seen) == 50 and sum(seen) > 2 * COUNT


def reasons(model: Any, images: Sample) -> dict[tuple[str, str | None], str]:
    return {(one.measure, one.layer): one.reason for one in everything(model, images).omissions}


def test_a_plain_gray_network_leaves_nothing_out() -> None:
    assert reasons(edges_and_silence("channels_last"), shown()) == {}


def test_what_does_not_apply_is_left_out_with_its_reason() -> None:
    image = keras.Input((12, 12, 3))
    up = layers.UpSampling2D(name="up")(layers.Conv2D(2, 3, name="color")(image))
    after = layers.Conv2D(2, 3, name="after")(up)
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(after)))
    found = reasons(model, shown(3))
    assert set(found) == {("edge_energy", "color"), ("field", "after"), ("orientation", "after")}
    assert "3 input channels" in found["edge_energy", "color"] and "'up'" in found["field", "after"]


def test_a_layer_wider_than_its_image_and_data_of_one_class_are_reasons() -> None:
    image = keras.Input((12, 12, 1))
    model = keras.Model(image, layers.MaxPooling2D(25, 1, "same", name="wide")(image))
    images = shown()
    alike = dict(images.arrays, y_train=np.zeros(COUNT, int), y_test=np.zeros(COUNT, int))
    found = reasons(model, sample(alike))
    assert "padding" in found["orientation", "wide"]
    assert "one class" in found["probe", None] and "two classes" in found["selectivity", None]
    assert {("ablation", None), ("kernels", None), ("edge_energy", None)} <= set(found)


def test_a_network_with_more_channels_than_can_be_removed_in_turn_leaves_ablation_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One layer after two channels, on three batches: six runs."""
    image = keras.Input((12, 12, 1))
    channels = layers.Conv2D(2, 3, name="two")(image)
    model = keras.Model(image, layers.GlobalAveragePooling2D()(channels))
    monkeypatch.setattr(ablation, "SPACE", 4 * (10 * 10 * 2 + 2) * 100)
    calls = graph.read(model)
    assert ablation.ablation_fault(calls, 300) is None
    monkeypatch.setattr(ablation, "MAX_RUNS", 5)
    said = "removing each of 2 channels in turn would run layers 6 times; the limit is 5, and [measures] channels can"
    assert (ablation.ablation_fault(calls, 300) or "").startswith(said)
    assert ablation.ablation_fault(calls, 300, most=1) is None
    assert reasons(model, shown())["ablation", None].startswith("removing each of 2 channels in turn")


def test_a_network_without_maps_leaves_everything_out() -> None:
    model = keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), layers.Dense(2)])
    assert set(reasons(model, shown()).values()) == {"the network has no convolution or pooling layer"}


def test_sorted_data_are_sampled_from_end_to_end() -> None:
    assert activations.evenly(60_000, 10_000)[[0, -1]].tolist() == [0, 59_999]
    assert activations.evenly(3, 10).tolist() == [0, 1, 2]
