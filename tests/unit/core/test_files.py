"""Files are written whole or not at all, together or not at all, and as the author's umask has it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from generator.core.files import naming, write_atomically, write_together


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_files_and_folders_have_the_modes_that_the_umask_gives(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "folder" / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "folder" / "file").stat().st_mode) == mode
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~umask


def test_a_folder_in_the_place_of_one_file_keeps_the_others_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_together({tmp_path / "a": b"after", tmp_path / "b": b"after"})
    assert caught.value.filename == str(tmp_path / "b")
    assert (tmp_path / "a").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("the author's")
    (tmp_path / "link").symlink_to("own")
    write_atomically(tmp_path / "link", b"new")
    assert ((tmp_path / "own").read_text(), (tmp_path / "link").read_text()) == ("the author's", "new")


def test_a_failure_that_names_no_file_is_given_one_and_another_keeps_its_own(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full") as caught, naming(tmp_path):
        raise OSError(errno.ENOSPC, "full")
    assert caught.value.filename == str(tmp_path)
    with pytest.raises(OSError, match="full") as caught, naming(tmp_path):
        raise OSError(errno.ENOSPC, "full", "its own")
    assert caught.value.filename == "its own"
