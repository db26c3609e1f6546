"""An entry is there whole or not at all, and is found by everything it was made from."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.build.store import Key, Store
from generator.core.files import write_atomically
from generator.data.reads import READS, Scope, Today, encoded, file_digest
from generator.records.reads import Reads

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


def flip(path: Path) -> None:
    """Changes one bit, of the first letter."""
    content = bytearray(path.read_bytes())
    content[next(index for index, byte in enumerate(content) if chr(byte).isalpha())] ^= 1
    path.write_bytes(content)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("name", ["a.txt", "manifest.json"])
@pytest.mark.parametrize("spoil", [flip, Path.unlink, os.truncate, replace_by_folder, replace_by_pipe, replace_by_loop])
def test_a_spoilt_entry_counts_as_missing_and_is_made_again(
    tmp_path: Path, spoil: Callable[..., None], name: str
) -> None:
    store = Store(tmp_path)
    path = store.write(KEY, put).path(name)
    spoil(path, 0) if spoil is os.truncate else spoil(path)
    assert store.find(KEY) is None
    assert store.write(KEY, put).read("a.txt") == b"a"
    assert store.find(KEY) is not None


@pytest.mark.parametrize("part", ["code a.py", "setting epochs", '"1"'])
def test_an_entry_with_another_key_in_its_manifest_is_spoilt(tmp_path: Path, part: str) -> None:
    store = Store(tmp_path)
    manifest = store.write(KEY, put).path("manifest.json")
    manifest.write_text(manifest.read_text().replace(part, part.translate({ord(part[-2]): "x"})))
    assert store.find(KEY) is None


def test_a_file_in_the_place_of_an_entry_is_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.write(KEY, put).folder
    shutil.rmtree(folder)
    folder.write_text("not an entry")
    assert store.find(KEY) is None
    assert store.write(KEY, put) == store.find(KEY)


def test_a_damaged_record_of_what_was_used_last_is_as_good_as_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.remember(KEY, store.write(KEY, put))
    flip(tmp_path / "stage" / "last.json")
    assert (store.last("stage"), store.last_entry("stage")) == (None, None)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        put(folder)
        raise OSError(errno.ENOSPC, "disk full")

    store = Store(tmp_path)
    with pytest.raises(OSError, match="disk full") as caught:
        store.write(KEY, fail)
    assert caught.value.filename == str(tmp_path / "stage"), "what is told names a place"
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
from generator.build.store import Key, Store

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


def test_an_entry_used_last_that_is_damaged_since_is_not_told_as_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    entry = store.write(KEY, put)
    store.remember(KEY, entry)
    entry.path("a.txt").write_text("x")
    assert (store.last("stage"), store.last_entry("stage")) == (KEY, None)


def test_every_file_of_an_entry_is_on_disk_before_its_manifest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def write(path: Path, content: bytes) -> None:
        done.append(path.name)
        write_atomically(path, content)

    monkeypatch.setattr("generator.build.store.sync", lambda path: done.append(path.name))
    monkeypatch.setattr("generator.build.store.write_atomically", write)
    Store(tmp_path).write(KEY, put)
    assert done == ["a.txt", "b.txt", "manifest.json", "entry"]


# --- what was read -------------------------------------------------------------------------------


def reading(digest: str | None) -> Callable[[Path], None]:
    """Fills an entry of a stage that read config.json."""

    def fill(folder: Path) -> None:
        (folder / "a.txt").write_text(str(digest))
        (folder / READS).write_bytes(encoded(Reads({"config.json": digest})))

    return fill


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "paper" / "config.json"
    path.parent.mkdir()
    path.write_text("1")
    return path


def knowing(config: Path) -> Store:
    """A store that knows what can be read today."""
    scope = Scope(config.parent, config.parent, config.parent / "build")
    return Store(config.parent / "build", Today(scope, {}))


def test_of_several_entries_of_a_key_the_one_whose_reads_are_the_same_today_is_found(config: Path) -> None:
    store = knowing(config)
    first = store.write(KEY, reading(file_digest(str(config))))
    assert store.find(KEY) == first
    config.write_text("2")
    assert store.find(KEY) is None
    second = store.write(KEY, reading(file_digest(str(config))))
    assert store.find(KEY) == second != first
    config.write_text("1")
    assert store.find(KEY) == first, "going back costs nothing"
    config.unlink()
    third = store.write(KEY, reading(None))
    assert store.find(KEY) == third


def test_what_an_entry_was_made_from_is_its_key_and_what_it_read(config: Path) -> None:
    store, other = knowing(config), Key("stage", {"seed": "1"})
    entries = [store.write(key, reading(digest)) for key in (KEY, other) for digest in ("1" * 64, None)]
    entries += [store.write(key, put) for key in (KEY, other)]
    assert len({entry.basis for entry in entries}) == 6
    assert store.write(KEY, put).basis == entries[4].basis


def test_a_store_that_does_not_know_today_finds_only_what_read_nothing(config: Path) -> None:
    store = Store(config.parent / "build")
    store.write(KEY, reading(file_digest(str(config))))
    assert store.find(KEY) is None
    assert store.write(KEY, put) == store.find(KEY)


def test_a_record_of_what_was_read_that_is_damaged_counts_as_a_change(config: Path) -> None:
    store = knowing(config)
    entry = store.write(KEY, reading(file_digest(str(config))))
    entry.path(READS).write_text("{")
    assert store.find(KEY) is None
    assert store.changes(KEY) == ["the record of what it read is damaged"]


def test_changes_are_told_of_the_nearest_entry_or_of_the_one_used_last(config: Path) -> None:
    store, new = knowing(config), Key("stage", {"code a.py": "2"})
    assert store.changes(KEY) == []
    store.remember(KEY, store.write(KEY, reading(file_digest(str(config)))))
    config.write_text("2")
    assert store.changes(KEY) == store.changes(new) == ["config.json changed"]
