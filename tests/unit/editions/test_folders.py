"""A folder gives way to another in one step, and keeps what is not the publisher's."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.core.errors import ReportError, UsageError
from generator.editions import folders
from generator.editions.folders import exchange, replaced
from tests.support.publications import tree


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with files of several kinds."""
    folder = tmp_path / "home" / "site"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "CNAME").write_text("example.org")
    (folder / "sub" / "deep" / "page.html").write_text("page")
    (folder / "link").symlink_to("CNAME")
    (folder / "nowhere").symlink_to("not-there")
    (folder / "run.sh").write_text("#!/bin/sh")
    (folder / "run.sh").chmod(0o755)
    return folder


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir())


def test_what_is_published_is_all_there_and_foreign_files_stay(site: Path) -> None:
    with replaced(site) as draft:
        (draft.folder / "index.html").write_text("new")
        draft.publish("")
    assert (site / "index.html").read_text() == "new"
    assert (site / "sub" / "deep" / "page.html").read_text() == "page"
    assert (site / "link").readlink() == Path("CNAME") and (site / "nowhere").readlink() == Path("not-there")
    assert os.access(site / "run.sh", os.X_OK)
    assert beside(site) == ["site"], "nothing is left beside it"


def test_what_others_write_meanwhile_is_brought_along(site: Path) -> None:
    (site / "index.html").write_text("old")
    with replaced(site) as draft:
        (site / "robots.txt").write_text("new")
        (site / "well" / "known").mkdir(parents=True)
        (site / "well" / "known" / "token").symlink_to("robots.txt")
        for name in ("CNAME", "index.html"):
            (site / "saved").write_text("theirs")
            (site / "saved").replace(site / name)
        (draft.folder / "index.html").unlink()
        (draft.folder / "index.html").write_text("ours")
        draft.publish("")
    assert (site / "robots.txt").read_text() == "new"
    assert (site / "well" / "known" / "token").readlink() == Path("robots.txt")
    assert (site / "CNAME").read_text() == "theirs"
    assert (site / "index.html").read_text() == "ours"
    assert beside(site) == ["site"]


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    with replaced(tmp_path / "a" / "b") as draft:
        (draft.folder / "index.html").write_text("new")
        draft.publish("")
    assert (tmp_path / "a" / "b" / "index.html").read_text() == "new"
    assert beside(tmp_path / "a" / "b") == ["b"]


def test_an_unpublished_draft_changes_nothing(site: Path) -> None:
    before = tree(site)
    with replaced(site) as draft:
        (draft.folder / "index.html").write_text("new")
    with pytest.raises(ZeroDivisionError), replaced(site) as draft:
        (draft.folder / "CNAME").unlink()
        raise ZeroDivisionError
    assert tree(site) == before
    assert beside(site) == ["site"]


