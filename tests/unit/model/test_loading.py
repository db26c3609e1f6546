"""The arrays of load_data(), and the part of the training images that is set aside for validation."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from generator.core.errors import ReportError
from generator.data import chunks
from generator.data.formats import label_digest
from generator.model.loading import check_again, load
from generator.records.dataset import DataSettings, Loading, Source

EXPERIMENT = """
import numpy as np

X = np.arange(80, dtype=np.float32).reshape(20, 2, 2, 1) / 80
Y = np.arange(20) % 4 // 3  # fifteen of class 0, and five of class 1

def load_data():
    return (X, Y), (X[:4], Y[:4])
"""


def given(validation: float, source: Source | None = None) -> Loading:
    return Loading(None, source, validation, "paper.toml:5")


def experiment(folder: Path, text: str = EXPERIMENT) -> Path:
    path = folder / "experiment.py"
    path.write_text(text)
    return path


def test_a_share_of_each_class_is_set_aside_the_same_each_time(tmp_path: Path) -> None:
    path = experiment(tmp_path)
    dataset = load(path, given(0.4), tmp_path)
    arrays = {name: np.load(tmp_path / f"{name}.npy") for name in dataset.by_name}
    assert np.bincount(arrays["y_train"]).tolist() == [9, 3]
    assert np.bincount(arrays["y_validation"]).tolist() == [6, 2]
    assert dataset.validation_images == 8
    together = np.concatenate([arrays["x_train"], arrays["x_validation"]])
    assert sorted(together[:, 0, 0, 0].tolist()) == pytest.approx([index * 4 / 80 for index in range(20)])
    check_again(path, given(0.4), dataset)
    with pytest.raises(ReportError, match="load_data\\(\\) returned a different x_train"):
        check_again(path, given(0.2), dataset)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which is always full: run it on Linux")
def test_a_full_disk_is_told_as_that_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "x_train.npy").symlink_to("/dev/full")
    with pytest.raises(OSError, match="x_train.npy") as caught:
        load(experiment(tmp_path), given(0.0), tmp_path)
    assert caught.value.errno == errno.ENOSPC


def test_it_is_recorded_whether_the_test_set_has_the_labels_that_it_has_in_its_source(tmp_path: Path) -> None:
    labels = np.arange(4, dtype=np.uint8) % 4 // 3
    source = Source("own", (), "d", "a file", ("zebra", "lion"), label_digest(labels))
    assert load(experiment(tmp_path), given(0.0, source), tmp_path).keeps_labels
    swapped = EXPERIMENT.replace("Y[:4])", "1 - Y[:4])")
    assert not load(experiment(tmp_path, swapped), given(0.0, source), tmp_path).keeps_labels


def test_a_dataset_that_is_declared_but_not_loaded_is_refused_because_the_article_names_it(tmp_path: Path) -> None:
    settings, source = DataSettings(name="small", bundled="digits"), Source("bundled", (), "d", "the digits", (), "")
    path, declared = experiment(tmp_path), replace(given(0.0, source), settings=settings)
    with pytest.raises(ReportError) as caught:
        load(path, declared, tmp_path)
    assert str(caught.value) == (
        f"{path}:7: load_data() does not load the dataset that [data] in paper.toml declares, small\n"
        '  Call dataset.load("small"), or remove [data]: the article names it as the source of the data.'
    )
    experiment(tmp_path, EXPERIMENT.replace("load_data()", "load_data(noise=0)"))
    load(path, replace(declared, arguments={"noise": 1}), tmp_path)  # a variant may draw its own


def test_without_a_share_the_test_set_validates(tmp_path: Path) -> None:
    dataset = load(experiment(tmp_path), given(0.0), tmp_path)
    assert (dataset.x_validation, dataset.validation_images) == (None, 4)
    assert not (tmp_path / "x_validation.npy").exists()


def test_a_third_pair_is_what_the_network_is_validated_on(tmp_path: Path) -> None:
    path = experiment(tmp_path, EXPERIMENT.replace("(X[:4], Y[:4])", "(X[:4], Y[:4]), (X[4:10], Y[4:10])"))
    assert load(path, given(0.0), tmp_path).validation_images == 6
    with pytest.raises(
        ReportError, match="load_data\\(\\) returns validation images, but training.validation is also set"
    ):
        load(path, given(0.1), tmp_path)


@pytest.mark.parametrize(("share", "taken"), [(0.05, 0), (0.95, 5)])
def test_a_share_that_leaves_a_class_empty_is_refused(tmp_path: Path, share: float, taken: int) -> None:
    with pytest.raises(
        ReportError, match=f"training.validation = {share} takes {taken} of the 5 training images of class 1"
    ) as caught:
        load(experiment(tmp_path), given(share), tmp_path)
    assert caught.value.where == "paper.toml:5"


@pytest.mark.parametrize("chunk", [1, 17, 64, 1 << 22])
def test_an_array_has_the_digest_of_its_bytes_in_however_many_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """One whose values do not lie in order has that of its bytes in order."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", chunk)
    whole = load(experiment(tmp_path), given(0.0), tmp_path)
    turned = load(experiment(tmp_path, EXPERIMENT.replace("(X, Y)", "(np.asfortranarray(X), Y)")), given(0.0), tmp_path)
    for name, info in whole.by_name.items():
        content = np.load(tmp_path / f"{name}.npy").tobytes()
        assert turned.by_name[name] == info and info.sha256 == hashlib.sha256(content).hexdigest()


def test_memory_mapped_images_are_converted_and_set_aside_as_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By chunks, in temporary files; the other images are in memory, and are converted there."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 7)
    np.save(tmp_path / "x.npy", np.arange(80, dtype=np.uint8).reshape(20, 2, 2))
    found = {}
    for mode in ("r", None):
        read = f"X = np.load('{tmp_path / 'x.npy'}', mmap_mode={mode!r})"
        text = EXPERIMENT.replace("X = np.arange(80, dtype=np.float32).reshape(20, 2, 2, 1) / 80", read)
        found[mode] = load(experiment(tmp_path, text), given(0.4), tmp_path)
    assert found["r"] == found[None] and len(found["r"].conversions) == 1


def test_arrays_are_written_as_numpy_writes_them(tmp_path: Path) -> None:
    load(experiment(tmp_path), given(0.0), tmp_path)
    written = (tmp_path / "x_train.npy").read_bytes()
    np.save(tmp_path / "x_train.npy", np.arange(80, dtype=np.float32).reshape(20, 2, 2, 1) / 80)
    assert (tmp_path / "x_train.npy").read_bytes() == written
