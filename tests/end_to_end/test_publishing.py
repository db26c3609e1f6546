"""To a folder or to a branch of origin: whatever happens in the middle, no edition is ever half there."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rich.console import Console

from generator.core.console import Display
from generator.core.errors import ReportError, UsageError
from generator.diff.operands import open_edition
from generator.editions import branches, catalogue
from generator.editions.candidate import Candidate
from generator.editions.publishing import is_branch, publish
from tests.conftest import ROOT, environment
from tests.support.publications import candidate, served, tree
from tests.support.repositories import git


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a commit, whose origin is a bare repository beside it."""
    git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    git(tmp_path, "init", "--quiet", "clone")
    folder = tmp_path / "clone"
    git(folder, "config", "user.name", "Ada Example")
    git(folder, "config", "user.email", "ada@example.org")
    git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "The paper")
    return folder


def published(new: Candidate, to: str | Path) -> str:
    """Publishes, and returns what the author is told."""
    console = Console(file=io.StringIO(), width=200)
    publish(new, str(to), Display(console))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def within(clone: Path, number: int) -> Candidate:
    """A candidate whose paper lies in the clone, ignored by git like everything that is built."""
    (clone / ".git" / "info" / "exclude").write_text("*\n")
    return candidate(clone / f"built-{number}", number)


def on_branch(clone: Path, branch: str) -> dict[str, str]:
    """The files of a branch of origin, by name, as the ids of their contents."""
    listed = git(clone.parent / "origin.git", "ls-tree", "-r", branch)
    return {name: about.split()[2] for about, name in (line.split("\t") for line in listed.splitlines())}


def surroundings(clone: Path) -> tuple[str, str, str, list[str]]:
    """What a publish must leave as it was: work trees, branches, changes, and the names in the git folder."""
    names = sorted(path.name for path in (clone / ".git").iterdir())
    return git(clone, "worktree", "list"), git(clone, "branch"), git(clone, "status", "--short"), names


# --- where to ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "branch"),
    [
        ("gh-pages", True), ("branch:there", True), ("branch:a/b", True), ("./site", False), ("a/b", False),
        ("/tmp/x", False), ("there", False),
    ],
)  # fmt: skip
def test_a_folder_that_exists_or_a_value_with_a_slash_is_a_folder_and_anything_else_a_branch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, branch: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    assert is_branch(to) is branch


def test_a_branch_that_origin_does_not_have_is_created_only_if_it_is_called_a_branch(clone: Path) -> None:
    """A word that was meant as a folder does not push a branch."""
    with pytest.raises(UsageError, match="has no branch pages, and there is no such folder") as caught:
        published(within(clone, 1), "pages")
    assert "branch:pages" in caught.value.next and "./pages" in caught.value.next
    assert git(clone.parent / "origin.git", "branch") == ""
    published(within(clone, 1), "branch:pages")
    assert "Published edition 2" in published(within(clone, 2), "pages")


def test_a_publish_says_first_what_it_will_do_and_where(clone: Path, tmp_path: Path) -> None:
    said = published(within(clone, 1), "branch:gh-pages")
    assert said.startswith(f"Publishing: pushes branch gh-pages to {clone.parent / 'origin.git'}\n")
    said = published(candidate(tmp_path / "built"), tmp_path / "site")
    assert said.startswith(f"Publishing to the folder {tmp_path / 'site'}\n")


def test_the_password_in_an_address_is_not_printed(clone: Path) -> None:
    """git sends the push elsewhere than where the address points, so that no server is needed."""
    git(clone, "config", f"url.{clone.parent}/.insteadOf", "https://ada:secret@example.org/")
    git(clone, "remote", "set-url", "origin", "https://ada:secret@example.org/origin.git")
    assert "secret" not in published(within(clone, 1), "branch:gh-pages")


# --- to a folder ---------------------------------------------------------------------------------


