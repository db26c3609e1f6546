"""What is removed from the store: what no late build of any paper used, once it is old, and never beside a build."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from generator.build import retention
from generator.build.retention import BUILDS, LAST_BUILDS, MIN_AGE, PERIOD, Freed
from generator.build.store import Entry, Key, Store
from generator.core.errors import ReportError
from generator.core.files import UNFINISHED
from generator.core.lock import shared

PAPER, OTHER = Path("/paper"), Path("/other")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store that was cleaned more than a day ago."""
    store = tmp_path / "cache"
    store.mkdir()
    (store / retention.CLEANED).touch()
    age(store / retention.CLEANED, PERIOD + 60)
    return store


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def made(root: Path, number: int, seconds: float = MIN_AGE + 60) -> Entry:
    """An entry of 10 bytes, beside its manifest, that was used so many seconds ago."""
    entry = Store(root).write(Key("stage", {"number": str(number)}), lambda folder: _put(folder))
    age(entry.folder, seconds)
    return entry


def _put(folder: Path) -> None:
    (folder / "file").write_bytes(b"0123456789")


def built(root: Path, paper: Path, *entries: Entry) -> None:
    retention.record(root, paper, [entry.folder.relative_to(root).as_posix() for entry in entries])


def test_what_the_last_builds_of_each_paper_used_stays_and_what_came_before_goes(root: Path) -> None:
    old, first, others = made(root, 0), made(root, 1), made(root, 2)
    built(root, OTHER, others)
    built(root, PAPER, old)
    built(root, PAPER, first)
    for _ in range(LAST_BUILDS - 1):
        built(root, PAPER)
    retention.remove_daily(root)
    assert not old.folder.parent.exists()
    assert first.folder.exists() and others.folder.exists()
    assert len(list((root / BUILDS).iterdir())) == LAST_BUILDS + 1, "records of earlier builds go, too"


def test_what_was_made_or_found_within_a_week_stays(root: Path) -> None:
    young, old, found = made(root, 0, MIN_AGE - 60), made(root, 1), made(root, 2)
    assert Store(root).find(found.key) == found
    retention.remove_daily(root)
    assert (young.folder.exists(), old.folder.exists(), found.folder.exists()) == (True, False, True)


def test_it_is_done_once_a_day_and_not_before_there_is_a_day_of_records(root: Path) -> None:
    (root / retention.CLEANED).unlink()
    old = made(root, 0)
    retention.remove_daily(root)
    retention.remove_daily(root)
    assert old.folder.exists()
    age(root / retention.CLEANED, PERIOD + 60)
    retention.remove_daily(root)
    assert not old.folder.exists()


def test_nothing_is_removed_while_another_build_is_at_work(root: Path) -> None:
    old, new = made(root, 0), root / "stage" / f"{UNFINISHED}x"
    new.mkdir()
    with shared(root):
        retention.remove_daily(root)
        retention.remove_unfinished(root.parent)
        with pytest.raises(ReportError, match="A build is using the store"):
            retention.clean(root, everything=True)
    assert old.folder.exists() and new.exists()


def test_a_damaged_record_of_a_build_keeps_nothing_and_goes(root: Path) -> None:
    old = made(root, 0)
    built(root, PAPER, old)
    (record,) = (root / BUILDS).iterdir()
    record.write_text("{")
    retention.remove_daily(root)
    assert not old.folder.exists() and not record.exists()


def test_clean_says_what_it_frees_and_with_all_leaves_no_entry(root: Path) -> None:
    old, used, young = made(root, 0), made(root, 1), made(root, 2, 0)
    built(root, PAPER, used)
    size = sum(path.stat().st_size for path in old.folder.iterdir())
    assert retention.clean(root, everything=False) == Freed(1, size, 2)
    assert retention.clean(root, everything=True) == Freed(2, 2 * size, 0)
    assert not used.folder.exists() and not young.folder.exists()
    assert retention.clean(root / "none", everything=True) == Freed(0, 0, 0)


@pytest.fixture
def stuck(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first of two old entries, which the system does not let be removed."""
    first = min(made(root, 0).folder, made(root, 1).folder)
    remove = shutil.rmtree

    def refuse(folder: Path) -> None:
        if folder == first:
            raise PermissionError(errno.EACCES, "Permission denied", str(folder / "file"))
        remove(folder)

    monkeypatch.setattr(shutil, "rmtree", refuse)
    return first


def test_an_entry_that_cannot_be_removed_keeps_neither_the_others_nor_the_next_day(root: Path, stuck: Path) -> None:
    retention.remove_daily(root)
    assert [folder.parent for folder in stuck.parent.parent.glob("*/*")] == [stuck.parent]
    assert time.time() - (root / retention.CLEANED).stat().st_mtime < 60


def test_an_entry_that_cannot_be_removed_is_told(root: Path, stuck: Path) -> None:
    freed = retention.clean(root, everything=True)
    assert (freed.entries, freed.kept, freed.stuck) == (1, 1, f"{stuck / 'file'}: Permission denied")


SMALL = ("code.json", "files.json", "measuring.json", "source-0123456789abcdef.json")


def test_clean_with_all_also_removes_what_builds_keep_beside_entries(root: Path) -> None:
    for name in (*SMALL, "mine.json"):
        (root / name).write_text("{}")
    built(root, PAPER)
    retention.clean(root, everything=True)
    assert sorted(path.name for path in root.iterdir()) == ["builds", "cleaned", "mine.json"]
    assert list((root / BUILDS).iterdir()) == []


def test_where_data_was_found_is_forgotten_once_nobody_has_asked_for_a_week(root: Path) -> None:
    for name, seconds in (
        ("source-1.json", MIN_AGE + 60),
        ("source-2.json", MIN_AGE - 60),
        ("code.json", MIN_AGE + 60),
    ):
        (root / name).write_text("{}")
        age(root / name, seconds)
    retention.remove_daily(root)
    assert sorted(path.name for path in root.glob("*.json")) == ["code.json", "source-2.json"]


def test_what_is_no_entry_is_not_ours_to_remove(root: Path) -> None:
    """A folder of everything built may be one in which the user keeps other things."""
    own = root / "stage" / "photos" / "2026"
    own.mkdir(parents=True)
    retention.clean(root, everything=True)
    assert own.exists()


def test_what_a_killed_build_left_is_removed_by_the_next(root: Path) -> None:
    out = root.parent
    (root / "stage").mkdir()
    (out / "site").mkdir()
    for folder in (root, root / "stage"):
        (folder / f"{UNFINISHED}abc" / "entry").mkdir(parents=True)
    for folder in (out, out / "site", root):
        (folder / f"{UNFINISHED}index.html-1234").write_text("half")
    (out / "site" / ".hidden").write_text("the user's")
    retention.remove_unfinished(out)
    assert not list(out.rglob(f"{UNFINISHED}*"))
    assert (out / "site" / ".hidden").exists()
