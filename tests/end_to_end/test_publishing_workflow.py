"""The workflow that publishes: it may do no more than it must, and runs nothing that could have been exchanged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.cli import commands
from tests.conftest import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())
    assert loaded["permissions"] == {}, "a job has what it asks for and nothing else"
    jobs: dict[str, Any] = loaded["jobs"]
    return jobs


def steps(job: dict[str, Any], word: str) -> list[dict[str, Any]]:
    return [step for step in job["steps"] if word in step.get("uses", "") + step.get("run", "")]


def test_a_check_of_workflows_finds_nothing() -> None:
    """It asks nobody; what it would ask GitHub for is left out."""
    zizmor = str(Path(sysconfig.get_path("scripts"), "zizmor"))
    command = [zizmor, "--offline", "--no-progress", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_with_their_version_beside(workflow: Any) -> None:
    used = re.findall(r"uses: *(.*)", workflow.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_hash_everywhere() -> None:
    used = [line for path in WORKFLOWS for line in re.findall(r"uses: *(\S+)@(\S+)", path.read_text())]
    assert len(dict(used)) == len(set(used))


def test_what_is_not_pinned_by_digest_has_a_version_and_is_named_as_such() -> None:
    loaded = [yaml.safe_load(path.read_text()) for path in WORKFLOWS]
    jobs = [job for workflow in loaded for job in workflow["jobs"].values()]
    used = {job["runs-on"] for job in jobs} | {job["container"] for job in jobs if "container" in job}
    told = (ROOT / "SECURITY.md").read_text()
    assert used and not [name for name in used if f"`{name}`" not in told and "@sha256:" not in name]
    assert not [name for name in used if not re.search(r"\d", name) or "latest" in name]


def test_a_job_that_may_write_runs_on_a_push_alone_or_runs_no_code_of_the_repository(jobs: dict[str, Any]) -> None:
    def waits_for_a_push(job: dict[str, Any]) -> bool:
        return job.get("if") == "github.event_name == 'push'" or "needs" in job and waits_for_a_push(jobs[job["needs"]])

    writing = {name: job for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert {"publish", "comment"} <= writing.keys()
    exposed = {name: job for name, job in writing.items() if not waits_for_a_push(job)}
    assert not [name for name, job in exposed.items() if steps(job, "checkout") or steps(job, "make")]
    assert [name for name, job in jobs.items() if steps(job, "make publish")] == ["publish"]
    started = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())[True]  # YAML 1.1: `on` is true
    assert started["push"] == {"branches": ["main"]}, "a push to another branch publishes nothing"


def test_code_of_a_pull_request_finds_no_credentials(jobs: dict[str, Any]) -> None:
    assert steps(jobs["compare"], "make") and steps(jobs["compare"], "checkout")
    for step in steps(jobs["compare"], "checkout"):
        assert step["with"]["persist-credentials"] is False


def test_no_script_holds_text_that_a_pull_request_could_write(jobs: dict[str, Any]) -> None:
    scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("name", ["publish", "compare"])
def test_training_is_kept_under_the_key_that_the_generator_prints(jobs: dict[str, Any], name: str) -> None:
    (key,) = steps(jobs[name], "generator key")
    (cache,), (saved,) = steps(jobs[name], "actions/cache/restore"), steps(jobs[name], "actions/cache/save")
    assert f"steps.{key['id']}.outputs.key" in cache["with"]["key"]
    assert cache["with"]["key"].startswith(cache["with"]["restore-keys"].strip())
    assert "build/cache" in cache["with"]["path"].split()
    assert saved["with"]["path"] == cache["with"]["path"]
    assert f"steps.{cache['id']}.outputs.cache-primary-key" in saved["with"]["key"]
    order = [jobs[name]["steps"].index(step) for step in (key, cache, *steps(jobs[name], "make report"), saved)]
    assert order == sorted(order) and order[-1] == order[-2] + 1


@pytest.mark.parametrize("name", ["publish", "compare"])
def test_a_key_that_cannot_be_printed_ends_the_job(jobs: dict[str, Any], name: str, tmp_path: Path) -> None:
    (key,) = steps(jobs[name], "generator key")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    script = key["run"].replace("make .venv/installed", "")
    environment = {**os.environ, "GITHUB_OUTPUT": str(tmp_path / "output")}
    assert subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False).returncode == 1


def test_what_was_published_is_deployed(jobs: dict[str, Any]) -> None:
    """A push with the workflow's token starts no other workflow."""
    (published,) = steps(jobs["publish"], "upload-pages-artifact")
    checkout = steps(jobs["publish"], "checkout")[-1]
    assert checkout["with"]["ref"] == "gh-pages" and checkout["with"]["path"] == published["with"]["path"]
    order = [jobs["publish"]["steps"].index(step) for step in (*steps(jobs["publish"], "make publish"), checkout)]
    assert order == sorted(order)
    assert jobs["deploy"]["needs"] == "publish" and steps(jobs["deploy"], "deploy-pages")


TOOL = """#!{python}
import pathlib, sys
here = pathlib.Path("{folder}")
here.joinpath("asked").open("a").write(" ".join(sys.argv[1:]) + "\\n")
print({known!r}, end="") if "--jq" in sys.argv else None
"""


@pytest.mark.parametrize(("known", "asked"), [("", "pr comment 7"), ("12\n13\n", "issues/comments/12 --field")])
def test_a_pull_request_has_one_comment_of_a_size_that_is_taken(
    jobs: dict[str, Any], tmp_path: Path, known: str, asked: str
) -> None:
    (say,) = steps(jobs["comment"], "gh pr comment")
    (tmp_path / "text").write_text("x\n" * 50_000)
    (tmp_path / "gh").write_text(TOOL.format(python=sys.executable, folder=tmp_path, known=known))
    (tmp_path / "gh").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "NUMBER": "7", "GH_REPO": "a/b"}
    subprocess.run(["bash", "-e", "-c", say["run"]], cwd=tmp_path, env=environment, check=True)
    comment = (tmp_path / "comment").read_text()
    assert len(comment) < 65_536 and comment.startswith("<!--") and "\n    x\n" in comment
    assert asked in (tmp_path / "asked").read_text().splitlines()[-1]


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (1, 1), (2, 0)])
def test_an_edition_that_cannot_be_compared_is_told(
    jobs: dict[str, Any], tmp_path: Path, status: int, ends: int
) -> None:
    (compare,) = steps(jobs["compare"], "generator diff")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho told\necho why >&2\nexit {status}\n")
    python.chmod(0o755)
    (tmp_path / "build" / "published").mkdir(parents=True)
    (tmp_path / "build" / "published" / "results.json").write_text("{}")
    done = subprocess.run(["bash", "-e", "-c", compare["run"]], cwd=tmp_path, check=False)
    assert done.returncode == ends
    said = (tmp_path / "difference" / "text").read_text()
    assert said == ("It cannot be compared with the published edition:\nwhy\n" if status == 2 else "told\n")


def test_the_commands_of_the_workflow_exist(jobs: dict[str, Any]) -> None:
    scripts = " ".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    named = set(re.findall(r"-m generator (\w+)", scripts))
    assert {"key", "diff"} <= named <= set(commands.commands)
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake (\w+)", scripts)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
