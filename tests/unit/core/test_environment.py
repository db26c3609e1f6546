"""The commit that a folder stands at is told whatever the user's git is set to show, and wherever git is asked from."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core import environment
from generator.core.environment import Commit, commit, refusal_of
from tests.support.repositories import git

SIGNED = """tree {tree}
author Ada Example <ada@example.org> 1767312000 +0000
committer Ada Example <ada@example.org> 1767312000 +0000
gpgsig -----BEGIN PGP SIGNATURE-----
 none
 -----END PGP SIGNATURE-----

The paper
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose one commit has a signature, which cannot be judged here."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "--quiet", "repository")
    (tmp_path / "signed").write_text(SIGNED.format(tree=git(folder, "write-tree")))
    git(folder, "update-ref", "HEAD", git(folder, "hash-object", "-t", "commit", "-w", str(tmp_path / "signed")))
    judge = tmp_path / "judge"
    judge.write_text("#!/bin/sh\necho 'gpg: Signature made a while ago' >&2\n")
    judge.chmod(0o755)
    git(folder, "config", "gpg.program", str(judge))
    return folder


def head(repository: Path, dirty: bool) -> Commit:
    return Commit(git(repository, "rev-parse", "HEAD"), "2026-01-02", dirty)


def test_a_signature_that_git_is_set_to_show_is_not_taken_for_the_commit(repository: Path) -> None:
    git(repository, "config", "log.showSignature", "true")
    assert "Signature made" in git(repository, "log"), "git shows it"
    assert commit(repository) == head(repository, dirty=False)


def test_a_new_file_is_a_change_also_where_git_is_set_not_to_show_it(repository: Path) -> None:
    git(repository, "config", "status.showUntrackedFiles", "no")
    (repository / "article.md").write_text("# New")
    assert git(repository, "status", "--porcelain") == "", "git does not show it"
    assert commit(repository) == head(repository, dirty=True)


def test_only_changes_of_the_paper_its_data_and_the_generator_count(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, data = (repository / name for name in ("mine", "other", "data.npz"))
    for place in (mine, other):
        place.mkdir()
    (other / "article.md").write_text("# New")
    data.write_bytes(b"data")
    assert commit(mine) == head(repository, dirty=False)
    assert commit(mine, [data]) == commit(other) == head(repository, dirty=True)
    monkeypatch.setattr(environment, "GENERATOR_FOLDERS", (repository / "generator", Path("/elsewhere")))
    (repository / "generator").mkdir()
    assert commit(mine) == head(repository, dirty=False)
    (repository / "generator" / "new.py").touch()
    assert commit(mine) == head(repository, dirty=True)
    (repository / "generator" / "new.py").unlink()
    (mine / "[article].md").write_text("# New")
    assert commit(mine) == head(repository, dirty=True)


def test_files_that_came_out_of_the_commit_with_other_line_ends_are_no_change(repository: Path) -> None:
    """The user's settings say so, and git goes by them whenever it has to look into a file."""
    git(repository, "config", "core.autocrlf", "true")
    (repository / "article.md").write_bytes(b"# Old\r\n")
    git(repository, "add", "article.md")
    git(repository, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "More")
    (repository / "article.md").write_bytes(b"# Old\r\n")
    assert not commit(repository).dirty


def test_in_a_hook_of_another_repository_it_is_still_the_folders_own(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = head(repository, dirty=False)
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert commit(repository) == expected


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == Commit(None, None, False)


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit(repository) == Commit(None, None, False)


def test_only_a_repository_that_git_refuses_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No repository at all is none that is refused, nor is one without a commit."""
    assert refusal_of(tmp_path) == ""
    git(tmp_path, "init", "--quiet", "repository")
    assert refusal_of(tmp_path / "repository") == ""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert "detected dubious ownership" in refusal_of(tmp_path / "repository")
