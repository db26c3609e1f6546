"""Activations become pictures: every pixel is looked at in the PNG files as they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generator.core.errors import ReportError
from generator.core.tiling import MAX_TILE_PIXELS, averaged, tile_columns
from generator.figures import pictures
from generator.figures.figures import FigureArrays, NetworkMaps, draw
from generator.figures.pictures import FIRST, GAP, INK_COLOR, LEVELS, LINE, LINE_COLOR, NOTHING
from generator.records.figures import FeatureMaps, Figures, Kernels, KernelSet, LayerMaps
from generator.records.response import ImageResponse, LayerResponse, Response

Array = NDArray[Any]


def look(maps: Sequence[Array] = (), *layers: LayerResponse, dead: tuple[int, ...] = ()) -> NetworkMaps:
    """A response with these layers; `dead` channels are the first one's."""
    shown = ImageResponse(index=3, label=1, predicted=2, probability=0.75)
    return NetworkMaps(Response(seed=5, image=shown, layers=layers), maps, [dead, *[()] * len(layers)][: len(layers)])


def layer(shape: tuple[int, int, int], name: str = "first", silent: tuple[int, ...] = ()) -> LayerResponse:
    return LayerResponse(name=name, kind="convolution", shape=shape, silent=silent)


def activations(shape: tuple[int, int, int]) -> Array:
    return np.random.default_rng(7).gamma(1.0, 1.0, shape).astype(np.float32)


def drawn(
    values: Array, dead: tuple[int, ...] = (), image: Array | None = None
) -> tuple[FeatureMaps, dict[str, bytes]]:
    shown = np.zeros((8, 8, 1)) if image is None else image
    return drawn_look(look([values], layer(values.shape, silent=dead), dead=dead), shown)


def drawn_look(shown: NetworkMaps, image: Array) -> tuple[FeatureMaps, dict[str, bytes]]:
    figures, files = drawn_all(shown, image=image)
    assert figures.feature_maps
    return figures.feature_maps, files


def drawn_all(
    trained: NetworkMaps,
    untrained: NetworkMaps | None = None,
    image: Array | None = None,
    kernels: dict[str, Array] | None = None,
    mistakes: Array | None = None,
) -> tuple[Figures, dict[str, bytes]]:
    """All figures; what is not given is not there."""
    shown = np.zeros((4, 4, 1)) if image is None else image
    wrong = np.zeros((0, 4, 4, 1)) if mistakes is None else mistakes
    return draw(trained, untrained or look(), FigureArrays(shown, kernels or {}, wrong))


def drawn_kernels(trained: Array, untrained: Array) -> tuple[Kernels, dict[str, bytes]]:
    figures, files = drawn_all(look(), kernels={"trained": trained, "untrained": untrained})
    assert figures.kernels
    return figures.kernels, files


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def tile(maps: LayerMaps, files: dict[str, bytes], channel: int) -> NDArray[np.uint8]:
    """The pixels of one channel's tile, found as a reader finds it: by row and column."""
    canvas = pixels(files[maps.picture.file])
    height = (canvas.shape[0] + GAP) // maps.rows
    width = (canvas.shape[1] + GAP) // maps.columns
    top, left = channel // maps.columns * height, channel % maps.columns * width
    return canvas[top : top + height - GAP, left : left + width - GAP]


def colors(values: Array, low: float, high: float, name: str) -> NDArray[np.uint8]:
    levels = np.rint((values - low) / (high - low) * (LEVELS - 1)) / (LEVELS - 1)
    return np.asarray(matplotlib.colormaps[name](levels, bytes=True))


@pytest.mark.parametrize(
    "shape", [(26, 26, 32), (4, 4, 64), (1, 1, 128), (64, 64, 3), (32, 20, 1), (2, 2, 512), (12, 3, 7)]
)
def test_every_pixel_of_every_channel_is_a_square_of_its_color(shape: tuple[int, int, int]) -> None:
    values = activations(shape)
    figure, files = drawn(values)
    maps = figure.layers[0]
    for channel in range(shape[2]):
        shown = tile(maps, files, channel)
        factor = shown.shape[0] // shape[0]
        wanted = colors(values[:, :, channel], 0, maps.high, "viridis")
        assert np.array_equal(shown, wanted.repeat(factor, 0).repeat(factor, 1))


