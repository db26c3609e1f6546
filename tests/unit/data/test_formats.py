"""Decoding: every layout gives the arrays that were put in, and every damaged one a plain message."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import ExifTags, Image

from generator.core.errors import Place, ReportError
from generator.data import formats
from generator.data.formats import Array, Arrays
from generator.records.dataset import DataSettings

SETTINGS = DataSettings(name="small")
IDX_CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
IDX_NAMES = {
    "x_train": "train-images{}idx3-ubyte",
    "y_train": "train-labels{}idx1-ubyte",
    "x_test": "t10k-images{}idx3-ubyte",
    "y_test": "t10k-labels{}idx1-ubyte",
}


def idx(array: Array) -> bytes:
    """The array as the bytes of an IDX file."""
    code = IDX_CODES[array.dtype.newbyteorder("=").str[1:]]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def idx_folder(folder: Path, arrays: dict[str, Array], mark: str = "-", suffix: str = "") -> Path:
    folder.mkdir()
    for name, array in arrays.items():
        content = idx(array)
        file = folder / f"{IDX_NAMES[name].format(mark)}{suffix}"
        file.write_bytes(gzip.compress(content) if suffix else content)
    return folder


def picture(path: Path, value: Any, size: tuple[int, int] = (4, 3), mode: str = "L") -> Path:
    """A plain image of (width, height)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value).save(path)
    return path


def assert_same(found: Arrays, expected: dict[str, Array]) -> None:
    for name, array in formats.named(found).items():
        assert array.dtype == expected[name].dtype, name
        np.testing.assert_array_equal(array, expected[name], name)


def refusal(path: Path, settings: DataSettings = SETTINGS) -> ReportError:
    with pytest.raises(ReportError) as caught:
        formats.decode(path, settings)
    assert caught.value.next
    return caught.value


@pytest.fixture
def arrays() -> dict[str, Array]:
    rng = np.random.default_rng(7)
    return {
        "x_train": rng.integers(0, 256, (6, 5, 4), dtype=np.uint8),
        "y_train": np.arange(6, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (2, 5, 4), dtype=np.uint8),
        "y_test": np.arange(2, dtype=np.uint8),
    }


@pytest.fixture
def npz(tmp_path: Path, arrays: dict[str, Array]) -> Callable[..., Path]:
    """Saves the arrays as an .npz, with some of them replaced, or left out when None."""

    def save(**replaced: Any) -> Path:
        path = tmp_path / "small.npz"
        kept = {name: array for name, array in {**arrays, **replaced}.items() if array is not None}
        np.savez(path, allow_pickle=True, **kept)
        return path

    return save


# Keras archives


def test_an_npz_gives_its_arrays_as_stored(npz: Callable[..., Path], arrays: dict[str, Array]) -> None:
    assert_same(formats.decode(npz(), SETTINGS), arrays)


def test_an_npz_without_one_of_the_arrays_is_refused_with_the_names_it_has(npz: Callable[..., Path]) -> None:
    error = refusal(npz(x_test=None))
    assert error.what == "has no x_test; it has x_train, y_train, y_test"
    assert "small.npz" in str(error.where)
    assert "x_train, y_train, x_test, and y_test" in error.next


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_a_pickled_array_is_refused_and_never_unpickled(npz: Callable[..., Path], tmp_path: Path) -> None:
    trace = tmp_path / "unpickled"
    error = refusal(npz(y_train=np.array([Bomb(trace)], dtype=object)))
    assert error.what.startswith("y_train cannot be read: Object arrays cannot be loaded")
    assert "numpy.savez" in error.next
    assert not trace.exists()


def test_a_bare_pickle_named_npz_is_refused_and_never_unpickled(tmp_path: Path) -> None:
    trace, path = tmp_path / "unpickled", tmp_path / "small.npz"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    assert refusal(path).what == "is not an .npz archive, or is cut short"
    assert not trace.exists()


def test_a_truncated_npz_is_refused(npz: Callable[..., Path]) -> None:
    path = npz()
    path.write_bytes(path.read_bytes()[:-40])
    assert refusal(path).what == "is not an .npz archive, or is cut short"


def test_an_npz_with_a_flipped_byte_is_refused(npz: Callable[..., Path], arrays: dict[str, Array]) -> None:
    path = npz()
    content = path.read_bytes()
    path.write_bytes(content.replace(arrays["x_test"].tobytes(), bytes(arrays["x_test"].nbytes)))
    assert "x_test cannot be read: Bad CRC-32" in refusal(path).what


