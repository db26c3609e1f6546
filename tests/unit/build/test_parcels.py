"""Folders are packed for workers that do not have them, and paths in tasks and results lead to each side's copy."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from generator.build.cluster_worker import differences, unpacked, versions
from generator.build.parcels import packed, pickled, unpickled
from generator.core.errors import Place, ReportError
from generator.data.reads import Scope


def test_a_folder_arrives_with_its_files_and_without_what_is_left_out(tmp_path: Path) -> None:
    paper = tmp_path / "home" / "paper"
    for name in ("experiment.py", "parts/layers.json", ".git/HEAD", "build/site/index.html"):
        (paper / name).parent.mkdir(parents=True, exist_ok=True)
        (paper / name).write_text(name)
    os.mkfifo(paper / "pipe")
    (paper / "empty").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "run.sh").write_text("linked")
    (tmp_path / "elsewhere" / "run.sh").chmod(0o755)
    (paper / "linked").symlink_to(tmp_path / "elsewhere")
    (paper / "circle").symlink_to(paper)
    parcel = packed(paper, tmp_path / "home", lambda path: path.name in (".git", "build"))
    place = unpacked(tmp_path / "worker", parcel.digest, parcel.content)
    assert {str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()} == {
        "paper/experiment.py": "experiment.py",
        "paper/parts/layers.json": "parts/layers.json",
        "paper/linked/run.sh": "linked",
    }
    assert list((place / "paper" / "empty").iterdir()) == []
    assert os.access(place / "paper" / "linked" / "run.sh", os.X_OK)
    assert unpacked(tmp_path / "worker", parcel.digest, b"not read again") == place
    assert [path.name for path in (tmp_path / "worker").iterdir()] == [parcel.digest]


def test_equal_folders_give_equal_parcels(tmp_path: Path) -> None:
    for name, time in (("one", 1e9), ("other", 2e9)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text("same")
        os.utime(tmp_path / name / "a", (time, time))
    one, other = (packed(tmp_path / name, tmp_path / name) for name in ("one", "other"))
    assert one == other
    assert one.digest == hashlib.sha256(one.content).hexdigest()


def test_a_name_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt")).touch()
    with pytest.raises(ReportError, match=r"The name b'\\xff\.txt' is not UTF-8, so the file cannot be sent"):
        packed(tmp_path, tmp_path)


def test_a_damaged_parcel_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    parcel = packed(tmp_path / "folder", tmp_path / "folder")
    with pytest.raises(ValueError, match="a parcel has arrived damaged"):
        unpacked(tmp_path / "worker", parcel.digest, parcel.content + b".")
    assert not (tmp_path / "worker").exists()


def test_paths_lead_to_the_copy_of_the_innermost_folder_on_the_other_side_and_back() -> None:
    here = {"home": Path("/a/home"), "out": Path("/a/home/build"), "input 0": Path("/a/home/build/cache/x")}
    there = {"home": Path("/w/papers/1"), "out": Path("/w/out"), "input 0": Path("/w/out/2")}
    paper = Path("/a/home/paper")
    scope = Scope(paper, here["home"], here["out"], {str(paper / "experiment.py"): "digest"}, {"A": "b"})
    task = (paper / "experiment.py", [here["input 0"] / "y.npy"], Path("/usr/share/x"), scope)
    moved = Path("/w/papers/1/paper")
    assert unpickled(pickled(task, here), there) == (
        moved / "experiment.py",
        [Path("/w/out/2/y.npy")],
        Path("/usr/share/x"),
        Scope(moved, there["home"], there["out"], {str(moved / "experiment.py"): "digest"}, {"A": "b"}),
    )
    error = unpickled(pickled(ReportError("failed", Place(moved / "experiment.py", 3)), there), here)
    assert error.where == Place(paper / "experiment.py", 3)


def test_a_worker_tells_what_it_has_in_place_of_the_build_s_versions() -> None:
    assert differences(versions()) == ""
    expected = {**versions(), "keras": "2.0.0"}
    assert differences(expected) == f"keras {versions()['keras']}, not 2.0.0"