def test_a_link_to_a_site_stays_a_link(site: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(site)
    with replaced(tmp_path / "current") as draft:
        (draft.folder / "index.html").write_text("new")
        draft.publish("")
    assert (tmp_path / "current").is_symlink()
    assert (site / "index.html").read_text() == "new"


def test_what_a_killed_publish_left_is_removed(site: Path) -> None:
    left = site.with_name(".site.publishing")
    (left / "locked").mkdir(parents=True)
    (left / "locked" / "half").write_text("half")
    (left / "locked").chmod(0o500)
    site.with_name(".site.lock").touch()
    with replaced(site) as draft:
        assert not (draft.folder / "locked").exists()
    assert beside(site) == ["site"]


def test_a_second_publish_at_once_is_refused_plainly(site: Path) -> None:
    with replaced(site), pytest.raises(ReportError, match="Another publish is at work") as caught, replaced(site):
        pass
    assert "Wait" in caught.value.next
    with replaced(site):
        pass  # and when the first has ended, there is nothing in the way


def test_folders_of_other_names_do_not_wait_for_each_other(site: Path) -> None:
    with replaced(site), replaced(site.with_name("other")) as draft:
        draft.publish("")
    assert beside(site) == ["other", "site"]


def test_a_file_is_no_site(site: Path) -> None:
    with pytest.raises(UsageError, match="a file or a mount point"), replaced(site / "CNAME"):
        pass


def test_where_folders_cannot_be_exchanged_nothing_is_published(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such file systems are not to be had in a test; this is what Linux answers there."""
    before = tree(site)
    monkeypatch.setattr(folders, "_exchange", lambda first, second: errno.EINVAL)
    with pytest.raises(ReportError, match="cannot exchange two folders") as caught, replaced(site) as draft:
        (draft.folder / "index.html").write_text("new")
        draft.publish("")
    assert "branch" in caught.value.next
    assert tree(site) == before
    assert beside(site) == ["site"]


def test_files_that_cannot_be_linked_are_copied(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor may files of another user or file system; root may link all that a test can make, so links are forbidden."""

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    before = tree(site)
    monkeypatch.setattr(os, "link", refuse)
    with replaced(site) as draft:
        draft.publish("")
    assert tree(site) == before
    assert os.access(site / "run.sh", os.X_OK)


def test_an_exchange_that_fails_says_which_folder(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(FileNotFoundError, match="two"):
        exchange(tmp_path / "one", tmp_path / "two")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for little."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_leaves_the_site_as_it_was(small_disk: Path) -> None:
    site = small_disk / "site"
    site.mkdir()
    (site / "index.html").write_bytes(b"old" * 1000)
    before = tree(site)
    with pytest.raises(OSError, match="No space left"), replaced(site) as draft:
        (draft.folder / "big").write_bytes(b"new" * 1_000_000)
    assert tree(site) == before
    assert beside(site) == ["site"]


def test_a_disk_that_may_not_be_written_leaves_the_site_as_it_was(small_disk: Path) -> None:
    """A read-only disk also stops root, whom permissions do not."""
    site = small_disk / "site"
    site.mkdir()
    (site / "index.html").write_text("old")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(OSError, match="Read-only"), replaced(site):
        pass
    assert (site / "index.html").read_text() == "old"


def test_a_mount_point_is_refused(small_disk: Path) -> None:
    with pytest.raises(UsageError, match="mount point"), replaced(small_disk):
        pass


@pytest.mark.parametrize("kind", ["another file system", "a folder of the same one"])
def test_a_mount_point_within_the_folder_is_refused_and_keeps_what_is_in_it(
    site: Path, small_disk: Path, tmp_path: Path, kind: str
) -> None:
    """A bind mount of the same file system looks like any folder."""
    source = small_disk if kind == "another file system" else tmp_path / "photographs"
    source.mkdir(exist_ok=True)
    (source / "photograph").write_text("the only one")
    place = site / "sub" / "a b"
    place.mkdir()
    subprocess.run(["mount", "--bind", source, place], check=True)
    before = tree(site)
    try:
        said = "sub/a b: A site cannot be published around a mount point"
        with pytest.raises(UsageError, match=said), replaced(site) as draft:
            draft.publish("")
        assert tree(site) == before and (source / "photograph").read_text() == "the only one"
        assert beside(site) == ["site"]
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.fixture
def ours_and_theirs() -> Iterator[Path]:
    """A site of a user without rights, with a folder of root's in it."""
    if os.geteuid() != 0:
        pytest.skip("only root can make another user's files")
    with tempfile.TemporaryDirectory() as home:
        site = Path(home) / "site"
        site.mkdir()
        (site / "index.html").write_text("old")
        for path in (Path(home), site):
            os.chown(path, NOBODY, NOBODY)
        (site / "theirs").mkdir()
        (site / "theirs" / "talk.html").write_text("a talk")
        os.seteuid(NOBODY)
        try:
            yield site
        finally:
            os.seteuid(0)


NOBODY = 65534


def test_what_may_not_be_removed_of_the_old_site_is_said_and_holds_no_later_publish_back(ours_and_theirs: Path) -> None:
    left = ours_and_theirs.with_name(".site.publishing")
    for text, remains in (("new", left), ("newer", None)):
        with replaced(ours_and_theirs) as draft:
            (draft.folder / "index.html").unlink()
            (draft.folder / "index.html").write_text(text)
            assert draft.publish("") == remains
        assert (ours_and_theirs / "index.html").read_text() == text
        assert (ours_and_theirs / "theirs" / "talk.html").read_text() == "a talk"
        assert beside(ours_and_theirs) == [".site.publishing", "site"]
