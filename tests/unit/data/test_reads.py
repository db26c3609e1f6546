"""What was read is held against what is there today, and what changed is said by its name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.core.checked import read_checked
from generator.data.reads import SETTLED, Scope, Today, decoded, encoded, file_digest, folder_digest, value_digest
from generator.records.reads import Reads


def today(folder: Path, **variables: str) -> Today:
    return Today(Scope(folder / "paper", folder, folder / "paper" / "build"), variables)


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper within a repository, with files in it and around it."""
    made = tmp_path / "paper"
    (made / "images").mkdir(parents=True)
    (made / "images" / "a.png").write_bytes(b"a")
    (made / "config.json").write_text("{}")
    (made / "empty").mkdir()
    (tmp_path / "shared.csv").write_text("1")
    return made


def read(paper: Path) -> Reads:
    """What was read of all that, and of what was not there."""
    places = {"../shared.csv": paper.parent / "shared.csv", "config.json": paper / "config.json"}
    files = {name: file_digest(str(path)) for name, path in places.items()}
    folders = {"images": folder_digest(str(paper / "images"), paper / "build"), "data/extra": None}
    return Reads(
        files | {"absent": None},
        folders,
        {"DROPOUT": value_digest("0.5"), "NOT": None},
        places={"asked.json": None, "images/a.png": "file", "empty": "folder"},
        packages={"pytest": pytest.__version__},
    )


CHANGES: dict[str, Callable[[Path], object]] = {
    "config.json changed": lambda paper: (paper / "config.json").write_text("{} "),
    "config.json is gone": lambda paper: (paper / "config.json").unlink(),
    "../shared.csv changed": lambda paper: (paper.parent / "shared.csv").write_text("2"),
    "absent was absent and is now there": lambda paper: (paper / "absent").write_text(""),
    "the list of files in images changed": lambda paper: (paper / "images" / "b.png").write_text(""),
    "empty is gone": lambda paper: (paper / "empty").rmdir(),
    "asked.json was absent and is now there": lambda paper: (paper / "asked.json").write_text(""),
    "data/extra was absent and is now there": lambda paper: (paper / "data" / "extra").mkdir(parents=True),
}


@pytest.mark.parametrize("said", CHANGES)
def test_a_change_of_a_file_or_a_folder_is_named(paper: Path, said: str) -> None:
    reads, now = read(paper), today(paper.parent, DROPOUT="0.5")
    assert now.changes(reads) == []
    CHANGES[said](paper)
    assert now.changes(reads) == [said]


def test_a_folder_that_is_gone_takes_its_files_along(paper: Path) -> None:
    shutil.rmtree(paper / "images")
    assert today(paper.parent).changes(Reads(folders={"images": "1"}, places={"images/a.png": "file"})) == [
        "images is gone",
        "images/a.png is gone",
    ]


def test_a_file_where_a_folder_was_and_a_package_of_another_version_are_named(paper: Path) -> None:
    reads = Reads(places={"images": "file"}, packages={"pytest": "0.1", "no-such-package": "2.0"})
    assert today(paper.parent).changes(reads) == [
        "images was a file and is now a folder",
        f"pytest was 0.1 and is now {pytest.__version__}",
        "no-such-package is no longer installed",
    ]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DROPOUT": "0.4"}, "DROPOUT changed"),
        ({}, "DROPOUT is no longer set"),
        ({"DROPOUT": "0.5", "NOT": ""}, "NOT was not set and is now"),
    ],
)
def test_a_change_of_a_variable_is_named(paper: Path, variables: dict[str, str], said: str) -> None:
    assert today(paper.parent, **variables).changes(read(paper)) == [said]


def test_what_is_built_or_hidden_changes_no_list_of_files(paper: Path) -> None:
    before = folder_digest(str(paper), paper / "build")
    for name in ("build", ".git", "__pycache__"):
        (paper / name).mkdir()
    assert folder_digest(str(paper), paper / "build") == before