def test_the_author_is_told_the_edition_and_what_changed(tmp_path: Path) -> None:
    said = published(candidate(tmp_path / "built", 1), tmp_path / "the site")
    assert "Published edition 1" in said and said.rstrip().endswith(f"generator verify '{tmp_path}/the site/v/1'")
    said = published(candidate(tmp_path / "built", 2), tmp_path / "the site")
    assert (
        "number of epochs requested (1\u00a0→\u00a02)" in said
        and "Published edition 2" in said
        and "[site] url" in said
    )
    assert "Readers would see nothing new" in published(candidate(tmp_path / "built", 2), tmp_path / "the site")


def test_killed_at_any_call_a_publish_leaves_whole_editions_and_the_next_one_completes_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.killing", str(tmp_path)]
    surroundings = environment(SOURCE_DATE_EPOCH="1790000000")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=surroundings, timeout=600)
    assert done.returncode == 0, done.stderr
    counted = re.findall(r"(\d+) kills before it was there, (\d+) after", done.stdout)
    assert len(counted) == 3, done.stdout
    assert all(int(before) > 20 and int(after) > 8 for before, after in counted), done.stdout


def test_of_two_publishes_at_once_one_publishes_and_the_other_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stands still in the middle until the second has had its answer."""
    in_the_middle, answered = threading.Event(), threading.Event()
    add = catalogue.add

    def slow(folder: Path, new: Candidate) -> object:
        in_the_middle.set()
        assert answered.wait(60)
        return add(folder, new)

    monkeypatch.setattr(catalogue, "add", slow)
    first = threading.Thread(target=published, args=(candidate(tmp_path / "one", 1), tmp_path / "site"))
    first.start()
    assert in_the_middle.wait(60)
    try:
        with pytest.raises(ReportError, match="Another publish is running"):
            published(candidate(tmp_path / "two", 2), tmp_path / "site")
    finally:
        answered.set()
        first.join()
    assert sorted(path.name for path in (tmp_path / "site" / "v").iterdir()) == ["1"]


def test_a_system_failure_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="Not a directory|File exists") as caught:
        published(candidate(tmp_path / "built"), tmp_path / "file" / "site")
    assert "publish again" in caught.value.next
    with pytest.raises(UsageError, match="A site cannot be published to a file"):
        published(candidate(tmp_path / "built"), tmp_path / "file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError, match="TO: Cannot create a folder at"):
        published(candidate(tmp_path / "built"), tmp_path / "loop")


@pytest.mark.parametrize("is_new", [True, False])
def test_a_publish_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("generator.editions.site_writer.write_together", fail)
    new, site = candidate(tmp_path / "built"), tmp_path / "site"
    if not is_new:
        site.mkdir()
    with pytest.raises(ReportError, match="No space left on device"):
        published(new, site)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built"] if is_new else ["built", "site"]
    assert is_new or not list(site.iterdir())


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_site_has_the_modes_that_the_umask_gives(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        published(candidate(tmp_path / "built"), tmp_path / "site")
    finally:
        os.umask(before)
    for path in (tmp_path / "site").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o777 if path.is_dir() else 0o666) & ~umask, path


def test_no_hard_links_and_no_exchange_of_folders_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on NFS, 9p, or SMB, where these calls, and bringing a folder to the disk, may not exist."""

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    for name in ("link", "symlink"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(os, "fsync", fsync)
    for number in (1, 2):
        published(candidate(tmp_path / "built", number), tmp_path / "site")
    assert (tmp_path / "site" / "v" / "2" / "index.html").is_file()


def test_a_link_to_a_site_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "current").symlink_to("site")
    published(candidate(tmp_path / "built"), tmp_path / "current")
    assert (tmp_path / "current").is_symlink() and (tmp_path / "site" / "index.html").is_file()


def test_front_pages_that_were_not_up_to_date_are_told(tmp_path: Path) -> None:
    new, site = candidate(tmp_path / "built"), tmp_path / "site"
    published(new, site)
    before = tree(site)
    (site / "index.html").unlink()
    said = published(new, site)
    assert "Readers would see nothing new since edition 1" in said and "interrupted publish" in said
    assert tree(site) == before


# --- to a branch ---------------------------------------------------------------------------------


