"""Receptive fields by arithmetic, held against which pixels do change a position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from generator.measures import receptive
from generator.model import graph
from generator.records.graph import Node, Pair, Window
from generator.records.measures import Field

PAPER = [(3, 1), (3, 1), (2, 2), (3, 1), (3, 1), (2, 2), (3, 1), (2, 2)]  # sizes and strides
HEIGHT, WIDTH = 19, 16


def chain(windows: list[tuple[int, int]]) -> list[Node]:
    nodes = [Node("0", "InputLayer", "input", (), (28, 28, 1))]
    for number, (size, stride) in enumerate(windows, 1):
        window = Window((size, size), (stride, stride))
        nodes.append(Node(str(number), "Conv2D", "window", (str(number - 1),), (1, 1, 1), window))
    return nodes


def found(model: Any) -> dict[str, Field | str]:
    return receptive.fields([call.node for call in graph.read(model)])


def known(model: Any, name: str) -> Field:
    field = found(model)[name]
    assert isinstance(field, Field)
    return field


def test_five_convolutions_and_three_poolings_have_the_fields_of_the_paper() -> None:
    fields = list(receptive.fields(chain(PAPER)).values())[1:]
    assert [field.size for field in fields if isinstance(field, Field)] == [
        (size, size) for size in (3, 5, 6, 10, 14, 16, 24, 28)
    ]
    assert [field.stride[0] for field in fields if isinstance(field, Field)] == [1, 1, 2, 2, 2, 4, 4, 8]


def test_dilation_widens_a_field_and_padding_moves_its_start() -> None:
    image = keras.Input((20, 20, 1))
    model = keras.Model(image, layers.Conv2D(1, (3, 5), dilation_rate=2, padding="same", name="wide")(image))
    assert known(model, "wide") == Field("wide", (5, 9), (1, 1), (-2, -4))


def ones(model: Any) -> Any:
    """The model with positive kernels and biases of zero, so that nothing cancels and nothing comes from nowhere."""
    for weight in model.trainable_weights:
        weight.assign(np.full(weight.shape, 0.0 if weight.name in ("bias", "beta") else 0.5))
    return model


@dataclass(frozen=True)
class Block:
    """A drawn part of a network: one layer, or `paths` (sizes) that join."""

    kind: str
    size: Pair
    strides: Pair
    dilation: int
    padding: str
    paths: list[Pair]


PAIRS = st.tuples(st.integers(1, 4), st.integers(1, 4))
KINDS = ["conv", "depthwise", "separable", "max", "average", "zeros", "plain", "add", "concatenate", "maximum"]
JOINS = {"add": layers.Add, "concatenate": layers.Concatenate, "maximum": layers.Maximum}
BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(KINDS),
    size=PAIRS,
    strides=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
    paths=st.lists(PAIRS, min_size=2, max_size=3),
)


def network(blocks: list[Block]) -> Any:
    """The blocks one on the other; those that do not fit are left out."""
    x = image = keras.Input((HEIGHT, WIDTH, 1))
    for block in blocks:
        x = stacked(x, block)
    return ones(keras.Model(image, layers.ReLU(name="last")(x)))


def stacked(x: Any, block: Block) -> Any:
    if block.kind == "zeros":
        return layers.ZeroPadding2D((block.size[0] - 1, block.size[1] - 1))(x)
    if block.kind == "plain":
        return layers.ReLU()(layers.BatchNormalization()(x))
    if block.kind in JOINS:
        kinds = zip(["conv", "max", "conv"], block.paths, strict=False)
        strides = (block.strides[0],) * 2
        return JOINS[block.kind]()([window(x, kind, size, strides, 1, "same") for kind, size in kinds])
    # TensorFlow wants either steps or holes, and equal steps where channels are apart. Its plain convolution takes
    # unequal steps, but reads wrong rows when the kernel is as wide as its input; pooling is right with any.
    strides = block.strides if block.kind in ("max", "average") else (block.strides[0],) * 2
    dilation = block.dilation if max(strides) == 1 and block.kind not in ("max", "average") else 1
    extents = [(part - 1) * dilation + 1 for part in block.size]
    fits = all(extent <= side for extent, side in zip(extents, x.shape[1:3], strict=True))
    return window(x, block.kind, block.size, strides, dilation, block.padding) if fits else x


def window(x: Any, kind: str, size: Pair, strides: Pair, dilation: int, padding: str) -> Any:
    if kind in ("max", "average"):
        pooling = layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D
        return pooling(size, strides, padding)(x)
    options = {"strides": strides, "dilation_rate": dilation, "padding": padding}
    if kind == "depthwise":
        return layers.DepthwiseConv2D(size, **options)(x)
    return (layers.Conv2D if kind == "conv" else layers.SeparableConv2D)(int(x.shape[-1]), size, **options)(x)


def dependence(model: Any) -> np.ndarray:
    """Whether pixel (y, x) changes position (i, j): shape (y, x, i, j)."""
    one_each = np.eye(HEIGHT * WIDTH, dtype=np.float32).reshape(-1, HEIGHT, WIDTH, 1)
    changed = np.asarray(model(one_each, training=False)).max(axis=3) > 0
    return np.asarray(changed.reshape(HEIGHT, WIDTH, *changed.shape[1:]))


@settings(max_examples=40)
@given(st.lists(BLOCKS, min_size=1, max_size=5))
def test_fields_are_the_pixels_that_change_a_position_in_any_network(blocks: list[Block]) -> None:
    model = network(blocks)
    field, changes = known(model, "last"), dependence(model)
    rows, columns = receptive.interior(field, (changes.shape[2], changes.shape[3]), (HEIGHT, WIDTH))
    for i in range(changes.shape[2]):
        for j in range(changes.shape[3]):
            top, left = (start + at * step for start, at, step in zip(field.start, (i, j), field.stride, strict=True))
            ys, xs = (np.flatnonzero(changes[:, :, i, j].any(axis=axis)) for axis in (1, 0))
            within = rows.start <= i < rows.stop and columns.start <= j < columns.stop
            if within:
                assert (ys[0], ys[-1] + 1) == (top, top + field.size[0])
                assert (xs[0], xs[-1] + 1) == (left, left + field.size[1])
            elif ys.size:
                assert ys[0] >= top and ys[-1] < top + field.size[0]
                assert xs[0] >= left and xs[-1] < left + field.size[1]


def test_the_interior_leaves_out_positions_that_see_padding() -> None:
    field = Field("padded", (3, 5), (1, 1), (-1, -2))
    assert receptive.interior(field, (8, 8), (8, 8)) == (slice(1, 7), slice(2, 6))
    rows, _ = receptive.interior(Field("wide", (9, 1), (1, 1), (-4, 0)), (8, 8), (8, 8))
    assert rows.start == rows.stop


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (layers.UpSampling2D(2, name="up"), "'up' (UpSampling2D)"),
        (layers.Conv2DTranspose(2, 3, name="back"), "'back' (Conv2DTranspose)"),
        (layers.Softmax(axis=1, name="along"), "'along' (Softmax)"),
        (layers.Permute((3, 1, 2), name="turned"), "'turned' (Permute)"),
    ],
)
def test_a_layer_without_a_patch_is_named_as_the_reason(layer: Any, words: str) -> None:
    image = keras.Input((8, 8, 2))
    model = keras.Model(image, layers.ReLU(name="after")(layer(image)))
    reason = found(model)["after"]
    assert isinstance(reason, str) and words in reason


def test_paths_of_different_strides_have_no_common_field() -> None:
    nodes = chain([(1, 1), (1, 2)])
    joined = Node("sum", "Add", "join", ("1", "2"), (1, 1, 1))
    assert "different strides" in str(receptive.fields([*nodes, joined])["sum"])


def test_a_layer_that_is_called_twice_is_two_nodes_and_nested_models_are_opened() -> None:
    image = keras.Input((8, 8, 2))
    shared = layers.Conv2D(2, 3, name="shared")
    inner = keras.Sequential([keras.Input((4, 4, 2)), layers.Conv2D(3, 2, name="shared")])
    calls = graph.read(keras.Model(image, inner(shared(shared(image)))))
    assert [(call.node.name, call.number) for call in calls[1:]] == [
        ("shared", 0),
        ("shared (2)", 1),
        ("shared (3)", 0),
    ]
    assert [call.node.inputs for call in calls[1:]] == [("input",), ("shared",), ("shared (2)",)]


def test_what_depends_on_a_node_is_downstream_and_nothing_else() -> None:
    image = keras.Input((8, 8, 1))
    left, right = (layers.Conv2D(2, 3, name=name)(image) for name in ("left", "right"))
    calls = graph.read(keras.Model(image, layers.Add(name="sum")([layers.ReLU(name="relu")(left), right])))
    assert graph.downstream(calls, "left") == {"relu", "sum"}


def test_parallel_layers_keep_the_order_of_the_summary() -> None:
    image = keras.Input((8, 8, 1))
    paths = [layers.ReLU()(layers.Conv2D(2, size, padding="same", name=f"path{size}")(image)) for size in (3, 5, 1)]
    model = keras.Model(image, layers.Concatenate()(paths))
    names = [call.node.name for call in graph.map_calls(graph.read(model))]
    assert names == ["path3", "path5", "path1"] == [layer.name for layer in model.layers if "path" in layer.name]
