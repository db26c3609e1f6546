"""An entry is there whole or not at all, and is found by everything it was made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from generator.files import write_atomically
from generator.store import Key, Store

KEY = Key("stage", {"code a.py": "1", "setting epochs": "2"})


def put(folder: Path) -> None:
    (folder / "a.txt").write_text("a")
    (folder / "b.txt").write_text("b")


def test_an_entry_is_found_by_an_equal_key_and_by_no_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    entry = store.write(KEY, put)
    assert store.find(Key("stage", {"setting epochs": "2", "code a.py": "1"})) == entry
    assert entry.read("a.txt") == b"a"
    assert store.find(Key("stage", {**KEY.parts, "setting epochs": "3"})) is None
    assert store.find(Key("other", KEY.parts)) is None


def test_equal_files_have_equal_digests_and_other_files_another(tmp_path: Path) -> None:
    first = Store(tmp_path / "1").write(KEY, put)
    second = Store(tmp_path / "2").write(KEY, put)
    third = Store(tmp_path / "3").write(KEY, lambda folder: write_atomically(folder / "a.txt", b"c"))
    assert first.digest == second.digest != third.digest


@pytest.mark.parametrize("spoil", ["change", "remove", "manifest"])
def test_a_spoilt_entry_counts_as_missing_and_is_made_again(tmp_path: Path, spoil: str) -> None:
    store = Store(tmp_path)
    entry = store.write(KEY, put)
    if spoil == "change":
        entry.path("a.txt").write_text("x")
    elif spoil == "remove":
        entry.path("a.txt").unlink()
    else:
        entry.path("manifest.json").write_text("{")
    assert store.find(KEY) is None
    assert store.write(KEY, put).read("a.txt") == b"a"
    assert store.find(KEY) is not None


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        put(folder)
        raise OSError("disk full")

    store = Store(tmp_path)
    with pytest.raises(OSError, match="disk full"):
        store.write(KEY, fail)
    assert store.find(KEY) is None
    assert list((tmp_path / "stage").iterdir()) == []


def test_a_whole_entry_that_another_build_made_meanwhile_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def slow(folder: Path) -> None:
        Store(tmp_path).write(KEY, put)  # the other build is faster
        (folder / "a.txt").write_text("later")

    assert store.write(KEY, slow).read("a.txt") == b"a"


def test_a_process_killed_while_writing_leaves_no_entry(tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path
from generator.store import Key, Store

def put(folder):
    (folder / "a.txt").write_text("a")
    os.kill(os.getpid(), 9)

Store(Path({str(tmp_path)!r})).write(Key("stage", {dict(KEY.parts)!r}), put)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    store = Store(tmp_path)
    assert store.find(KEY) is None
    assert store.write(KEY, put) == store.find(KEY)


def test_the_key_used_last_is_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.last("stage") is None
    entry = store.write(KEY, put)
    store.remember(KEY, entry)
    assert (store.last("stage"), store.last_entry("stage")) == (KEY, entry)
