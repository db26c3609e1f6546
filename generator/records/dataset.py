"""The records of the data stage: where the data comes from, and the arrays it became."""

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
        sha256: 64 hexadecimal digits; None where only MD5 is known.
        md5: 32 hexadecimal digits; None where SHA-256 is enough.
    """

    url: str
    sha256: str | None = None
    md5: str | None = None

    @property
    def filename(self) -> str:
        """The last part of the address, which names the file where it is kept."""
        return PurePosixPath(urlsplit(self.url).path).name

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[!-~]+", self.url) or not _is_plain(self.filename):
            raise ValueError(f"url must be the http or https address of a file, not {self.url!r}")
        if self.sha256 is None and self.md5 is None:
            raise ValueError(f"sha256 or md5 must be given for {self.url}")
        _check_digest("sha256", self.sha256, 64)
        _check_digest("md5", self.md5, 32)


class Mirror(Record, frozen=True):
    """Files at one place that together hold the data set.

    Attributes:
        files: at least one, each with a name of its own.
    """

    files: tuple[Download, ...]

    def __post_init__(self) -> None:
        names = [file.filename for file in self.files]
        if not names or len(set(names)) < len(names):
            raise ValueError("files must name at least one file, and none of them twice")


class DataSettings(Record, frozen=True):
    """The [data] table of paper.toml: where a data set comes from and what it must be.

    Attributes:
        name: a plain file name: the data set's folder in the store is called so; empty: load_data() finds its own.
        title: for readers; empty: `name`.
        license: for readers.
        citation: key in references.bib; empty: none.
        environment: variable that names the data; None: there is none.
        path: the author's own .npz or folder, relative to the paper; None: there is none.
        bundled: the data itself, if a library of the generator brings it; None: it does not.
        keras: the file's name in the Keras cache; None: it is not kept there.
        mirrors: tried in this order.
        arrays: SHA-256 of the bytes (C order) of each decoded array, by its name; x_train, y_train, x_test, y_test.
        sample: data that needs no network, for a preview; None: there is none.
        sample_size: (height, width) in pixels of the sample's images; None without a sample.
        image_size: (height, width) in pixels that images are brought to; None: as they are.
        classes: their names, in the order of the labels; empty: as the data names them, or by number.
        test_share: part of each class that becomes the test set where the data has none, between 0 and 1.
        check: whether load_data() is called a second time, to see that it returns the same arrays.
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
        paths: one absolute path, of a file or a folder; none for a sample or bundled data.
        digest: SHA-256 that tells it from other data.
        description: for readers; it names no folder of the machine, so it can be published.
        class_names: of the classes, in the order of the labels; empty: the data names none.
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
    """What the data stage is given.

    Attributes:
        settings: the [data] table; None: there is none.
        source: of the data; None where the paper declares none.
        validation: share of the training images of each class that is set aside to validate on; 0: none.
        place: where that is written.
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
        sha256: of the bytes (C order).
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
        value_range: 0 and 1 where all values of the images lie between, and else the least and the largest of them.
        conversions: what was converted of what load_data() gave, a line each.
        keeps_labels: whether the test set has the labels that it has in the source.
        x_validation: images (N, H, W, C) to validate on; None: those of the test set are.
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
        """How many images the network is validated on."""
        return (self.x_validation or self.x_test).shape[0]

    def shades(self, images: Any) -> Any:
        """Images (an array) as they are looked at: from 0 to 1, dark to bright."""
        low, high = self.value_range
        return (images - low) / (high - low)


def _is_plain(name: str) -> bool:
    """Whether `name` names a file and cannot lead out of the folder it is put in."""
    return re.fullmatch(r"\w[\w.+-]*", name) is not None


def fault_of_names(names: Sequence[str]) -> str | None:
    """What is wrong with the names of classes, to follow their own name; None if they can be printed and told apart."""
    for name in names:
        if not name.strip() or not name.isprintable():
            return f"holds {name!r}, which cannot be printed as a name"
    repeated = next((name for name, count in Counter(names).items() if count > 1), None)
    return f"holds {repeated!r} more than once" if repeated else None


def _check_digest(field: str, digest: str | None, digits: int) -> None:
    if digest is not None and not re.fullmatch(rf"[0-9a-f]{{{digits}}}", digest):
        raise ValueError(f"{field} must be {digits} digits of lowercase hexadecimal, not {digest!r}")