def test_a_member_that_is_not_an_array_is_refused(npz: Callable[..., Path]) -> None:
    path = npz(y_test=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y_test", "0, 1")
    assert refusal(path).what == "y_test is not an array"


@example(at=589, byte=0, keep=0)  # NumPy fails on this one before it has taken the file in its hands
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), keep=st.integers(0, 10_000))
def test_a_damaged_npz_is_read_or_refused_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, keep: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "small.npz"
    x, y = np.zeros((3, 2, 2), np.uint8), np.zeros(3, np.uint8)
    np.savez_compressed(path, x_train=x, y_train=y, x_test=x, y_test=y)
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content[: len(content) - keep % len(content) // 8])
    try:
        (x_train, _), _ = formats.decode(path, SETTINGS)
    except ReportError as error:
        assert error.next
    else:
        assert len(x_train) == 3


# What must hold in every layout


@pytest.mark.parametrize(
    ("replaced", "what"),
    [
        ({"y_train": np.zeros(5, np.uint8)}, "x_train has 6 images, but y_train has 5 labels"),
        (
            {"y_test": np.zeros((2, 2), np.uint8)},
            "y_test must hold a whole number per image, but is uint8 of (2, 2)",
        ),
        ({"y_test": np.full(2, 0.5)}, "y_test must hold a whole number per image, but is float64 of (2,)"),
        ({"y_test": np.full(2, np.inf)}, "y_test must hold a whole number per image, but is float64 of (2,)"),
        ({"x_train": np.zeros(6, np.uint8)}, "x_train must hold images, but is uint8 of (6,)"),
        ({"x_train": np.full((6, 5, 4), "a")}, "x_train must hold images, but is <U1 of (6, 5, 4)"),
        ({"x_test": np.zeros((2, 4, 4), np.uint8)}, "x_train has images of (5, 4), but x_test of (4, 4)"),
        ({"x_test": np.zeros((0, 5, 4), np.uint8), "y_test": np.zeros(0, np.uint8)}, "x_test is empty"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(npz: Callable[..., Path], replaced: dict[str, Array], what: str) -> None:
    error = refusal(npz(**replaced))
    assert error.what == what
    assert "small.npz" in str(error.where)


def test_an_unreadable_file_is_refused_with_the_reason(
    npz: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = npz()

    def refuse(path: Path, most: int) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(formats, "open_regular", refuse)
    error = refusal(path)
    assert error.what == "cannot be read: Permission denied"
    assert "small.npz" in str(error.where)
    assert error.next == "Check that it exists and is readable."


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    error = refusal(tmp_path / "nowhere.npz")
    assert error.what == "cannot be read: No such file or directory"
    assert "nowhere.npz" in str(error.where)


def test_an_empty_folder_is_refused_with_the_layouts_that_would_do(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.what == "holds neither IDX files nor folders of images"
    assert "four IDX files" in error.next


# IDX files


@pytest.mark.parametrize(("mark", "suffix"), [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")])
def test_a_folder_of_idx_files_gives_its_arrays_in_every_spelling(
    tmp_path: Path, arrays: dict[str, Array], mark: str, suffix: str
) -> None:
    assert_same(formats.decode(idx_folder(tmp_path / "idx", arrays, mark, suffix), SETTINGS), arrays)


def test_whether_an_idx_file_is_gzipped_is_told_by_its_content(tmp_path: Path, arrays: dict[str, Array]) -> None:
    folder = idx_folder(tmp_path / "idx", arrays)
    for number, file in enumerate(sorted(folder.iterdir())):
        content = file.read_bytes()
        if number % 2:
            file.write_bytes(gzip.compress(content))
        else:
            file.rename(file.with_name(f"{file.name}.gz"))
    assert_same(formats.decode(folder, SETTINGS), arrays)


@given(
    images=hnp.arrays(
        st.sampled_from([np.dtype(code) for code in IDX_CODES]),
        hnp.array_shapes(min_dims=2, max_dims=5, max_side=4),
    )
)
def test_idx_files_of_any_type_and_shape_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, images: Array
) -> None:
    labels = np.zeros(len(images), np.int32)
    stored = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    folder = idx_folder(tmp_path_factory.mktemp("round") / "idx", stored)
    assert_same(formats.decode(folder, SETTINGS), stored)


@given(
    content=st.binary(max_size=40),
    header=st.sampled_from([b"", b"\0\0\x08\x01", b"\0\0\x0e\x03", b"\x1f\x8b"]),
)
def test_an_idx_file_of_any_bytes_is_read_or_refused_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, header: bytes
) -> None:
    images, labels = np.zeros((1, 2, 2), np.uint8), np.zeros(1, np.uint8)
    stored = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    folder = idx_folder(tmp_path_factory.mktemp("any") / "idx", stored)
    (folder / "train-images-idx3-ubyte").write_bytes(header + content)
    try:
        (x_train, _), _ = formats.decode(folder, SETTINGS)
    except ReportError as error:
        assert error.next
    else:
        assert len(x_train) == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not an IDX file: it begins with nothing"),
        (b"<htm", "is not an IDX file: it begins with 3c 68 74 6d"),
        (b"\0\0\x0a\x01", "is not an IDX file: it begins with 00 00 0a 01"),
        (b"\0\0\x08\x03\0\0", "has a damaged header: 3 axes in 6 bytes"),
        (b"\0\0\x08\x00", "has a damaged header: 0 axes in 4 bytes"),
        (b"\0\0\x08\x01\0\0\0\x09ab", "holds 2 bytes of values, but its header promises 9"),
        (b"\0\0\x08\x01\0\0\0\x01ab", "holds more than 1 bytes of values, but its header promises 1"),
        (b"\0\0\x08\x03" + 12 * b"\xff", "is larger than 8192 MiB, as its header promises"),
        (b"\0\0\x08\x01\0\0\0\x00", "is empty"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x01a", mtime=0)[:-6], "is damaged or cut short: "),
        (
            gzip.compress(b"\0\0\x08\x01\0\0\0\x01a", mtime=0)[:-8] + bytes(8),
            "is damaged or cut short: CRC check failed",
        ),
    ],
)
def test_a_bad_idx_file_is_refused_by_name(tmp_path: Path, arrays: dict[str, Array], content: bytes, what: str) -> None:
    folder = idx_folder(tmp_path / "idx", arrays)
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    error = refusal(folder)
    assert error.what.startswith(what)
    assert "t10k-images-idx3-ubyte" in str(error.where)


def test_missing_idx_files_are_named(tmp_path: Path, arrays: dict[str, Array]) -> None:
    folder = idx_folder(tmp_path / "idx", {"x_train": arrays["x_train"], "y_test": arrays["y_test"]})
    error = refusal(folder)
    assert error.what == "lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte"
    assert "all four" in error.next


@pytest.mark.parametrize(
    ("labels", "how"),
    [
        (np.array([[1], [0]], np.uint8), "from shape (N, 1) to (N,)"),
        (np.array([[0, 1, 0], [1, 0, 0]], np.float32), "from one-hot rows to integers"),
        (np.array([1.0, 0.0]), "from float64 to int64"),
        (np.array([[1.0], [0.0]]), "from shape (N, 1) to (N,) and from float64 to int64"),
        (np.array([True, False]), "from bool to int64"),
    ],
)
def test_labels_that_convert_without_loss_are_converted_and_told(
    npz: Callable[..., Path], labels: Array, how: str
) -> None:
    lines: list[str] = []
    path = npz(y_test=labels)
    _, (_, y_test) = formats.decode(path, SETTINGS, lines.append)
    assert (y_test.tolist(), y_test.dtype.kind in "ui") == ([1, 0], True)
    assert lines == [f"{Place(path)}: y_test: converted {how}"]


# Images


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("train", "val"), "val: used as the test images, as there is no folder test"),
        (("Train", "Validation"), "Validation: used as the test images, as there is no folder test"),
        (("Train", "Test"), None),
        (("TRAINING", "testing"), None),
        (("train", "test", "valid"), "valid: left out 2 images; the network is validated on those in test"),
    ],
)
def test_the_parts_of_image_folders_are_known_by_their_usual_names(
    tmp_path: Path, parts: tuple[str, ...], said: str | None
) -> None:
    """The second part named is the one that is tested on; nothing is taken from the first."""
    for value, part in enumerate(parts):
        for name in ("ant", "bee"):
            picture(tmp_path / part / name / "1.png", value)
    lines: list[str] = []
    (x_train, _), (x_test, _) = formats.decode(tmp_path, SETTINGS, lines.append)
    assert (x_train.max(), len(x_train)) == (0, 2)
    assert (x_test.min(), x_test.max(), len(x_test)) == (1, 1, 2)
    assert [line.removeprefix(f"{tmp_path}/") for line in lines] == ([said] if said else [])


def test_two_folders_for_one_part_are_refused_by_name(tmp_path: Path) -> None:
    for part in ("train", "Train"):
        picture(tmp_path / part / "ant" / "1.png", 0)
    assert refusal(tmp_path).what == "has Train and train, which could each be the train images"


def test_what_is_no_image_is_counted_and_told(tmp_path: Path) -> None:
    """A .jfif is a JPEG; Pillow reads no .heic; an archive made by macOS brings a folder that is no class."""
    for number in range(2):
        picture(tmp_path / "ant" / f"{number}.png", number)
    (tmp_path / "ant" / "2.jfif").write_bytes(picture(tmp_path.parent / "2.jpg", 2).read_bytes())
    for name in ("1.HEIC", "2.heic", "notes.txt"):
        (tmp_path / "ant" / name).write_text("no image")
    (tmp_path / "ant" / "more").mkdir()
    (tmp_path / "__MACOSX" / "ant").mkdir(parents=True)
    (tmp_path / "__MACOSX" / "ant" / "._0.png").write_text("no image")
    lines: list[str] = []
    (x_train, y_train), (x_test, _) = formats.decode(tmp_path, SETTINGS, lines.append)
    assert (len(x_train) + len(x_test), y_train.max()) == (3, 0)
    assert "left out 2 .heic, 1 .txt, 1 folder; images are .bmp, " in lines[0]
    assert "__MACOSX: left out 1 files; macOS adds this folder to archives" in lines[1]


def test_image_folders_are_classes_in_the_order_of_their_names(tmp_path: Path) -> None:
    for part, brightness in (("train", 0), ("test", 100)):
        for value, name in enumerate(("ant", "bee", "cat")):
            picture(tmp_path / part / name / "1.png", brightness + value)
    (x_train, y_train), (x_test, y_test) = formats.decode(tmp_path, SETTINGS)
    assert x_train.shape == (3, 3, 4)
    assert x_train[:, 0, 0].tolist() == [0, 1, 2]
    assert x_test[:, 0, 0].tolist() == [100, 101, 102]
    assert y_train.tolist() == y_test.tolist() == [0, 1, 2]
    assert x_train.dtype == y_train.dtype == np.uint8


def test_class_folders_name_the_classes_and_so_does_an_array_of_texts(
    tmp_path: Path, npz: Callable[..., Path], arrays: dict[str, Array]
) -> None:
    for part in ("train", "test"):
        for name in ("bee", "ant"):
            picture(tmp_path / "parts" / part / name / "1.png", 1)
            picture(tmp_path / "whole" / name / f"{part}.png", 1)
    assert formats.class_names(tmp_path / "parts") == formats.class_names(tmp_path / "whole") == ("ant", "bee")
    assert formats.class_names(idx_folder(tmp_path / "idx", arrays)) == ()
    assert formats.class_names(npz()) == ()
    assert formats.class_names(npz(class_names=np.array(["ant", "bee"]))) == ("ant", "bee")
    told: list[str] = []
    for names in (np.array(["ant", "b\ne"]), np.array(["ant", "ant"]), np.arange(2), np.array(["ant", 2], object)):
        assert formats.class_names(npz(class_names=names), told.append) == ()
    assert all(line.endswith("so classes are called by their numbers") for line in told) and len(told) == 4


def test_a_class_without_test_images_keeps_the_labels_of_the_others(tmp_path: Path) -> None:
    for name in ("ant", "bee"):
        picture(tmp_path / "train" / name / "1.png", 0)
    picture(tmp_path / "test" / "bee" / "1.png", 0)
    _, (_, y_test) = formats.decode(tmp_path, SETTINGS)
    assert y_test.tolist() == [1]


@pytest.mark.parametrize("root", [".", "train"])
def test_without_a_test_folder_each_class_is_split_by_its_share(tmp_path: Path, root: str) -> None:
    for number in range(10):
        picture(tmp_path / root / "ant" / f"{number}.png", number)
        picture(tmp_path / root / "bee" / f"{number}.png", 100 + number)
    settings = DataSettings(name="small", test_share=0.3)
    first, second = formats.decode(tmp_path, settings), formats.decode(tmp_path, settings)
    (x_train, y_train), (x_test, y_test) = first
    assert y_train.tolist() == [0] * 7 + [1] * 7
    assert y_test.tolist() == [0] * 3 + [1] * 3
    together = sorted([*x_train[:, 0, 0].tolist(), *x_test[:, 0, 0].tolist()])
    assert together == [*range(10), *range(100, 110)]
    assert_same(second, formats.named(first))


@pytest.mark.parametrize("share", [0.001, 0.999])
def test_a_split_leaves_each_part_at_least_one_image(tmp_path: Path, share: float) -> None:
    picture(tmp_path / "ant" / "1.png", 1)
    picture(tmp_path / "ant" / "2.png", 2)
    (x_train, _), (x_test, _) = formats.decode(tmp_path, DataSettings(name="small", test_share=share))
    assert len(x_train) == len(x_test) == 1


def test_a_class_of_one_image_cannot_be_split(tmp_path: Path) -> None:
    picture(tmp_path / "ant" / "1.png", 1)
    error = refusal(tmp_path)
    assert error.what == "holds one image; training and testing need one each"
    assert "ant" in str(error.where)


def test_a_class_called_train_is_a_class_when_it_holds_images(tmp_path: Path) -> None:
    for name in ("bus", "train"):
        picture(tmp_path / name / "1.png", 1)
        picture(tmp_path / name / "2.png", 2)
    (_, y_train), _ = formats.decode(tmp_path, SETTINGS)
    assert y_train.tolist() == [0, 1]


def test_hidden_files_and_files_that_are_no_images_are_left_out(tmp_path: Path) -> None:
    for number in range(2):
        picture(tmp_path / "ant" / f"{number}.PNG", number)
    (tmp_path / "ant" / "notes.txt").write_text("two ants")
    (tmp_path / "ant" / "._0.png").write_text("not an image")
    (tmp_path / ".git").mkdir()
    (x_train, _), (x_test, _) = formats.decode(tmp_path, SETTINGS)
    assert len(x_train) + len(x_test) == 2


def test_one_color_image_makes_all_of_them_color(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "ant" / "1.png", 9)
    picture(tmp_path / "train" / "ant" / "2.png", (1, 2, 3, 4), mode="RGBA")
    picture(tmp_path / "test" / "ant" / "1.png", 8)
    (x_train, _), (x_test, _) = formats.decode(tmp_path, SETTINGS)
    assert x_train.shape == (2, 3, 4, 3)
    assert x_train[:, 0, 0].tolist() == [[9, 9, 9], [1, 2, 3]]
    assert x_test.shape == (1, 3, 4, 3)


def test_image_size_brings_images_to_one_height_and_width(tmp_path: Path) -> None:
    picture(tmp_path / "ant" / "1.png", 50, (4, 3))
    picture(tmp_path / "ant" / "2.png", 50, (9, 7))
    (x_train, _), (x_test, _) = formats.decode(tmp_path, DataSettings(name="small", image_size=(6, 5)))
    assert x_train.shape == x_test.shape == (1, 6, 5)
    assert x_train.min() == x_test.max() == 50


def test_images_of_different_sizes_are_refused_with_the_setting_that_helps(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "ant" / "1.png", 1, (4, 3))
    picture(tmp_path / "train" / "ant" / "2.png", 1, (9, 7))
    picture(tmp_path / "test" / "ant" / "1.png", 1, (4, 3))
    error = refusal(tmp_path)
    assert error.what == "is 9x7 pixels (width x height), but 1.png is 4x3"
    assert str(error.where).endswith("2.png")
    assert "image_size = [height, width]" in error.next


def test_a_broken_image_is_refused_by_name(tmp_path: Path) -> None:
    good = picture(tmp_path / "ant" / "1.png", 1, (40, 30))
    bad = good.with_name("2.png")
    bad.write_bytes(good.read_bytes()[:50])
    error = refusal(tmp_path)
    assert error.what.startswith("cannot be read as an image: ")
    assert str(error.where).endswith("2.png")


def test_a_photograph_is_turned_upright_as_its_camera_noted(tmp_path: Path) -> None:
    for number in range(2):
        path = tmp_path / "ant" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        lying = Image.fromarray(np.array([[10, 20, 30]], dtype=np.uint8))
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6  # to be turned by a quarter, clockwise
        lying.save(path, exif=exif)
    (x_train, _), _ = formats.decode(tmp_path, SETTINGS)
    assert x_train[0].tolist() == [[10], [20], [30]]


def test_an_image_of_sixteen_bits_is_refused_rather_than_clipped(tmp_path: Path) -> None:
    for number in range(2):
        picture(tmp_path / "ant" / f"{number}.png", 40_000, mode="I;16")
    assert refusal(tmp_path).what == "has more than 8 bits per gray value"


def test_a_class_folder_without_images_is_refused_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "ant" / "1.png", 1)
    (tmp_path / "bee").mkdir()
    error = refusal(tmp_path)
    assert error.what == "holds no images"
    assert str(error.where).endswith("bee")


def test_a_test_folder_without_classes_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "ant" / "1.png", 1)
    picture(tmp_path / "test" / "1.png", 1)
    error = refusal(tmp_path)
    assert error.what == "does not have a folder for each class"
    assert str(error.where).endswith("test")