def test_what_is_between_the_tiles_is_transparent() -> None:
    figure, files = drawn(activations((5, 5, 16)))
    maps = figure.layers[0]
    alpha = pixels(files[maps.picture.file])[:, :, 3]
    side = tile(maps, files, 0).shape[0]
    assert alpha[side : side + GAP].max() == 0
    assert (alpha == 255).sum() == 16 * side * side


def test_pictures_are_palette_files_with_the_size_that_the_record_gives() -> None:
    figure, files = drawn(activations((5, 5, 8)))
    maps = figure.layers[0]
    for picture in (maps.picture, maps.color_bar):
        opened = Image.open(io.BytesIO(files[picture.file]))
        assert (opened.mode, opened.size) == ("P", (picture.width, picture.height))


def test_one_scale_per_layer_begins_at_zero_and_ends_at_its_largest_activation() -> None:
    values = activations((3, 3, 4)) + 1
    maps = drawn(values)[0].layers[0]
    assert (maps.scale, maps.low, maps.high) == ("sequential", 0.0, float(values.max()))


def test_negative_activations_get_a_diverging_scale_that_is_white_at_zero() -> None:
    values = np.array([[[-4.0, 0.0], [1.0, 2.0]]], np.float32)
    figure, files = drawn(values)
    maps = figure.layers[0]
    assert (maps.scale, maps.low, maps.high) == ("diverging", -4.0, 4.0)
    bar = pixels(files[maps.color_bar.file])
    assert np.array_equal(tile(maps, files, 1)[0, 0], bar[0, LEVELS // 2])
    assert bar[0, LEVELS // 2, :3].min() > 240


def test_a_dead_channel_is_an_empty_tile_with_a_cross() -> None:
    values = activations((6, 6, 4))
    values[:, :, 2] = 0
    figure, files = drawn(values, dead=(2,))
    shown = tile(figure.layers[0], files, 2)
    marked = shown[:, :, 3] == 255
    assert np.diag(marked).all() and np.diag(marked[:, ::-1]).all() and marked[0].all()
    assert 0.02 < marked.mean() < 0.2
    assert np.unique(shown[marked][:, :3], axis=0).tolist() == [list(INK_COLOR)]


def test_a_channel_that_is_only_silent_keeps_the_color_of_zero() -> None:
    values = activations((6, 6, 4))
    values[:, :, 1] = 0
    figure, files = drawn(values)
    assert np.array_equal(np.unique(tile(figure.layers[0], files, 1)), np.unique([68, 1, 84, 255]))


def test_a_layer_without_any_activation_is_drawn_as_zero() -> None:
    figure, files = drawn(np.zeros((3, 3, 2), np.float32))
    assert figure.layers[0].high == 0.0
    assert tile(figure.layers[0], files, 0)[0, 0].tolist() == [68, 1, 84, 255]


def test_the_input_is_drawn_in_color_or_gray_as_it_is() -> None:
    color = np.zeros((32, 32, 3), np.float32)
    color[0, 0] = (1.0, 0.5, 0.0)
    for image, corner in ((color, [255, 128, 0, 255]), (color[:, :, 1:2], [128, 128, 128, 255])):
        figure, files = drawn(activations((2, 2, 1)), image=image)
        shown = pixels(files[figure.input.file])
        assert shown.shape[:2] == (224, 224)
        assert (shown[:7, :7] == corner).all() and shown[7, 7, :3].max() == 0


def test_layers_keep_their_order_and_hostile_names_do_not_become_file_names() -> None:
    names = ["../../b", "<b>", "a"]
    shown = look([activations((2, 2, 2))] * 3, *(layer((2, 2, 2), name) for name in names))
    figure, files = drawn_look(shown, np.zeros((4, 4, 1)))
    assert [maps.name for maps in figure.layers] == names
    assert {name for name in files if "maps" in name} == {"maps-01.png", "maps-02.png", "maps-03.png"}


def test_a_network_without_convolutions_has_no_figure_of_maps() -> None:
    figures, files = drawn_all(look())
    assert figures == Figures(feature_maps=None, untrained_maps=None, kernels=None, mistakes=()) and files == {}


@pytest.mark.parametrize(
    ("channels", "columns"), [(1, 8), (7, 8), (10, 8), (32, 8), (33, 16), (64, 16), (128, 16), (512, 32)]
)
def test_layers_of_about_the_same_depth_have_rows_of_one_length(channels: int, columns: int) -> None:
    assert tile_columns(channels) == columns


@pytest.mark.parametrize("shape", [(26, 26, 32), (10, 10, 64), (2, 2, 128), (1, 1, 128)])
def test_pictures_of_usual_layers_suit_a_page_of_900_pixels(shape: tuple[int, int, int]) -> None:
    picture = drawn(activations(shape))[0].layers[0].picture
    assert 780 <= picture.width <= 900 and picture.height <= 900


def test_pictures_carry_no_metadata() -> None:
    for png in drawn(activations((9, 9, 8)), (1,))[1].values():
        assert not any(chunk in png for chunk in (b"tEXt", b"iTXt", b"tIME", b"zTXt", b"pHYs"))


@pytest.mark.parametrize(
    ("values", "words"),
    [(np.zeros((3, 3, 2)), "shape (3, 3, 2)"), (np.full((2, 2, 2), np.nan), "not a number")],
)
def test_activations_that_cannot_be_drawn_are_refused_by_layer(values: Array, words: str) -> None:
    with pytest.raises(ReportError) as caught:
        drawn_all(look([values], layer((2, 2, 2))))
    assert words in str(caught.value) and "'first'" in str(caught.value) and caught.value.next


def test_the_untrained_twin_is_drawn_like_the_network_in_files_of_its_own() -> None:
    after, before = activations((5, 5, 8)), activations((5, 5, 8)) / 9
    shape = layer((5, 5, 8))
    figures, files = drawn_all(look([after], shape), look([before], shape))
    assert figures.feature_maps and figures.untrained_maps
    pair = (figures.feature_maps.layers[0], figures.untrained_maps.layers[0])
    assert [maps.picture.file for maps in pair] == ["maps-01.png", "untrained-maps-01.png"]
    assert [maps.high for maps in pair] == [float(after.max()), float(before.max())]
    assert (pair[0].columns, pair[0].picture.width) == (pair[1].columns, pair[1].picture.width)
    assert {name for name in files if "maps" in name} == {"maps-01.png", "untrained-maps-01.png"}


def test_the_most_active_channels_of_a_layer_stand_for_it_in_their_order() -> None:
    values = activations((5, 5, 40)) / 100
    values[2, 2, [3, 39, 7, 11, 20, 1, 30, 25]] = np.arange(8) + 1
    figures, files = drawn_all(look([values], layer((5, 5, 40))))
    (excerpt,) = figures.excerpts
    assert excerpt.channels == (1, 3, 7, 11, 20, 25, 30, 39)
    assert pixels(files[excerpt.picture.file]).shape[:2] == (excerpt.picture.height, excerpt.picture.width)


def test_lines_separate_tiles_and_end_where_there_are_none() -> None:
    """Three tiles in rows of two: the last place stays empty."""
    tiles = pictures.tile(np.full((3, 3, 3), FIRST, np.uint8), 2, width=60, is_lined=True)
    side = (tiles.shape[1] - GAP) // 2
    assert (tiles[:, side : side + GAP][:side] == LINE).all() and (tiles[side : side + GAP, :side] == LINE).all()
    assert (tiles[side + GAP :, side + GAP :] == NOTHING).all()
    assert (tiles[:side, :side] == FIRST).all() and (tiles[side + GAP :, :side] == FIRST).all()


def kernel_tile(kernels: Kernels, one: KernelSet, files: dict[str, bytes], index: int, part: int) -> NDArray[np.uint8]:
    """The pixels of kernel `index` for input channel `part`."""
    canvas = pixels(files[one.picture.file])
    rows = -(-kernels.count // kernels.columns) * kernels.inputs
    height, width = (canvas.shape[0] + GAP) // rows, (canvas.shape[1] + GAP) // kernels.columns
    top = (index // kernels.columns * kernels.inputs + part) * height
    left = index % kernels.columns * width
    return canvas[top : top + height - GAP, left : left + width - GAP]


@pytest.mark.parametrize("shape", [(3, 3, 1, 32), (5, 3, 3, 7), (1, 1, 2, 1), (7, 7, 3, 64), (3, 3, 4, 1)])
def test_every_weight_of_every_kernel_is_a_square_on_a_scale_symmetric_about_zero(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    kernels, files = drawn_kernels(values, values / 2)
    assert kernels.untrained.high == kernels.trained.high / 2
    for part in range(shape[2]):
        for index in range(shape[3]):
            shown = kernel_tile(kernels, kernels.trained, files, index, part)
            factor = shown.shape[0] // shape[0]
            within = values[:, :, part, index].clip(-kernels.trained.high, kernels.trained.high)
            wanted = colors(within, -kernels.trained.high, kernels.trained.high, "RdBu_r")
            assert np.array_equal(shown, wanted.repeat(factor, 0).repeat(factor, 1))
    assert Image.open(io.BytesIO(files["kernels-trained.png"])).mode == "P"


def test_one_large_weight_does_not_bleach_the_others() -> None:
    values = np.random.default_rng(1).uniform(-1, 1, (3, 3, 1, 32))
    values[0, 0, 0, 0] = 50
    kernels, _ = drawn_kernels(values, values)
    assert 0.9 < kernels.trained.high <= 1
    assert kernels.trained.beyond == int((np.abs(values) > kernels.trained.high).sum()) >= 1


def test_kernels_that_are_all_zero_have_the_color_of_zero() -> None:
    kernels, files = drawn_kernels(np.zeros((3, 3, 1, 4)), np.zeros((3, 3, 1, 4)))
    assert kernels.trained.high == 1.0
    assert kernel_tile(kernels, kernels.trained, files, 0, 0)[0, 0].min() > 240
    assert LINE_COLOR in {tuple(pixel) for pixel in pixels(files["kernels-trained.png"]).reshape(-1, 4)[:, :3].tolist()}


def test_kernels_of_an_input_with_many_channels_are_left_out() -> None:
    figures, files = drawn_all(look(), kernels={"trained": np.ones((3, 3, 17, 2))})
    assert figures.kernels is None and files == {}


def test_weights_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ReportError, match="Some weights are infinite or not a number"):
        drawn_kernels(np.full((3, 3, 1, 2), np.inf), np.zeros((3, 3, 1, 2)))


def test_each_mistake_is_a_picture_of_its_own_pixels() -> None:
    images = np.random.default_rng(2).random((3, 28, 28, 1))
    figures, files = drawn_all(look(), mistakes=images)
    assert [picture.file for picture in figures.mistakes] == ["mistake-01.png", "mistake-02.png", "mistake-03.png"]
    for picture, image in zip(figures.mistakes, images, strict=True):
        shown = pixels(files[picture.file])
        assert shown.shape[:2] == (picture.height, picture.width) == (112, 112)
        assert np.array_equal(shown[::4, ::4, 0], np.rint(image[:, :, 0] * 255))


@pytest.mark.parametrize(
    ("shape", "cell"), [((3, 240), (20, 1)), ((240, 3), (1, 20)), ((1, 30), (8, 1)), ((10, 40), (1, 1))]
)
def test_a_long_strip_is_drawn_at_least_a_quarter_as_high_as_it_is_long(
    shape: tuple[int, int], cell: tuple[int, int]
) -> None:
    values = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(*shape, 1) % LEVELS
    shown = pictures.tile(values, 1, width=240)
    factor = max(1, MAX_TILE_PIXELS // max(shape[0] * cell[0], shape[1] * cell[1]))
    assert np.array_equal(shown, values[:, :, 0].repeat(cell[0] * factor, 0).repeat(cell[1] * factor, 1))
    assert max(shown.shape) <= 4 * min(shown.shape)


@pytest.mark.parametrize("shape", [(1, 2000), (2000, 1), (1, 5000), (50, 5000)])
def test_the_values_along_a_very_long_strip_are_averaged_so_that_it_is_neither_long_nor_narrow(
    shape: tuple[int, int],
) -> None:
    values = np.random.default_rng(0).random((*shape, 1))
    short = pictures.shortened(values)
    shown = pictures.tile(pictures.levels(short, 0, 1), 1)
    assert max(shown.shape) <= 4 * min(shown.shape) <= 4 * MAX_TILE_PIXELS
    axis = int(shape[1] > shape[0])
    count = max(averaged(*shape))
    assert count > 1 and np.allclose(short.take(1, axis), values.take(range(count, 2 * count), axis).mean(axis))


def test_no_value_of_a_map_that_fits_is_averaged() -> None:
    for shape in ((28, 28, 2), (3, 240, 1), (500, 500, 1), (1, 30, 4)):
        values = np.zeros(shape)
        assert pictures.shortened(values) is values


def test_an_image_that_is_a_long_strip_is_stretched() -> None:
    files: dict[str, bytes] = {}
    picture = pictures.save_image("image.png", np.zeros((3, 240, 1)), 224, files)
    assert (picture.width, picture.height, picture.stretch) == (240, 60, (20, 1))
