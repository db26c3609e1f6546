"""What an edition says of what was read, and what of it the commit does not hold."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from generator.build.inputs import found_inputs, unseen
from generator.core.environment import Commit
from generator.data.reads import Scope
from generator.records.dataset import Source
from generator.records.reads import Inputs, Reads

DIGEST = "d" * 64
AT = Commit("a" * 40, "2026-01-02", dirty=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A commit with a paper, and beside it files that the commit does not hold."""
    root = tmp_path / "repository"
    for name in ("paper/config.json", "paper/changed.json", "paper/images/a.png", "paper/more/b.png", "shared.csv"):
        write(root / name, "1")
    write(root / ".gitignore", "ignored.*\n")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all of it")
    for name in ("paper/changed.json", "paper/ignored.json", "paper/new.json", "paper/more/ignored.png"):
        write(root / name, "2")
    write(tmp_path / "elsewhere.npz", "3")
    (root / "paper" / "link.npz").symlink_to(tmp_path / "elsewhere.npz")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)


def inputs(
    root: Path, reads: Reads, at: Commit = AT, source: Source | None = None, used: tuple[str, ...] = ()
) -> Inputs:
    paper = root / "paper"
    scope = Scope(paper, root if at.sha else paper, paper / "build")
    return found_inputs(scope, at, source, [reads, Reads()], [paper / name for name in used])


def test_what_the_commit_holds_is_named_by_its_path_in_the_repository(repository: Path) -> None:
    reads = Reads({"config.json": DIGEST, "../shared.csv": DIGEST, "absent": None}, {"images": DIGEST, ".": None})
    found = inputs(repository, reads)
    assert found.files == {"paper/absent": None, "paper/config.json": DIGEST, "shared.csv": DIGEST}
    assert (found.folders, found.unheld) == ({"paper": None, "paper/images": DIGEST}, ())


@pytest.mark.parametrize("name", ["changed.json", "ignored.json", "new.json"])
def test_a_file_that_the_commit_does_not_hold_as_it_was_read_is_told(repository: Path, name: str) -> None:
    expected = f"paper/{name}, which is not in the commit, or differs from it"
    assert inputs(repository, Reads({name: DIGEST})).unheld == (expected,)


@pytest.mark.parametrize("name", ["changed.json", "ignored.json", "new.json"])
def test_code_and_prose_that_the_commit_does_not_hold_are_told_though_no_read_is(repository: Path, name: str) -> None:
    found = inputs(repository, Reads(), used=("config.json", name))
    assert found.unheld == (f"paper/{name}, which is not in the commit, or differs from it",)
    assert found.files == {}


@pytest.mark.parametrize("flag", ["--skip-worktree", "--assume-unchanged"])
def test_a_file_that_git_was_told_not_to_look_at_is_not_held(repository: Path, flag: str) -> None:
    git(repository, "update-index", flag, "paper/config.json")
    write(repository / "paper" / "config.json", "other")
    expected = ("paper/config.json, which is not in the commit, or differs from it",)
    assert inputs(repository, Reads({"config.json": DIGEST})).unheld == expected


@pytest.mark.parametrize("name", ["elsewhere.npz", "link.npz"])
def test_a_file_outside_the_repository_is_told_without_the_folders_of_this_machine(repository: Path, name: str) -> None:
    path = name if name == "link.npz" else str(repository.parent / name)
    found = inputs(repository, Reads({path: DIGEST}))
    shown = "paper/link.npz" if name == "link.npz" else "…/elsewhere.npz"
    assert found.files == {shown: DIGEST}
    assert found.unheld == (f"{shown}, which is outside the repository and is not data that paper.toml declares",)


def test_declared_data_is_known_otherwise(repository: Path) -> None:
    place = str(repository.parent / "elsewhere.npz")
    source = Source("own", (place,), "e" * 64, "the author's own files", (), "")
    assert inputs(repository, Reads({place: DIGEST, "link.npz": DIGEST}), source=source) == Inputs()
    folder = Source("own", (str(repository.parent),), "e" * 64, "the author's own files", (), "")
    assert inputs(repository, Reads({place: DIGEST}, {str(repository.parent): DIGEST}), source=folder) == Inputs()


def test_a_folder_with_names_that_the_commit_does_not_have_is_told(repository: Path) -> None:
    found = inputs(repository, Reads({}, {"more": DIGEST, os.fspath(repository.parent): DIGEST}))
    name = repository.parent.name
    assert found.unheld == (
        f"the list of files in …/{name}, which is outside the repository and is not data that paper.toml declares",
        "the list of files in paper/more: ignored.png is not in the commit",
    )


def test_a_name_that_is_not_utf_8_is_told_with_escapes(repository: Path) -> None:
    (repository / "paper" / "more" / os.fsdecode(b"caf\xe9.png")).touch()
    found = inputs(repository, Reads({}, {"more": DIGEST}), used=(os.fsdecode(b"more/caf\xe9.png"),))
    assert found.unheld == (
        r"paper/more/caf\xe9.png, which is not in the commit, or differs from it",
        r"the list of files in paper/more: caf\xe9.png, ignored.png is not in the commit",
    )
    assert msgspec.json.encode(found)


def test_outside_a_repository_nothing_is_held_against_a_commit(repository: Path) -> None:
    found = inputs(repository, Reads({"new.json": DIGEST}, {"more": DIGEST}), at=Commit(None, None, False))
    assert (found.files, found.unheld) == ({"new.json": DIGEST}, ())


def test_of_variables_only_the_names_are_told_and_of_programs_what_they_mean(repository: Path) -> None:
    found = inputs(repository, Reads(variables={"DROPOUT": DIGEST, "A": None}, programs=("git",)))
    assert (found.variables, found.programs) == (("A", "DROPOUT"), ("git",))
    assert "starts other programs (git)" in "".join(unseen(found))
    assert list(unseen(Inputs())) == []


def test_a_place_that_was_only_asked_about_is_to_be_in_the_commit_if_something_is_there(repository: Path) -> None:
    places = {"config.json": "file", "images": "folder", "absent": None, "new.json": "file"}
    found = inputs(repository, Reads(places=places, packages={"scikit-image": "0.25"}))
    expected = "paper/new.json, which the code looks for, and which is not in the commit or differs from it"
    assert (found.unheld, found.packages) == ((expected,), {"scikit-image": "0.25"})
    assert found.places == {f"paper/{name}": kind for name, kind in sorted(places.items())}


def test_a_copy_of_all_variables_is_told(repository: Path) -> None:
    found = inputs(repository, Reads(is_environment_copied=True))
    assert "reads all environment variables at once" in "".join(unseen(found))