def test_a_branch_that_is_not_there_is_made_of_the_site_alone(clone: Path) -> None:
    before = surroundings(clone)
    said = published(within(clone, 1), "branch:gh-pages")
    assert "branch gh-pages of origin" in said
    files = on_branch(clone, "gh-pages")
    assert {"index.html", ".nojekyll", "editions.json", "v/1/manifest.json", "v/1/article.pdf"} <= files.keys()
    assert git(clone.parent / "origin.git", "log", "--format=%s|%an", "gh-pages") == (
        "Edition 1 of Small <things> & others|Ada Example"
    )
    assert surroundings(clone) == before


def test_a_further_edition_is_a_commit_on_top_and_keeps_what_is_there(clone: Path, tmp_path: Path) -> None:
    published(within(clone, 1), "branch:gh-pages")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(tmp_path / "origin.git"), str(other))
    (other / "CNAME").write_text("example.org")
    git(other, "add", "CNAME")
    git(other, "-c", "user.name=B", "-c", "user.email=b@example.org", "commit", "--quiet", "--message", "A name")
    git(other, "push", "--quiet")
    before = on_branch(clone, "gh-pages")
    published(within(clone, 2), "branch:gh-pages")
    after = on_branch(clone, "gh-pages")
    assert {name: id for name, id in before.items() if name.startswith(("v/", "CNAME"))}.items() <= after.items()
    subjects = git(tmp_path / "origin.git", "log", "--format=%s", "gh-pages").splitlines()
    assert [subject[:9] for subject in subjects] == ["Edition 2", "A name", "Edition 1"]


def test_the_same_bytes_arrive_whatever_the_authors_git_is_told_to_change(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "ignored").write_text("*.pdf\n*.json\n")
    (tmp_path / "attributes").write_text("* text=auto\n")
    files = ("core.excludesFile", str(tmp_path / "ignored")), ("core.attributesFile", str(tmp_path / "attributes"))
    for setting in (("core.autocrlf", "true"), *files):
        git(clone, "config", *setting)
    new = within(clone, 1)
    new.files["index.html"] = new.files["index.html"].replace(b"\n", b"\r\n")  # type: ignore[index]  # made so on purpose
    published(new, "branch:gh-pages")
    published(within(clone, 2), "branch:gh-pages")
    published(new, tmp_path / "site")
    shown = subprocess.run(
        ["git", "-C", tmp_path / "origin.git", "cat-file", "blob", "gh-pages:v/1/index.html"],
        capture_output=True,
        check=True,
    )
    assert shown.stdout == (tmp_path / "site" / "v" / "1" / "index.html").read_bytes()
    assert "v/1/article.pdf" in on_branch(clone, "gh-pages")


def filtered(clone: Path) -> None:
    """A filter that, like the one of LFS, keeps something else in the repository than in the work tree."""
    git(clone, "config", "filter.upper.clean", "tr a-z A-Z")
    git(clone, "config", "filter.upper.smudge", "tr A-Z a-z")


def test_attributes_on_the_branch_change_nothing_that_is_published_and_stay(clone: Path, tmp_path: Path) -> None:
    filtered(clone)
    (clone / ".gitattributes").write_text("*.json filter=upper\n*.html text eol=crlf ident\n")
    (clone / "CNAME").write_text("example.org\n")
    git(clone, "add", ".gitattributes", "CNAME")
    git(clone, "commit", "--quiet", "--message", "A place for pages")
    git(clone, "push", "--quiet", "origin", "HEAD:gh-pages")
    before = on_branch(clone, "gh-pages")
    for number in (1, 2):
        published(within(clone, number), "gh-pages")
        published(within(clone, number), tmp_path / "site")
    after = on_branch(clone, "gh-pages")
    assert before.items() <= after.items()
    for name in ("v/1/results.json", "v/1/index.html", "v/2/results.json", "index.html", "results.json"):
        built = git(clone, "hash-object", "--no-filters", tmp_path / "site" / name)
        assert after[name] == built, name


