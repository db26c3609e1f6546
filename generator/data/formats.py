"""Reads files into arrays: Keras archives, IDX files, folders of images, and scikit-learn's digits.

A dataset comes in the layout its publisher chose; everything after this module sees four arrays. They are returned as
stored, except that labels become integers: scaling, reordering, and adding a channel axis are left to load_data(). This
module does not look for files (`sources`) and does not know what the arrays should be; it only checks that they fit
together. Nothing is ever unpickled.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from generator.core.errors import Place, ReportError
from generator.core.reading import MAX_DATA_BYTES, MAX_TEXT_BYTES, MIB, open_regular
from generator.data.conversions import plain_labels, told
from generator.records.dataset import ARRAY_NAMES, DataSettings, fault_of_names

Array = NDArray[Any]
Arrays = tuple[tuple[Array, Array], tuple[Array, Array]]
_ByClass = dict[str, list[Path]]

_LAYOUTS = (
    "Give an .npz file with x_train, y_train, x_test, and y_test, a folder of the four IDX files, "
    "or a folder with a folder of images for each class."
)
_IDX_NAMES = ("train-images{}idx3-ubyte", "train-labels{}idx1-ubyte",
              "t10k-images{}idx3-ubyte", "t10k-labels{}idx1-ubyte")  # fmt: skip
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MAX_AXES = 64  # the most that a NumPy array can have
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp"}
_TRAIN, _TEST, _VALIDATION = ("train", "training"), ("test", "testing"), ("val", "valid", "validation")
_CLASS_NAMES = "class_names"
_ARCHIVER = "__MACOSX"  # a folder that macOS adds to archives, without images

Say = Callable[[str], None]


def _silent(line: str) -> None:
    """Discards a message."""


def decode(path: Path, settings: DataSettings, say: Say = _silent) -> Arrays:
    """Reads the dataset at `path`: a Keras-layout .npz, or a folder of IDX files or of images.

    `say` receives a line about anything that was converted, left out, or used for another purpose.

    Returns:
        ((x_train, y_train), (x_test, y_test)) as stored: x of shape (N, H, W) or (N, H, W, C), y of shape
        (N,) with integer labels. Images from a folder are uint8, and labels count its sorted class folders.

    Raises:
        ReportError: the path cannot be read, is not in a layout known here, is damaged or incomplete, or its
            arrays do not fit together.
    """
    try:
        arrays = _read_folder(path, settings, say) if path.is_dir() else _read_npz(path)
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else path
        problem = f"cannot be read: {error.strerror or error}"
        raise ReportError(problem, Place(place), "Check that it exists and is readable.") from error
    arrays = _with_plain_labels(arrays, path, say)
    _check_fit(arrays, path)
    return arrays


def class_names(path: Path, say: Say = _silent) -> tuple[str, ...]:
    """The names of the classes by label: those of class folders, or `class_names` in an .npz.

    Empty for other data, and if a name cannot be printed, which `say` is told. Raises ReportError as `decode` does.
    """
    names = _names_of_folders(path) if path.is_dir() else _names_in_npz(path)
    fault = fault_of_names(names) if names is not None else "is not a list of texts"
    if fault:
        say(f"{Place(path)}: {_CLASS_NAMES} {fault}, so classes are called by their numbers")
    return () if fault or not names else names


def label_digest(labels: Array) -> str:
    """The SHA-256 of labels (N,) of any integer type, in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(labels, np.int64).data).hexdigest()


def sample(settings: DataSettings) -> Arrays:
    """The handwritten digits that come with scikit-learn (1,797 of 8x8 pixels), enlarged and with a margin.

    Values 0..16 become 0..255, and each digit has a black margin of a seventh of `settings.sample_size` on each side.
    `settings.test_share` of each class is the test set. The arrays are uint8, of shapes (N, H, W) and (N,), and the
    same at every call.
    """
    # Only a paper without its data needs scikit-learn here, which takes a second to import.
    from sklearn.datasets import load_digits

    digits = load_digits()
    size = settings.sample_size
    assert size, "a sample is declared with its size"
    x = np.stack([_framed(image, size) for image in digits.images])
    return _parted(x, digits.target.astype(np.uint8), settings.test_share)


