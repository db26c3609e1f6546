"""The records of the data stage: where the data comes from, and the arrays that it became."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

from generator.records.base import Record
from generator.records.condition import Arguments

ValueRange = tuple[float, float]

UNIT: ValueRange = (0.0, 1.0)

ARRAY_NAMES = ("x_train", "y_train", "x_test", "y_test")
VALIDATION_NAMES = ("x_validation", "y_validation")


class Download(Record, frozen=True):
    """One file at an address; at least one digest is given.

    Attributes:
        url: http or https address that ends in a file's name.
        sha256: 64 hexadecimal digits; None if only MD5 is known.
        md5: 32 hexadecimal digits; None if SHA-256 is enough.
    """

    url: str
    sha256: str | None = None
    md5: str | None = None

    @property
    def filename(self) -> str:
        """The last part of the address, which becomes the name of the local file."""
        return PurePosixPath(urlsplit(self.url).path).name

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[!-~]+", self.url) or not _is_plain(self.filename):
            raise ValueError(f"url must be the http or https address of a file, not {self.url!r}")
        if self.sha256 is None and self.md5 is None:
            raise ValueError(f"sha256 or md5 must be given for {self.url}")
        _check_digest("sha256", self.sha256, 64)
        _check_digest("md5", self.md5, 32)


class Mirror(Record, frozen=True):
    """Files at one place that together contain the dataset.

    Attributes:
        files: at least one, all with different names.
    """

    files: tuple[Download, ...]

    def __post_init__(self) -> None:
        names = [file.filename for file in self.files]
        if not names or len(set(names)) < len(names):
            raise ValueError("files must name at least one file, and none of them twice")


class DataSettings(Record, frozen=True):
    """The [data] table of paper.toml: where a dataset comes from, and what it must contain.

    Attributes:
        name: a plain file name, used for the dataset's folder in the Keras cache; empty: load_data() gets its own data.
        title: for readers; empty: `name`.
        license: for readers.
        citation: key in references.bib; empty: none.
        environment: environment variable that names the data; None: there is none.
        path: the author's own .npz or folder, relative to the paper; None: there is none.
        bundled: the data itself, if it comes with a library of the generator; None: it does not.
        keras: the file's name in the Keras cache; None: it is not kept there.
        mirrors: tried in this order.
        arrays: SHA-256 of the bytes (C order) of each decoded array, by name: x_train, y_train, x_test, y_test.
        sample: data for a preview without the network; None: there is none.
        sample_size: (height, width) in pixels of the sample's images; None without a sample.
        image_size: (height, width) in pixels to which images are resized; None: as they are.
        classes: their names, in the order of the labels; empty: as the data names them, or by number.
        test_share: share of each class that becomes the test set if the data has none, between 0 and 1.
        check: whether load_data() is called a second time, to check that it returns the same arrays.
    """

    name: str = ""
    title: str = ""
    license: str = ""
    citation: str = ""
    environment: str | None = None
    path: str | None = None
    bundled: Literal["digits"] | None = None
    keras: str | None = None
    mirrors: tuple[Mirror, ...] = ()
    arrays: dict[str, str] = {}
    sample: Literal["digits"] | None = None
    sample_size: tuple[int, int] | None = None
    image_size: tuple[int, int] | None = None
    classes: tuple[str, ...] = ()
    test_share: float = 0.2
    check: bool = True

    def __post_init__(self) -> None:
        if not self.name and (self.path or self.keras or self.mirrors or self.sample or self.environment):
            raise ValueError("name is missing: load_data() asks for the data by this name, as in dataset.load(name)")
        for field, name in (("name", self.name), ("keras", self.keras)):
            if name and not _is_plain(name):
                raise ValueError(f"{field} must be a plain file name, not {name!r}")
        for array, digest in self.arrays.items():
            if array not in ARRAY_NAMES:
                raise ValueError(f"arrays names {array!r}; the arrays are {', '.join(ARRAY_NAMES)}")
            _check_digest(f"arrays.{array}", digest, 64)
        for field, size in (("sample_size", self.sample_size), ("image_size", self.image_size)):
            if size is not None and min(size) < 1:
                raise ValueError(f"{field} must be a height and a width of at least one pixel, not {size}")
        if self.bundled is not None and (self.path is not None or self.sample is not None):
            raise ValueError("bundled is the data itself; remove it, or remove path and sample")
        if self.sample is not None and self.sample_size is None:
            raise ValueError("sample needs sample_size, the height and width that its images are to have")
        if fault := fault_of_names(self.classes):
            raise ValueError(f"classes {fault}")
        if not 0 < self.test_share < 1:
            raise ValueError(f"test_share must lie between 0 and 1, not {self.test_share}")


SourceKind = Literal["given", "own", "bundled", "keras", "download", "sample"]


class Source(Record, frozen=True):
    """Data that was found and verified.

    Attributes:
        kind: how it was found; a paper built on a sample is a preview.
        paths: one absolute path, of a file or a folder; empty for a sample or bundled data.
        digest: SHA-256 that identifies the data.
        description: for readers; it contains no folder of the machine, so it can be published.
        class_names: names of the classes, in the order of the labels; empty: the data has none.
        test_labels: SHA-256 of the labels (N,) of the test set, as int64.
    """

    kind: SourceKind
    paths: tuple[str, ...]
    digest: str
    description: str
    class_names: tuple[str, ...]
    test_labels: str

    @property
    def preview(self) -> bool:
        return self.kind == "sample"


class Loading(Record, frozen=True):
    """The input of the data stage.

    Attributes:
        settings: the [data] table; None: there is none.
        source: source of the data; None if the paper declares none.
        validation: share of the training images of each class that is set aside for validation; 0: none.
        place: where that share is written.
        arguments: keyword arguments of load_data().
    """

    settings: DataSettings | None
    source: Source | None
    validation: float
    place: str
    arguments: Arguments = {}


class ArrayInfo(Record, frozen=True):
    """One array, without its values.

    Attributes:
        shape: its dimensions.
        dtype: NumPy's name of the element type.
        sha256: digest of the bytes (C order).
    """

    shape: tuple[int, ...]
    dtype: str
    sha256: str


class Dataset(Record, frozen=True):
    """What load_data() returned.

    Attributes:
        x_train: training images (N, H, W, C).
        y_train: their classes (N,), in [0, classes).
        x_test: test images (N, H, W, C).
        y_test: their classes (N,), in [0, classes).
        classes: number of classes.
        value_range: 0 and 1 if all values of the images are between them, otherwise their minimum and maximum.
        conversions: what was converted after load_data() returned, one line each.
        keeps_labels: whether the test set has the same labels as in the source.
        x_validation: images (N, H, W, C) for validation; None: those of the test set are used.
        y_validation: their classes (N,), in [0, classes).
    """

    x_train: ArrayInfo
    y_train: ArrayInfo
    x_test: ArrayInfo
    y_test: ArrayInfo
    classes: int
    value_range: ValueRange = UNIT
    conversions: tuple[str, ...] = ()
    keeps_labels: bool = False
    x_validation: ArrayInfo | None = None
    y_validation: ArrayInfo | None = None

    @property
    def by_name(self) -> dict[str, ArrayInfo]:
        """The arrays that load_data() returned, by name."""
        named = {name: getattr(self, name) for name in (*ARRAY_NAMES, *VALIDATION_NAMES)}
        return {name: array for name, array in named.items() if array is not None}

    @property
    def validation_images(self) -> int:
        """The number of images used for validation."""
        return (self.x_validation or self.x_test).shape[0]

    def shades(self, images: Any) -> Any:
        """Images (an array) scaled for viewing, from 0 (dark) to 1 (bright)."""
        low, high = self.value_range
        return (images - low) / (high - low)


def _is_plain(name: str) -> bool:
    """Whether `name` is a plain file name that cannot lead out of its folder."""
    return re.fullmatch(r"\w[\w.+-]*", name) is not None


def fault_of_names(names: Sequence[str]) -> str | None:
    """What is wrong with class names, as the end of a sentence; None if they are printable and distinct."""
    for name in names:
        if not name.strip() or not name.isprintable():
            return f"holds {name!r}, which cannot be printed as a name"
    repeated = next((name for name, count in Counter(names).items() if count > 1), None)
    return f"holds {repeated!r} more than once" if repeated else None


def _check_digest(field: str, digest: str | None, digits: int) -> None:
    if digest is not None and not re.fullmatch(rf"[0-9a-f]{{{digits}}}", digest):
        raise ValueError(f"{field} must be {digits} digits of lowercase hexadecimal, not {digest!r}")