def test_attributes_of_the_clone_that_would_change_what_is_published_are_told(clone: Path) -> None:
    filtered(clone)
    (clone / ".git" / "info" / "attributes").write_text("*.json filter=upper\n")
    with pytest.raises(ReportError, match="git would change the published files") as caught:
        published(within(clone, 1), "branch:gh-pages")
    assert ".git/info/attributes" in str(caught.value) and "gh-pages" not in git(clone, "ls-remote", "origin")


def test_the_clone_that_published_can_name_the_editions_of_the_branch(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no branch of this name itself."""
    for number in (1, 2):
        published(within(clone, number), "branch:gh-pages")
    monkeypatch.chdir(clone)
    found = [open_edition(operand).page for operand in ("gh-pages~1", "gh-pages", "gh-pages:v/1")]
    assert [re.findall(r"number \d", page) for page in found] == [["number 1"], ["number 2"], ["number 1"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("core.hooksPath", "hooks"),
        ("push.gpgSign", "true"),
        ("commit.gpgSign", "true"),
        ("remote.origin.mirror", "true"),
        ("core.sparseCheckout", "true"),
    ],
)
def test_how_the_author_works_with_git_keeps_no_publish_back(clone: Path, name: str, value: str) -> None:
    hook(clone / "hooks" / "pre-push", "exit 1")
    hook(clone / ".git" / "hooks" / "pre-push", "exit 1")
    git(clone, "sparse-checkout", "set", "--no-cone", "/papers/")
    git(clone, "config", name, value)
    for number in (1, 2):
        published(within(clone, number), "branch:gh-pages")
    assert {"v/1/index.html", "v/2/index.html"} <= on_branch(clone, "gh-pages").keys()
    assert git(clone.parent / "origin.git", "branch", "--format=%(refname:short)") == "gh-pages"


def test_a_branch_of_something_else_is_refused(clone: Path) -> None:
    (clone / "paper.txt").write_text("a paper")
    git(clone, "add", "paper.txt")
    git(clone, "commit", "--quiet", "--message", "More")
    git(clone, "push", "--quiet", "origin", "HEAD:trunk")
    before = on_branch(clone, "trunk")
    with pytest.raises(UsageError, match="holds files that this tool did not publish"):
        published(within(clone, 1), "trunk")
    assert on_branch(clone, "trunk") == before


def test_a_branch_with_only_a_name_a_readme_and_no_jekyll_is_published_beside_them(clone: Path) -> None:
    for name in ("CNAME", "README.md", ".nojekyll"):
        (clone / name).write_text("\n")
        git(clone, "add", name)
    git(clone, "commit", "--quiet", "--message", "A place for pages")
    git(clone, "push", "--quiet", "origin", "HEAD:gh-pages")
    before = on_branch(clone, "gh-pages")
    published(within(clone, 1), "branch:gh-pages")
    after = on_branch(clone, "gh-pages")
    assert {name: before[name] for name in ("CNAME", "README.md")}.items() <= after.items()
    assert {".nojekyll", "index.html", "v/1/index.html"} <= after.keys()


def test_the_same_site_again_is_no_commit_unless_the_front_pages_were_changed(clone: Path, tmp_path: Path) -> None:
    new, origin = within(clone, 1), clone.parent / "origin.git"
    published(new, "branch:gh-pages")
    first, files = git(origin, "rev-parse", "gh-pages"), on_branch(clone, "gh-pages")
    assert "Readers would see nothing new" in published(new, "branch:gh-pages")
    assert git(origin, "rev-parse", "gh-pages") == first
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(origin), str(other))
    git(other, "rm", "--quiet", "feed.xml")
    git(other, "-c", "user.name=B", "-c", "user.email=b@example.org", "commit", "--quiet", "--message", "No feed")
    git(other, "push", "--quiet")
    published(new, "branch:gh-pages")
    assert on_branch(clone, "gh-pages") == files
    assert git(origin, "log", "-1", "--format=%s", "gh-pages").endswith("others: its front pages")


def test_a_remote_that_moves_on_meanwhile_is_told_and_not_overwritten(clone: Path) -> None:
    published(within(clone, 1), "branch:gh-pages")
    with (
        pytest.raises(ReportError, match="has changed in the meantime") as caught,
        branches.checked_out(clone, "gh-pages") as checkout,
    ):
        (checkout.folder / "index.html").write_text("mine")
        move_on(clone)
        branches.push(checkout, "Mine")
    assert "Publish again" in caught.value.next
    assert git(clone.parent / "origin.git", "log", "-1", "--format=%s", "gh-pages") == "Theirs"


def test_a_remote_that_moves_on_while_git_pushes_is_told_and_not_overwritten(clone: Path) -> None:
    """git has asked where the branch is, and then origin runs its hook."""
    published(within(clone, 1), "branch:gh-pages")
    hook(clone.parent / "origin.git" / "hooks" / "pre-receive", MOVE_ON)
    with pytest.raises(ReportError, match="has changed in the meantime"):
        published(within(clone, 2), "branch:gh-pages")
    assert git(clone.parent / "origin.git", "log", "-1", "--format=%s", "gh-pages") == "Theirs"


MOVE_ON = """
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
new=$(git -c user.name=B -c user.email=b@example.org commit-tree 'gh-pages^{tree}' -p gh-pages -m Theirs)
git update-ref refs/heads/gh-pages $new
"""


def move_on(clone: Path) -> None:
    """Someone else pushes to the branch."""
    subprocess.run(["sh", "-c", MOVE_ON], cwd=clone.parent / "origin.git", check=True)


def test_a_push_that_origin_refuses_is_told_in_its_words(clone: Path) -> None:
    hook(clone.parent / "origin.git" / "hooks" / "pre-receive", "echo 'No pages on Sundays' >&2; exit 1")
    before = surroundings(clone)
    with pytest.raises(ReportError, match="refused the push to gh-pages(.|\n)*No pages on Sundays"):
        published(within(clone, 1), "branch:gh-pages")
    assert surroundings(clone) == before


def hook(path: Path, script: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def without_origin(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(clone, "remote", "remove", "origin")


def with_origin_gone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(clone, "remote", "set-url", "origin", str(clone / "not-there.git"))


def without_a_name(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("user.name", "user.email"):
        git(clone, "config", "--unset", name)
    git(clone, "config", "user.useConfigOnly", "true")
    for variable in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")


def without_git(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_origin, "no remote called origin"),
        (with_origin_gone, "origin cannot be read"),
        (without_a_name, "git does not know who you are"),
        (without_git, "git is not installed"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(
    clone: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path, pytest.MonkeyPatch], None],
    said: str,
) -> None:
    new = within(clone, 1)
    spoil(clone, monkeypatch)
    with pytest.raises(ReportError, match=said) as caught:
        published(new, "branch:gh-pages")
    assert caught.value.next


def test_a_repository_that_git_refuses_is_told_in_its_words(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another user's, and safe.directory does not name it."""
    new = within(clone, 1)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UsageError, match="detected dubious ownership in repository"):
        published(new, "branch:gh-pages")