def bundled(settings: DataSettings) -> Arrays:
    """The handwritten digits that come with scikit-learn, unchanged: 1,797 of 8x8 pixels, values 0..16.

    `settings.test_share` of each class is the test set. The arrays are uint8, of shapes (N, 8, 8) and (N,), and the
    same at every call.
    """
    from sklearn.datasets import load_digits  # takes a second to import

    digits = load_digits()
    return _parted(digits.images.astype(np.uint8), digits.target.astype(np.uint8), settings.test_share)


def _parted(x: Array, y: Array, share: float) -> Arrays:
    """The images and labels as training and test sets, with `share` of each class in the test set."""
    held_out = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        members = [str(index) for index in np.flatnonzero(y == label)]
        held_out[[int(index) for index in _held_out(members, share)]] = True
    return (x[~held_out], y[~held_out]), (x[held_out], y[held_out])


def digests(arrays: Arrays) -> dict[str, str]:
    """The SHA-256 of each array's bytes (C order), in hexadecimal, by the array's name."""
    plain = {name: np.ascontiguousarray(array) for name, array in named(arrays).items()}
    return {name: hashlib.sha256(array.data).hexdigest() for name, array in plain.items()}


def identity(arrays: Arrays) -> str:
    """One SHA-256 for all four arrays: their names, types, shapes, and bytes."""
    kinds = [(str(array.dtype), array.shape) for part in arrays for array in part]
    return hashlib.sha256(msgspec.json.encode([digests(arrays), kinds])).hexdigest()


def named(arrays: Arrays) -> dict[str, Array]:
    """The four arrays by name: x_train, y_train, x_test, y_test."""
    (x_train, y_train), (x_test, y_test) = arrays
    return dict(zip(ARRAY_NAMES, (x_train, y_train, x_test, y_test), strict=True))


def _with_plain_labels(arrays: Arrays, path: Path, say: Say) -> Arrays:
    (x_train, y_train), (x_test, y_test) = arrays
    y_train, of_train = plain_labels(y_train)
    y_test, of_test = plain_labels(y_test)
    for line in told({"y_train": of_train, "y_test": of_test}):
        say(f"{Place(path)}: {line}")
    return (x_train, y_train), (x_test, y_test)


def _check_fit(arrays: Arrays, path: Path) -> None:
    (x_train, _), (x_test, _) = arrays
    for part, (x, y) in zip(("train", "test"), arrays, strict=True):
        if x.ndim < 2 or x.dtype.kind not in "buif":
            raise _bad(path, f"x_{part} must hold images, but is {x.dtype} of {x.shape}")
        if y.ndim != 1 or y.dtype.kind not in "ui":
            raise _bad(path, f"y_{part} must hold a whole number per image, but is {y.dtype} of {y.shape}")
        if len(x) != len(y):
            raise _bad(path, f"x_{part} has {len(x)} images, but y_{part} has {len(y)} labels")
        if x.size == 0:
            raise _bad(path, f"x_{part} is empty")
    if x_train.shape[1:] != x_test.shape[1:]:
        raise _bad(path, f"x_train has images of {x_train.shape[1:]}, but x_test of {x_test.shape[1:]}")


def _bad(path: Path, what: str, next: str = "Get the file again, or fix what wrote it.") -> ReportError:
    return ReportError(what, Place(path), next)


# Keras archives


def _read_npz(path: Path) -> Arrays:
    with open_regular(path, MAX_DATA_BYTES) as file:  # NumPy would leave a damaged archive open
        if not zipfile.is_zipfile(file):
            raise _bad(path, "is not an .npz archive, or is cut short", _LAYOUTS)
        x_train, y_train, x_test, y_test = (_member(file, path, name) for name in ARRAY_NAMES)
    return (x_train, y_train), (x_test, y_test)


