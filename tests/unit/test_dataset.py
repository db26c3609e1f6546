"""dataset.load: the one call of experiment.py, and what it says when it is not a build that calls."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from generator import dataset
from generator.core.errors import ReportError
from generator.data import formats
from generator.records.dataset import DataSettings, Source

SETTINGS = DataSettings(name="small", sample="digits", sample_size=(28, 28))
SAMPLE = Source("sample", (), formats.identity(formats.sample(SETTINGS)), "the sample", (), "")


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    x, y = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.arange(2, dtype=np.uint8)
    np.savez(tmp_path / "small.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    return tmp_path / "small.npz"


def own(path: Path) -> Source:
    return Source("own", (str(path),), formats.identity(formats.decode(path, SETTINGS)), "a file", (), "")


def test_load_gives_the_arrays_of_the_bound_source(npz: Path) -> None:
    with dataset.bound(SETTINGS, own(npz)):
        (x_train, y_train), (x_test, y_test) = dataset.load("small")
    assert x_train.tolist() == x_test.tolist() == np.arange(24).reshape(2, 3, 4).tolist()
    assert y_train.tolist() == y_test.tolist() == [0, 1]


def test_load_gives_the_sample_when_that_is_bound() -> None:
    with dataset.bound(SETTINGS, SAMPLE):
        assert formats.digests(dataset.load("small")) == formats.digests(formats.sample(SETTINGS))


def test_another_name_is_refused_at_its_line_with_the_declared_one() -> None:
    line = test_another_name_is_refused_at_its_line_with_the_declared_one.__code__.co_firstlineno
    with dataset.bound(SETTINGS, SAMPLE), pytest.raises(ReportError) as caught:
        dataset.load("smal")
    assert caught.value.what == 'dataset.load("smal"): paper.toml declares the dataset "small"'
    assert str(caught.value.where) == f"tests/unit/test_dataset.py:{line + 3}"
    assert 'Call dataset.load("small")' in caught.value.next


def test_before_load_data_runs_load_says_where_to_call_it() -> None:
    with pytest.raises(ReportError) as caught:
        dataset.load("small")
    assert caught.value.what == 'dataset.load("small") works only while a build calls load_data()'
    assert "Call it in load_data()" in caught.value.next


@pytest.mark.parametrize("settings", [None, DataSettings(title="Small images")])
def test_without_declared_data_load_says_where_to_declare_it(settings: DataSettings | None) -> None:
    with dataset.bound(settings, None), pytest.raises(ReportError) as caught:
        dataset.load("small")
    assert caught.value.what == 'dataset.load("small"): paper.toml declares no dataset'


def test_a_binding_ends_with_its_block_even_after_a_failure(npz: Path) -> None:
    with pytest.raises(ZeroDivisionError), dataset.bound(SETTINGS, SAMPLE):
        with dataset.bound(SETTINGS, own(npz)):
            assert len(dataset.load("small")[0][0]) == 2
        assert len(dataset.load("small")[0][0]) > 1000
        raise ZeroDivisionError
    with pytest.raises(ReportError, match="only while a build"):
        dataset.load("small")


def test_a_file_that_vanished_since_it_was_found_is_named(npz: Path) -> None:
    source = own(npz)
    npz.unlink()
    with dataset.bound(SETTINGS, source), pytest.raises(ReportError) as caught:
        dataset.load("small")
    assert caught.value.what == "cannot be read: No such file or directory"
    assert "small.npz" in str(caught.value.where)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"name": "../mnist"}, "name must be a plain file name"),
        ({"name": "mnist", "keras": "a/b.npz"}, "keras must be a plain file name"),
        (
            {"name": "mnist", "arrays": {"x_valid": "0" * 64}},
            "arrays names 'x_valid'; the arrays are x_train",
        ),
        ({"name": "mnist", "arrays": {"x_test": "abc"}}, "arrays.x_test must be 64 digits"),
        ({"name": "mnist", "image_size": [0, 28]}, "image_size must be a height and a width"),
        ({"name": "mnist", "sample": "digits"}, "sample needs sample_size"),
        ({"name": "own", "path": "own.npz", "bundled": "digits"}, "bundled is the data itself"),
        ({"name": "mnist", "sample_size": [28, -1]}, "sample_size must be a height and a width"),
        ({"name": "mnist", "classes": ["a", "b", "a"]}, "classes holds 'a' more than once"),
        ({"name": "mnist", "classes": ["a", " "]}, "classes holds ' ', which cannot be printed as a name"),
        ({"name": "mnist", "test_share": 1}, "test_share must lie between 0 and 1, not 1.0"),
        ({"name": "mnist", "test_share": float("nan")}, "test_share must lie between 0 and 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(table: dict[str, object], what: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=what):
        msgspec.convert(table, DataSettings)


def test_arrays_that_changed_since_they_were_found_are_refused(npz: Path) -> None:
    source, other = own(npz), np.zeros((2, 3, 4), np.uint8)
    np.savez(npz, x_train=other, y_train=np.arange(2), x_test=other, y_test=np.arange(2))
    with (
        dataset.bound(SETTINGS, source),
        pytest.raises(ReportError, match="The data changed since this build found it"),
    ):
        dataset.load("small")
