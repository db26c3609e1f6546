"""What keeps a site from being published, each with its reason."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from generator.build.pipeline import Site
from generator.build.store import Entry, Key
from generator.core.environment import Commit
from generator.core.errors import ReportError, UsageError
from generator.core.examples import AUTHOR
from generator.editions import candidate as candidates
from generator.editions.refusals import check_authors, check_obstacles
from generator.paper import load_paper
from generator.records.reads import Inputs
from tests.support.publications import candidate, document
from tests.support.repositories import git


def commit(sha: str | None, dirty: bool) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(Commit(sha, "2026-01-02", dirty)))


EDITION = document(1).edition
PREVIEW = msgspec.structs.replace(EDITION, preview="Built on the sample, not on it.")
OBSTACLES = msgspec.Raw(b'["It is a draft.", "Line 7: \\"It is so.\\" does not hold."]')


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"edition": PREVIEW, "obstacles": msgspec.Raw(b'["It is a preview."]')},
            "preview cannot be published. Built on",
        ),
        ({"obstacles": OBSTACLES}, 'draft.\n  Line 7: "It is so." does not hold.'),
        (
            {"commit": commit("a" * 40, dirty=True), "inputs": Inputs(unheld=("a.json, which is not in the commit",))},
            "depend on things that are not in its commit, so it cannot be verified:\n  a.json, which is not in the",
        ),
        ({"commit": commit("a" * 40, dirty=True)}, "changes that are not in its commit"),
        ({"commit": commit(None, dirty=False)}, "without a git commit"),
    ],
    ids=["the sample", "draft and claims", "unheld", "dirty", "no commit"],
)
def test_a_site_that_should_not_be_published_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    candidate(tmp_path, **changes)
    with pytest.raises(ReportError) as caught:
        check_obstacles(tmp_path, tmp_path, allow_dirty=False)
    assert said in str(caught.value) and caught.value.next


def test_a_paper_by_the_author_of_the_examples_is_refused_with_the_line(tmp_path: Path) -> None:
    toml = tmp_path / "paper.toml"
    for authors, said in (([AUTHOR], "paper.toml:2: "), (["Ada Example", AUTHOR], "paper.toml:2: "), (["Ada"], "")):
        toml.write_text(f'title = "A paper"\nauthors = {authors}\ndate = 2026-01-02\n'.replace("'", '"'))
        paper = load_paper(tmp_path, {})
        if not said:
            check_authors(paper, tmp_path, {})
            continue
        with pytest.raises(ReportError, match=f'{said}The author is still "{AUTHOR}"'):
            check_authors(paper, tmp_path, {})


@pytest.mark.parametrize("at", [commit("a" * 40, dirty=True), commit(None, dirty=False)])
def test_only_a_dirty_tree_may_be_allowed(tmp_path: Path, at: msgspec.Raw) -> None:
    candidate(tmp_path / "dirty", commit=at)
    check_obstacles(tmp_path / "dirty", tmp_path, allow_dirty=True)
    candidate(tmp_path / "unheld", commit=at, inputs=Inputs(unheld=("a.json, which is not in the commit",)))
    check_obstacles(tmp_path / "unheld", tmp_path, allow_dirty=True)
    candidate(tmp_path / "draft", commit=at, obstacles=OBSTACLES)
    with pytest.raises(ReportError, match="draft"):
        check_obstacles(tmp_path / "draft", tmp_path, allow_dirty=True)


def test_a_paper_whose_repository_git_refuses_is_refused_in_gits_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repository is another user's, and git.safe.directory does not name it."""
    candidate(tmp_path / "site", commit=commit(None, dirty=False))
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ReportError, match=r"git says:\n  fatal: detected dubious ownership(.|\n)*safe\.directory"):
        check_obstacles(tmp_path / "site", tmp_path, allow_dirty=False)


def test_uncommitted_files_are_named_and_none_means_to_build_again(tmp_path: Path) -> None:
    """Of the paper's folder: what is beside it, such as another paper, is in no edition of it."""
    paper, site = tmp_path / "papers" / "mine", tmp_path / "build" / "site"
    paper.mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("build\n")
    (paper / "article.md").write_text("One.")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "The paper")
    site.mkdir(parents=True)
    candidate(site, commit=commit("a" * 40, dirty=True))
    with pytest.raises(ReportError, match=r"not in its commit.*\n  All changes are committed now, unless"):
        check_obstacles(site, paper, allow_dirty=False)
    (tmp_path / "data.npz").touch()
    (paper / "paper.toml").write_text('[data]\npath = "../../data.npz"\n')
    with pytest.raises(ReportError, match=r"Not committed:\n  data\.npz\n  papers/mine/paper\.toml\n"):
        check_obstacles(site, paper, allow_dirty=False)
    for path in (tmp_path / "data.npz", paper / "paper.toml"):
        path.unlink()
    (paper / "article.md").write_text("Two.")
    for number in range(6):
        (tmp_path / f"note{number}.txt").touch()
        (paper / f"note{number}.txt").touch()
    named = r"Not committed:\n(  papers/mine/(article\.md|note\d\.txt)\n){5}  …\n  Commit what belongs to"
    with pytest.raises(ReportError, match=named):
        check_obstacles(site, paper, allow_dirty=False)


def test_a_draft_without_other_obstacles_is_not_told_to_fix_anything(tmp_path: Path) -> None:
    candidate(tmp_path, obstacles=msgspec.Raw(b'["It is a draft."]'))
    with pytest.raises(ReportError, match="It is a draft") as caught:
        check_obstacles(tmp_path, tmp_path, allow_dirty=False)
    assert caught.value.next == "Build without --draft and --only, and then publish it."


@pytest.mark.parametrize("content", [None, b"{", b"{}"])
def test_results_that_cannot_be_read_are_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "results.json").write_bytes(content)
    with pytest.raises((ReportError, UsageError), match=r"results\.json"):
        check_obstacles(tmp_path, tmp_path, allow_dirty=False)


@pytest.mark.parametrize("part", ["obstacles", "commit"])
def test_results_that_do_not_say_what_speaks_against_them_are_told(tmp_path: Path, part: str) -> None:
    changes: dict[str, Any] = {part: msgspec.Raw(b"null")}
    (tmp_path / "results.json").write_bytes(msgspec.json.encode(document(1, **changes)))
    with pytest.raises(ReportError, match=r"results\.json: Its list of obstacles or its commit cannot be read"):
        check_obstacles(tmp_path, tmp_path, allow_dirty=True)


def test_what_is_checked_is_what_is_published(tmp_path: Path) -> None:
    """A build meanwhile may have put another site in the place of the one that was looked at first."""
    made = candidate(tmp_path / "site")
    (made.folder / "preview.png").write_bytes(b"")
    fonts = Entry(Key("fonts", {}), tmp_path, "", "")
    fonts.path("page.css").write_text("")
    article, pdf = (Entry(Key(stage, {}), made.folder, "", "") for stage in ("article", "pdf"))
    arguments = (made.folder, Site(article, pdf, fonts), made.paper, made.request)
    assert candidates.candidate(*arguments, allow_dirty=False) == replace(
        made, files={**made.files, "preview.png": b""}
    )
    candidate(tmp_path / "site", obstacles=OBSTACLES)
    with pytest.raises(ReportError, match="cannot be published"):
        candidates.candidate(*arguments, allow_dirty=False)