def _member(file: BinaryIO, path: Path, name: str) -> Array:
    try:
        file.seek(0)
        with np.load(file, allow_pickle=False) as archive:
            present = list(archive.files)
            _check_size(archive.zip, name, MAX_DATA_BYTES)
            array = archive[name] if name in present else None
    except Exception as error:  # a damaged archive may fail as a zip file, as compressed data, or as an array
        problem = f"{name} cannot be read: {str(error) or type(error).__name__}"
        raise _bad(path, problem, "Get the file again, or save plain arrays with numpy.savez.") from error
    if array is None:
        raise _bad(path, f"has no {name}; it has {', '.join(present) or 'nothing'}", _LAYOUTS)
    if not isinstance(array, np.ndarray):  # NumPy returns any other member as bytes
        raise _bad(path, f"{name} is not an array", _LAYOUTS)
    return array


def _names_in_npz(path: Path) -> tuple[str, ...] | None:
    """The array `class_names` as texts, or none without it; None if it is not a list of texts."""
    with open_regular(path, MAX_DATA_BYTES) as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                _check_size(archive.zip, _CLASS_NAMES, MAX_TEXT_BYTES)
                is_named = _CLASS_NAMES in archive.files
                names = archive[_CLASS_NAMES] if is_named else np.array([], str)
        except Exception:  # it contains Python objects, or is damaged in one of the ways of `_member`
            return None
    is_list = isinstance(names, np.ndarray) and names.ndim == 1 and names.dtype.kind == "U"
    return tuple(map(str, names)) if is_list else None


def _check_size(archive: zipfile.ZipFile | None, name: str, most: int) -> None:
    """Raises ValueError for an array that is larger than `most` bytes when unpacked."""
    for member in archive.infolist() if archive else ():
        if member.filename in (name, f"{name}.npy") and member.file_size > most:  # NumPy accepts both for `name`
            raise ValueError(f"unpacked, it is larger than {most // MIB} MiB")


# Folders


def _read_folder(folder: Path, settings: DataSettings, say: Say) -> Arrays:
    files = [_idx_file(folder, name) for name in _IDX_NAMES]
    if any(files):
        return _read_idx_folder(folder, files)
    if _class_folders(folder):
        return _read_image_folder(folder, settings, say)
    raise ReportError("holds neither IDX files nor folders of images", Place(folder), _LAYOUTS)


def _idx_file(folder: Path, name: str) -> Path | None:
    """The file with that name, in any of the spellings in which MNIST is distributed."""
    spellings = (folder / f"{name.format(mark)}{suffix}" for mark in "-." for suffix in ("", ".gz"))
    return next((path for path in spellings if path.is_file()), None)


def _read_idx_folder(folder: Path, files: list[Path | None]) -> Arrays:
    missing = [name.format("-") for name, file in zip(_IDX_NAMES, files, strict=True) if file is None]
    if missing:
        raise _bad(folder, f"lacks {', '.join(missing)}", "Put all four IDX files there, gzipped or not.")
    x_train, y_train, x_test, y_test = (_read_idx(file) for file in files if file is not None)
    return (x_train, y_train), (x_test, y_test)


def _read_idx(path: Path) -> Array:
    """One IDX file: two zero bytes, element type, number of axes, their lengths, then big-endian values."""
    with open_regular(path, MAX_DATA_BYTES) as file:
        is_zipped = file.read(2) == b"\x1f\x8b"  # names are unreliable: browsers unpack .gz and keep the name
        file.seek(0)
        content: gzip.GzipFile | BinaryIO = gzip.GzipFile(fileobj=file) if is_zipped else file
        try:
            return _idx_array(content, path)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _bad(path, f"is damaged or cut short: {error}") from error