def test_digests_are_kept_by_what_tells_a_file_from_the_same_one_changed(paper: Path, tmp_path: Path) -> None:
    kept, reads = tmp_path / "files.json", read(paper)
    with today(tmp_path).remembering(kept):
        pass
    assert not kept.exists(), "nothing was looked at"
    one = today(tmp_path, DROPOUT="0.5")
    with one.remembering(kept):
        assert one.changes(reads) == []
    assert not kept.exists(), "a file that was changed just now may change again without a new time"
    kept.write_text("damaged")
    with one.remembering(kept):
        assert one.changes(reads) == []
    (paper / "config.json").write_text("[]")  # as long as before, and its time is set back
    os.utime(paper / "config.json", ns=(0, 0))
    with one.remembering(kept):
        assert one.changes(reads) == ["config.json changed"]


def test_a_settled_file_is_not_read_again(paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, reads = tmp_path / "files.json", read(paper)
    monkeypatch.setattr(
        "generator.data.reads.time.time_ns", lambda: (paper / "config.json").stat().st_ctime_ns + 2 * SETTLED
    )
    one = today(tmp_path, DROPOUT="0.5")
    with one.remembering(kept):
        assert one.changes(reads) == []
    monkeypatch.setattr("generator.data.reads.file_digest", lambda path: pytest.fail(f"{path} was read"))
    other = today(tmp_path, DROPOUT="0.5")
    with other.remembering(kept):
        assert other.changes(reads) == []


def test_files_that_changed_or_are_gone_are_forgotten(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (paper / name).write_text(name)
    monkeypatch.setattr("generator.data.reads.time.time_ns", lambda: (paper / "c").stat().st_ctime_ns + 2 * SETTLED)
    one, kept = today(tmp_path), tmp_path / "files.json"
    with one.remembering(kept):
        one.changes(Reads(dict.fromkeys("ab")))
    (paper / "a").unlink()
    with one.remembering(kept):
        one.changes(Reads(dict.fromkeys("c")))
    assert [Path(path).name for path in read_checked(kept, dict[str, Any]) or ()] == ["b", "c"]


@pytest.mark.parametrize(
    ("changed", "passed"),
    [
        pytest.param(lambda now: now + 3 * SETTLED // 2, 2 * SETTLED, id="its time is set ahead"),
        pytest.param(lambda now: now - 9 * SETTLED, SETTLED // 2, id="its time is set back"),
    ],
)
def test_a_file_is_settled_only_when_its_content_and_its_entry_are_both_old(
    paper: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: Callable[[int], int], passed: int
) -> None:
    file, kept = paper / "config.json", tmp_path / "files.json"
    time = changed(file.stat().st_ctime_ns)
    os.utime(file, ns=(time, time))
    monkeypatch.setattr("generator.data.reads.time.time_ns", lambda: file.stat().st_ctime_ns + passed)
    one = today(tmp_path)
    with one.remembering(kept):
        assert one.changes(Reads({"config.json": file_digest(str(file))})) == []
    assert not kept.exists()


def test_a_file_that_cannot_be_read_has_no_digest(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path) -> str:
        raise OSError(f"{path} was removed after it was looked up")

    monkeypatch.setattr("generator.data.reads.sha256", gone)
    assert file_digest(str(paper / "config.json")) is None


def test_names_are_relative_to_the_paper_within_its_repository_and_absolute_outside(tmp_path: Path) -> None:
    scope = Scope(tmp_path / "repository" / "paper", tmp_path / "repository", tmp_path / "build")
    within, outside = str(tmp_path / "repository" / "shared.csv"), str(tmp_path / "elsewhere.csv")
    assert [scope.name(within), scope.name(outside)] == ["../shared.csv", outside]
    assert [scope.place(scope.name(path)) for path in (within, outside)] == [within, outside]


def test_an_entry_without_a_record_read_nothing(tmp_path: Path) -> None:
    assert decoded(tmp_path) == Reads()
    reads = Reads({"b": "1", "a": None}, {}, {"V": "2"}, ("git",))
    (tmp_path / "reads.json").write_bytes(encoded(reads))
    assert decoded(tmp_path) == reads