def test_a_test_class_that_is_never_trained_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "ant" / "1.png", 1)
    picture(tmp_path / "test" / "wasp" / "1.png", 1)
    assert refusal(tmp_path).what == "has classes that train does not have: wasp"


# The sample


def test_the_sample_looks_like_mnist_and_is_the_same_every_time() -> None:
    settings = DataSettings(name="mnist", sample="digits", sample_size=(28, 28))
    arrays = formats.sample(settings)
    (x_train, y_train), (x_test, y_test) = arrays
    assert x_train.shape[1:] == x_test.shape[1:] == (28, 28)
    assert x_train.dtype == y_train.dtype == np.uint8
    assert len(x_train) + len(x_test) == 1797
    assert len(x_test) == pytest.approx(0.2 * 1797, abs=10)
    assert set(y_train.tolist()) == set(y_test.tolist()) == set(range(10))
    edge = np.concatenate([x_train[:, :4].ravel(), x_train[:, -4:].ravel(), x_train[:, :, :4].ravel()])
    assert not edge.any()
    assert x_train.max() == 255
    assert formats.digests(formats.sample(settings)) == formats.digests(arrays)


@pytest.mark.parametrize("size", [(32, 40), (1, 1)])
def test_the_sample_takes_the_size_that_is_asked_for(size: tuple[int, int]) -> None:
    (x_train, _), (x_test, _) = formats.sample(DataSettings(name="mnist", sample="digits", sample_size=size))
    assert x_train.shape[1:] == x_test.shape[1:] == size


