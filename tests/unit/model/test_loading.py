"""The arrays of load_data(), and the part of the training images that is set aside to validate on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generator.core.errors import ReportError
from generator.model.loading import check_again, load

EXPERIMENT = """
import numpy as np

X = np.arange(80, dtype=np.float32).reshape(20, 2, 2, 1) / 80
Y = np.arange(20) % 4 // 3  # fifteen of class 0, and five of class 1

def load_data():
    return (X, Y), (X[:4], Y[:4])
"""


def experiment(folder: Path, text: str = EXPERIMENT) -> Path:
    path = folder / "experiment.py"
    path.write_text(text)
    return path


def test_a_share_of_each_class_is_set_aside_the_same_each_time(tmp_path: Path) -> None:
    path = experiment(tmp_path)
    dataset = load(path, None, None, 0.4, tmp_path)
    arrays = {name: np.load(tmp_path / f"{name}.npy") for name in dataset.arrays}
    assert np.bincount(arrays["y_train"]).tolist() == [9, 3]
    assert np.bincount(arrays["y_validation"]).tolist() == [6, 2]
    assert dataset.validation_images == 8
    together = np.concatenate([arrays["x_train"], arrays["x_validation"]])
    assert sorted(together[:, 0, 0, 0].tolist()) == pytest.approx([index * 4 / 80 for index in range(20)])
    check_again(path, None, None, 0.4, dataset)
    with pytest.raises(ReportError, match="load_data\\(\\) returned a different x_train"):
        check_again(path, None, None, 0.2, dataset)


def test_without_a_share_the_test_set_validates(tmp_path: Path) -> None:
    dataset = load(experiment(tmp_path), None, None, 0.0, tmp_path)
    assert (dataset.x_validation, dataset.validation_images) == (None, 4)
    assert not (tmp_path / "x_validation.npy").exists()


def test_a_third_pair_is_what_the_network_is_validated_on(tmp_path: Path) -> None:
    path = experiment(tmp_path, EXPERIMENT.replace("(X[:4], Y[:4])", "(X[:4], Y[:4]), (X[4:10], Y[4:10])"))
    assert load(path, None, None, 0.0, tmp_path).validation_images == 6
    with pytest.raises(ReportError, match="load_data\\(\\) returns images to validate on, and paper.toml asks"):
        load(path, None, None, 0.1, tmp_path)


@pytest.mark.parametrize(("share", "taken"), [(0.05, 0), (0.95, 5)])
def test_a_share_that_leaves_a_class_empty_is_refused(tmp_path: Path, share: float, taken: int) -> None:
    with pytest.raises(ReportError, match=f"training images of class \\d, this share takes {taken}") as caught:
        load(experiment(tmp_path), None, None, share, tmp_path)
    assert str(caught.value.where) == f"[training] validation = {share}"