def _idx_array(content: gzip.GzipFile | BinaryIO, path: Path) -> Array:
    start = content.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _IDX_TYPES:
        raise _bad(path, f"is not an IDX file: it begins with {start.hex(' ') or 'nothing'}")
    dtype, axes = np.dtype(_IDX_TYPES[start[2]]), start[3]
    lengths = content.read(4 * axes)
    if not 1 <= axes <= _MAX_AXES or len(lengths) < 4 * axes:
        raise _bad(path, f"has a damaged header: {axes} axes in {4 + len(lengths)} bytes")
    shape = struct.unpack(f">{axes}I", lengths)
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_DATA_BYTES:
        raise _bad(path, f"is larger than {MAX_DATA_BYTES // MIB} MiB, as its header promises {size} bytes of values")
    values = _at_most(content, size + 1)
    if len(values) != size:
        held = f"more than {size}" if len(values) > size else str(len(values))
        raise _bad(path, f"holds {held} bytes of values, but its header promises {size}")
    if 0 in shape:
        raise _bad(path, "is empty")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _at_most(content: gzip.GzipFile | BinaryIO, count: int) -> bytes:
    """Up to `count` bytes. Memory is only taken for bytes that exist, whatever a header promises."""
    read = bytearray()
    while chunk := content.read(min(MIB, count - len(read))):
        read += chunk
    return bytes(read)


# Images


def _read_image_folder(folder: Path, settings: DataSettings, say: Say) -> Arrays:
    trained = _part(folder, _TRAIN)
    tested = None
    if trained and _class_folders(trained):
        tested = _tested(folder, say)
        train = _images_by_class(trained, say)
    else:
        train = _images_by_class(folder, say)
    if tested:
        test = _images_by_class(tested, say)
    else:
        train, test = _split(train, settings.test_share)
    strangers = sorted(test.keys() - train.keys())
    if strangers:
        raise _bad(tested or folder, f"has classes that train does not have: {', '.join(strangers)}", _LAYOUTS)
    files = [file for part in (train, test) for group in part.values() for file in group]
    pixels, count = _pixels(files, settings.image_size), sum(map(len, train.values()))
    labels = {name: label for label, name in enumerate(train)}
    return (pixels[:count], _labels(train, labels)), (pixels[count:], _labels(test, labels))


def _names_of_folders(folder: Path) -> tuple[str, ...]:
    if any(_idx_file(folder, name) for name in _IDX_NAMES):
        return ()
    trained = _part(folder, _TRAIN)
    home = trained if trained and _class_folders(trained) else folder
    return tuple(child.name for child in _class_folders(home))


def _part(folder: Path, names: Sequence[str]) -> Path | None:
    """The folder of one part of the data, by any of its names, in upper or lower case."""
    found = [child for child in _class_folders(folder) if child.name.lower() in names]
    if len(found) > 1:
        what = f"has {' and '.join(child.name for child in found)}, which could each be the {names[0]} images"
        raise ReportError(what, Place(folder), "Keep one of them there.")
    return found[0] if found else None


def _tested(folder: Path, say: Say) -> Path | None:
    """The folder of the test images, next to that of the training images, or else the folder of validation images."""
    test, validation = _part(folder, _TEST), _part(folder, _VALIDATION)
    if validation and test:
        count = sum(map(len, _images_by_class(validation).values()))
        say(f"{Place(validation)}: left out {count} images; the network is validated on those in {test.name}")
    elif validation:
        say(f"{Place(validation)}: used as the test images, as there is no folder test")
    return test or validation


def _class_folders(folder: Path) -> list[Path]:
    """The folders in `folder` by name, except hidden ones and the one that macOS adds to archives."""
    hidden = (".", _ARCHIVER)
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith(hidden))


def _images_by_class(folder: Path, say: Say = _silent) -> _ByClass:
    """Each class's images; classes and images are sorted by name, hidden and other files are left out."""
    _tell_left_out(folder, say)
    images = {child.name: sorted(filter(_is_image, child.iterdir())) for child in _class_folders(folder)}
    if not images:
        raise ReportError("does not have a folder for each class", Place(folder), _LAYOUTS)
    for name, files in images.items():
        if not files:
            raise ReportError("holds no images", Place(folder / name), _LAYOUTS)
    return images


