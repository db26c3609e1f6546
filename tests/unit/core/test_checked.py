"""A small file that is not as it was written counts as missing, whatever became of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator.core.checked import read_checked, write_checked

VALUE = {"data.npz": (12, 'name with "quotes" and ü')}
KIND = dict[str, tuple[int, str]]


def test_a_value_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_checked(tmp_path / "file", VALUE)
    assert read_checked(tmp_path / "file", KIND) == VALUE
    assert read_checked(tmp_path / "none", KIND) is None
    assert read_checked(tmp_path / "file", int) is None, "another kind of value, as a later version has"


def test_each_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_checked(path, VALUE)
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        path.write_bytes(content[: bit // 8] + bytes([content[bit // 8] ^ 1 << bit % 8]) + content[bit // 8 + 1 :])
        assert read_checked(path, KIND) is None, f"bit {bit}"


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"a": (1, "b")}', b"\0" * 100])
def test_what_was_never_written_so_counts_as_missing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert read_checked(tmp_path / "file", KIND) is None


def test_what_is_no_file_counts_as_missing_and_is_replaced_but_for_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    assert [read_checked(tmp_path / name, KIND) for name in ("pipe", "loop", "folder")] == [None] * 3
    for name in ("pipe", "loop"):
        write_checked(tmp_path / name, VALUE)
        assert read_checked(tmp_path / name, KIND) == VALUE
    with pytest.raises(IsADirectoryError, match="folder"):
        write_checked(tmp_path / "folder", VALUE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "loop", "pipe"]