def test_outside_a_repository_there_is_no_branch_to_publish_to(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        published(candidate(tmp_path / "built"), "branch:gh-pages")


@pytest.mark.parametrize("name", ["two words", "-f", "a..b", "x.lock"])
def test_what_cannot_be_a_branch_is_refused(clone: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not a valid name of a branch"):
        published(within(clone, 1), name)


def test_a_second_publish_of_a_clone_at_once_is_refused(clone: Path) -> None:
    with branches.checked_out(clone, "gh-pages"), pytest.raises(ReportError, match="Another publish is running"):
        published(within(clone, 1), "branch:gh-pages")


def test_what_a_killed_publish_left_in_the_clone_is_removed(clone: Path) -> None:
    """It is killed while its work tree is there, which git knows of."""
    code = f"""
import os
from pathlib import Path
from generator.editions.branches import checked_out

with checked_out(Path({str(clone)!r}), "gh-pages"):
    os.kill(os.getpid(), 9)
"""
    before = surroundings(clone)
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -9
    assert surroundings(clone) != before
    published(within(clone, 1), "branch:gh-pages")
    assert surroundings(clone) == before


def test_a_publish_killed_while_git_makes_its_work_tree_does_not_disturb_the_next(clone: Path) -> None:
    """git locks a work tree until it is made, and does not know it for one before its .git is there."""
    before = surroundings(clone)
    home = clone / ".git" / "publish-tree"
    git(clone, "worktree", "add", "--quiet", "--lock", "--detach", str(home), "HEAD")
    (home / ".git").unlink()
    published(within(clone, 1), "branch:gh-pages")
    assert surroundings(clone) == before


def test_a_publish_from_a_hook_of_git_goes_to_the_right_repository(
    clone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """git tells its hooks of the repository they are of in variables, which a command elsewhere must not follow."""
    index = (clone / ".git" / "index").read_bytes() if (clone / ".git" / "index").exists() else None
    monkeypatch.setenv("GIT_INDEX_FILE", str(clone / ".git" / "index"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    published(within(clone, 1), "branch:gh-pages")
    monkeypatch.undo()
    assert "index.html" in on_branch(clone, "gh-pages")
    assert ((clone / ".git" / "index").read_bytes() if (clone / ".git" / "index").exists() else None) == index


def test_a_site_in_a_folder_and_on_a_branch_is_the_same(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    published(within(clone, 1), "branch:gh-pages")
    published(within(clone, 1), tmp_path / "site")
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(tmp_path / "origin.git"), str(tmp_path / "out"))
    files = {name: content for name, content in tree(tmp_path / "out").items() if not name.startswith(".git")}
    assert files == tree(tmp_path / "site")


# --- what a reader sees --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["editions.html", "404.html"])
def test_the_pages_around_fit_a_phone_and_load_nothing(tmp_path: Path, browser: Browser, name: str) -> None:
    site = tmp_path / "site"
    for number in (1, 2):
        published(candidate(tmp_path / f"built-{number}", number), site)
    page = browser.new_page(viewport={"width": 320, "height": 700})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: faults.append(request.url) if not request.url.endswith(name) else None)
    page.goto((site / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("h1").count() == 1
    assert [fault for fault in faults if not fault.startswith("data:")] == []
    page.close()


def test_the_list_of_editions_can_be_light_or_dark_and_remembers_it(tmp_path: Path, browser: Browser) -> None:
    published(candidate(tmp_path / "built", 1), tmp_path / "site")
    page = browser.new_page(color_scheme="light")
    page.goto((tmp_path / "site" / "editions.html").as_uri())
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("radio", name="Dark").check()
    dark = page.evaluate(ground)
    page.reload()
    assert light != dark == page.evaluate(ground)
    assert page.get_by_role("radio", name="Dark").is_checked()


def test_the_files_of_an_edition_are_named_in_words(tmp_path: Path, browser: Browser) -> None:
    published(candidate(tmp_path / "built", 1), tmp_path / "site")
    page = browser.new_page()
    page.goto((tmp_path / "site" / "editions.html").as_uri())
    links = page.locator(".files a")
    assert links.all_text_contents() == ["PDF", "Results", "Citation", "Manifest"]
    assert links.last.get_attribute("href") == "v/1/manifest.json"


def test_other_files_of_an_edition_have_their_own_names_after_the_others(tmp_path: Path, browser: Browser) -> None:
    new = candidate(tmp_path / "built", 1)
    published(dataclasses.replace(new, files={**new.files, "extra.txt": b"More.\n"}), tmp_path / "site")
    page = browser.new_page()
    page.goto((tmp_path / "site" / "editions.html").as_uri())
    assert page.locator(".files a").all_text_contents()[-2:] == ["Manifest", "extra.txt"]


def test_the_links_of_the_404_page_work_at_any_depth_under_the_policy_of_the_page(
    tmp_path: Path, browser: Browser
) -> None:
    published(candidate(tmp_path / "built", 1, url="https://example.org/paper"), tmp_path / "host" / "paper")
    page = browser.new_page()
    with served(tmp_path / "host") as address:
        page.goto(f"{address}/paper/404.html")
        assert page.evaluate("document.baseURI") == f"{address}/paper/"