def _tell_left_out(folder: Path, say: Say) -> None:
    """Says what in `folder` and its class folders is not an image, by file suffix."""
    files = [file for child in _class_folders(folder) for file in child.iterdir() if not file.name.startswith(".")]
    others = Counter(
        "folder" if file.is_dir() else file.suffix.lower() or "no suffix" for file in files if not _is_image(file)
    )
    if others:
        most_first = sorted(others.items(), key=lambda other: (-other[1], other[0]))
        kinds = ", ".join(f"{count} {kind}" for kind, count in most_first)
        say(f"{Place(folder)}: left out {kinds}; images are {', '.join(sorted(_IMAGE_SUFFIXES))}")
    if (folder / _ARCHIVER).is_dir():
        count = sum(file.is_file() for file in (folder / _ARCHIVER).rglob("*"))
        say(f"{Place(folder / _ARCHIVER)}: left out {count} files; macOS adds this folder to archives")


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in _IMAGE_SUFFIXES and not path.name.startswith(".")


def _split(images: _ByClass, share: float) -> tuple[_ByClass, _ByClass]:
    train, test = {}, {}
    for name, files in images.items():
        if len(files) < 2:
            raise _bad(files[0].parent, "holds one image; training and testing need one each", "Add images.")
        held_out = _held_out([file.name for file in files], share)
        train[name] = [file for file in files if file.name not in held_out]
        test[name] = [file for file in files if file.name in held_out]
    return train, test


def _held_out(names: list[str], share: float) -> set[str]:
    """`share` of the names, at least one and not all, chosen by hash so that neither names nor dates cause a bias."""
    count = min(max(1, round(len(names) * share)), len(names) - 1)
    return set(sorted(names, key=lambda name: hashlib.sha256(os.fsencode(name)).digest())[:count])


def _labels(images: _ByClass, labels: dict[str, int]) -> Array:
    every = [labels[name] for name, files in images.items() for _ in files]
    return np.array(every, dtype=np.min_scalar_type(len(labels) - 1))


def _pixels(files: list[Path], size: tuple[int, int] | None) -> Array:
    """uint8 of shape (N, H, W), or (N, H, W, 3) if any image is in color."""
    images = [_read_image(file, size) for file in files]
    for file, image in zip(files, images, strict=True):
        if image.shape[:2] != images[0].shape[:2]:
            sizes = [f"{width}x{height}" for height, width in (image.shape[:2], images[0].shape[:2])]
            problem = f"is {sizes[0]} pixels (width x height), but {files[0].name} is {sizes[1]}"
            raise _bad(file, problem, "Set image_size = [height, width] under [data] in paper.toml.")
    if any(image.ndim == 3 for image in images):
        images = [image if image.ndim == 3 else np.stack([image] * 3, axis=-1) for image in images]
    return np.stack(images)


def _read_image(path: Path, size: tuple[int, int] | None) -> Array:
    """Gray (H, W) or color (H, W, 3), uint8, rotated as the camera recorded; transparency is dropped."""
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns this on for the whole process
        with open_regular(path, MAX_DATA_BYTES) as file, Image.open(file) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
    except Exception as error:  # each of Pillow's decoders fails in its own ways on a damaged file
        is_unknown = isinstance(error, UnidentifiedImageError)  # its text names our open file
        reason = "its format is unknown" if is_unknown else getattr(error, "strerror", None) or error
        raise _bad(path, f"cannot be read as an image: {reason}", "Replace or remove it.") from error
    if upright.mode.startswith(("I", "F")):  # Pillow would clip these, not scale them
        raise _bad(path, "has more than 8 bits per gray value", "Save it with 8 bits.")
    plain = upright.convert("L" if upright.mode in ("1", "L", "LA", "La") else "RGB")
    if size is not None:
        plain = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(plain)


def _framed(digit: Array, size: tuple[int, int]) -> Array:
    """An 8x8 digit of 0..16 as uint8 of `size`, with a margin of a seventh of it on each side."""
    height, width = (max(1, round(side * 5 / 7)) for side in size)
    small = Image.fromarray(np.round(digit * (255 / 16)).astype(np.uint8))
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    frame = np.zeros(size, dtype=np.uint8)
    box = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    frame[top : top + height, left : left + width] = box
    return frame