def test_digests_are_over_the_values_in_c_order() -> None:
    x, y = np.arange(12, dtype=np.uint8).reshape(1, 3, 4), np.zeros(1, np.uint8)
    plain = formats.digests(((x, y), (x, y)))
    fortran = formats.digests(((np.asfortranarray(x), y), (x, y)))
    assert plain == fortran
    assert plain["y_train"] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize("member", ["x_train.npy", "x_train"])
def test_an_array_that_is_too_large_once_it_is_unpacked_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    monkeypatch.setattr(formats, "MAX_DATA_BYTES", 2**20)
    path = tmp_path / "large.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, bytes(2**20 + 1))
    with pytest.raises(ReportError, match="x_train cannot be read: unpacked, it is larger than 1 MiB"):
        formats.decode(path, SETTINGS)


def test_an_idx_file_that_is_too_large_once_it_is_unpacked_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "MAX_DATA_BYTES", 2**20)
    arrays = {name: np.zeros((2, 1024, 1024) if name[0] == "x" else 2, np.uint8) for name in IDX_NAMES}
    with pytest.raises(ReportError, match="is larger than 1 MiB, as its header promises 2097152 bytes"):
        formats.decode(idx_folder(tmp_path / "idx", arrays, suffix=".gz"), SETTINGS)


@pytest.mark.parametrize("member", ["class_names.npy", "class_names"])
def test_class_names_that_are_too_large_once_they_are_unpacked_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    monkeypatch.setattr(formats, "MAX_TEXT_BYTES", 2**20)
    path, told = tmp_path / "large.npz", list[str]()
    np.save(content := io.BytesIO(), np.full(100_000, "ant"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content.getvalue())
    assert formats.class_names(path, told.append) == ()
    assert told[0].endswith("class_names is not a list of texts, so classes are called by their numbers")


def test_many_class_names_take_no_time_that_grows_with_the_square_of_their_number(tmp_path: Path) -> None:
    np.savez(tmp_path / "many.npz", class_names=np.array([f"class {number}" for number in range(50_000)]))
    begun = time.process_time()
    assert len(formats.class_names(tmp_path / "many.npz")) == 50_000
    assert time.process_time() - begun < 2
