"""The command line: what its options ask for, and how it tells of a failure."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from generator import cli
from generator.build import last_request, pipeline, retention
from generator.build.preflight import Request
from generator.core.errors import ReportError
from generator.core.paths import BUILD, REPORT
from generator.paper import Overrides
from generator.preview import preview
from tests.conftest import ROOT, build

OPTIONS = ["--data", "d.npz", "--replicates", "3", "--set", "title=A title", "--set", "training.epochs=2", "--draft"]


def ran(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """The status of a command."""
    monkeypatch.setattr(sys, "argv", ["generator", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def requested(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Request:
    """What a build is asked for."""
    requests: list[Request] = []
    monkeypatch.setattr(pipeline, "build", lambda request, display, early: requests.append(request))
    assert ran(monkeypatch, "build", *arguments) == 0
    return requests[0]


def test_a_build_is_asked_for_what_its_options_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    overrides: Overrides = {"title": "A title", "training.epochs": "2", "training.replicates": 3}
    more = ("--refresh", "--verbose")
    request = requested(monkeypatch, f"--paper={tmp_path}", f"--out={tmp_path}/out", *OPTIONS, *more)
    wanted = Request(tmp_path, tmp_path / "out", "d.npz", overrides, draft=True, refresh=True, verbose=True)
    assert request == wanted


@pytest.mark.parametrize("option", ["--explain", "--dry-run"])
def test_an_explanation_takes_the_place_of_a_build(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    explained: list[Request] = []
    monkeypatch.setattr(pipeline, "build", lambda request, display: pytest.fail("it builds"))
    monkeypatch.setattr(pipeline, "explain", lambda request, display: explained.append(request))
    assert ran(monkeypatch, "build", option) == 0
    assert len(explained) == 1


def test_the_default_paper_is_built_into_build_and_another_into_a_folder_of_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert requested(monkeypatch).out == BUILD
    assert requested(monkeypatch, f"--paper={REPORT}").out == BUILD
    assert requested(monkeypatch, f"--paper={tmp_path / 'mine'}").out == BUILD / "mine"


def test_a_paper_whose_place_is_taken_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "build", f"--paper={tmp_path / 'site'}") == 2
    assert "build/site is used by the paper in report" in capsys.readouterr().err
    assert requested(monkeypatch, f"--paper={tmp_path / 'site'}", f"--out={tmp_path}").out == tmp_path


def test_a_preview_builds_what_its_own_options_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    handed: list[str] = []

    def show(paper: Path, out: Path, data: str | None, arguments: Sequence[str], *_: object) -> None:
        assert (paper, out, data) == (tmp_path, tmp_path / "out", "d.npz")
        handed.extend(arguments)

    monkeypatch.setattr(preview, "preview", show)
    options = [f"--paper={tmp_path}", f"--out={tmp_path}/out", *OPTIONS, "--scheduler=tcp://127.0.0.1:1"]
    assert ran(monkeypatch, "watch", *options) == 0
    built, asked = requested(monkeypatch, *handed), requested(monkeypatch, *options)
    as_text = {name: str(value) for name, value in asked.overrides.items()}
    assert built == replace(asked, overrides=as_text)


def test_what_a_site_was_built_with_is_recalled_as_it_was_asked_for(tmp_path: Path) -> None:
    request = Request(tmp_path, tmp_path, None, {"title": "2", "training.replicates": 3}, draft=True)
    last_request.remember(request)
    assert last_request.recall(tmp_path) == request


@pytest.mark.parametrize("arguments", [("--debug", "build"), ("build", "--debug"), ("build",)])
def test_a_traceback_is_shown_for_an_option_before_or_behind_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: Sequence[str]
) -> None:
    assert ran(monkeypatch, *arguments, "--set", "no value") == 2
    said = capsys.readouterr().err
    assert "--set: 'no value' is not KEY=VALUE" in said
    assert ("Traceback" in said) == ("--debug" in arguments)


@pytest.mark.parametrize("name", cli.commands.commands)
def test_every_command_can_be_asked_for_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert ran(monkeypatch, name, "--help") == 0
    assert "--debug" in capsys.readouterr().out


def test_a_wrong_setting_is_told_before_a_preview_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "watch", "--set", "no value") == 2
    assert "is not KEY=VALUE" in capsys.readouterr().err


def test_a_message_that_the_terminals_encoding_lacks_is_told_with_escapes(tiny: Path, tmp_path: Path) -> None:
    """ASCII stands for every encoding without an arrow; what is told to a preview is UTF-8 in any locale."""
    toml, told = tiny / "paper.toml", tmp_path / "told"
    toml.write_text(toml.read_text(encoding="utf-8") + '"→" = 1\n', encoding="utf-8")
    done = build(tiny, new=True, GENERATOR_FAILURE=str(told), LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "\\u2192 is not a key" in done.stderr
    assert "→ is not a key" in told.read_text(encoding="utf-8")


def test_a_build_that_a_preview_runs_tells_its_author_to_save(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path, tmp_path: Path
) -> None:
    """On the terminal and on the page."""
    (tiny / "paper.toml").write_text("title = \n", encoding="utf-8")
    asked, told = ("build", f"--paper={tiny}", f"--out={tmp_path / 'out'}"), tmp_path / "told"
    assert ran(monkeypatch, *asked) == 2
    assert "Fix this line and build again." in capsys.readouterr().err
    monkeypatch.setenv("GENERATOR_FAILURE", str(told))
    assert ran(monkeypatch, *asked) == 2
    for said in (capsys.readouterr().err, told.read_text(encoding="utf-8")):
        assert "Fix this line and save." in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ReportError('"We build again" does not hold.', "article.md:3", "Build again."),
            'article.md:3: "We build again" does not hold.\n  Save any file to build again.\n',
        ),
        (
            OSError(errno.ENOSPC, "We build again"),
            "We build again\n  Free some space and save any file to build again; finished steps are kept.\n",
        ),
    ],
)
def test_a_preview_changes_only_what_to_do_next(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    error: Exception,
    said: str,
) -> None:
    def fails(request: Request, display: object, early: object) -> None:
        raise error

    monkeypatch.setenv("GENERATOR_FAILURE", str(tmp_path / "told"))
    monkeypatch.setattr(pipeline, "build", fails)
    assert ran(monkeypatch, "build") == 1
    assert capsys.readouterr().err == said == (tmp_path / "told").read_text(encoding="utf-8") + "\n"


def test_a_python_without_the_packages_is_told_which_one_to_use() -> None:
    """The option -S leaves site-packages out, as in the system's Python."""
    command = [sys.executable, "-S", "-m", "generator", "doctor"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"This Python has no package \w+\.\n  Run this with \.venv/bin/python, .*\n", done.stderr)


def test_nothing_of_a_paper_that_is_not_there_is_published(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert ran(monkeypatch, "publish", "../pages/", "--paper", str(tmp_path / "never")) == 2
    assert "There is no such folder" in capsys.readouterr().err


def test_what_a_command_prints_is_escaped_too(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, "latin-1"))
    monkeypatch.setattr("generator.render.doctor.examine", lambda: print("é → ∞"))
    assert ran(monkeypatch, "doctor") == 0
    sys.stdout.flush()
    assert output.getvalue().startswith("é \\u2192 \\u221e\n".encode("latin-1"))


def test_a_message_does_not_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "editions.json").write_text('{"\\u001b[0m\\u009b": 1}')
    assert ran(monkeypatch, "verify", str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert "\x1b" not in said and "\x9b" not in said and "\\u001b[0m\\u009b" in said


def test_a_traceback_does_not_steer_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "editions.json").write_text('{"\\u001b[0m": 1}')
    assert ran(monkeypatch, "verify", str(tmp_path), "--debug") == 1
    said = capsys.readouterr().err
    assert "Traceback" in said and said.count("\\u001b[0m") >= 2 and "\x1b" not in said


@pytest.mark.parametrize("option", ["--paper", "--out", "--data"])
def test_a_path_that_is_not_utf_8_is_refused_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path, option: str
) -> None:
    paths = {"--paper": tiny, "--out": tiny.parent / "out"} | {option: tiny.with_name("caf\udce9")}
    shutil.copytree(tiny, tiny.with_name("caf\udce9"))
    assert ran(monkeypatch, "build", *(f"{name}={path}" for name, path in paths.items())) == 2
    said = capsys.readouterr().err
    assert "is not UTF-8" in said and "Rename the folder" in said and option in said


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC])
def test_a_place_where_the_system_lets_nothing_be_written_fails_the_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path, number: int
) -> None:
    out = tiny.parent / "out"

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert ran(monkeypatch, "build", f"--paper={tiny}", f"--out={out}") == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"{out}: {os.strerror(number)}" in said
    assert ("Free some space" if number == errno.ENOSPC else "Check that you may write there") in said


COMMANDS_OF_A_LOOP = {
    "build --paper LOOP": "--paper",
    "build --out LOOP": "--out",
    "watch --paper LOOP": "--paper",
    "clean --out LOOP": "--out",
    "clean --paper LOOP": "--paper",
    "key --paper LOOP": "--paper",
    "publish elsewhere/ --out LOOP": "--out",
    "new LOOP": "PAPER",
}


@pytest.mark.parametrize("command", COMMANDS_OF_A_LOOP)
def test_a_folder_that_is_a_link_to_itself_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert ran(monkeypatch, *(str(loop) if word == "LOOP" else word for word in command.split())) == 2
    assert f"{COMMANDS_OF_A_LOOP[command]}: Cannot create a folder at {loop}" in capsys.readouterr().err


def test_data_in_the_folder_of_nobody_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path
) -> None:
    assert ran(monkeypatch, "build", f"--paper={tiny}", f"--out={tiny.parent / 'out'}", "--data=~nobody-here/a") == 2
    assert "was not found, or is not readable" in capsys.readouterr().err


def test_clean_says_what_it_removed_and_what_it_could_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    freed = retention.Freed(3, 12_345, 1, "")
    monkeypatch.setattr(retention, "clean", lambda root, everything: freed)
    assert ran(monkeypatch, "clean", f"--out={tmp_path}") == 0
    assert capsys.readouterr().out == "Removed: three entries, 12.3 kB. Kept: 1.\n"
    freed = retention.Freed(1, 0, 1, "cache/file: Permission denied")
    assert ran(monkeypatch, "clean", f"--out={tmp_path}") == 1
    told = capsys.readouterr()
    assert told.out == "Removed: one entry, 0 bytes. Kept: 1.\n"
    assert told.err.startswith("cache/file: Permission denied: An entry could not be removed\n  Check its permissions")


def test_clean_empties_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = tmp_path / "cache" / "stage" / ("0" * 64) / ("1" * 64)
    entry.mkdir(parents=True)
    (entry / "file").write_bytes(bytes(2_000))
    assert ran(monkeypatch, "clean", "--all", f"--out={tmp_path}") == 0
    assert capsys.readouterr().out == "Removed: one entry, 2.0 kB. Kept: 0.\n"
    assert not entry.exists()

    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert ran(monkeypatch, "build", f"--paper={tmp_path / 'loop'}") == 2
    assert "--paper: Cannot create a folder at" in capsys.readouterr().err


def test_only_one_variant_is_asked_for_as_a_draft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    request = requested(monkeypatch, f"--paper={tmp_path}", "--only", "wide")
    assert (request.only, request.draft) == ("wide", True)
    assert requested(monkeypatch, f"--paper={tmp_path}").only is None


@pytest.mark.parametrize(
    ("variants", "step"),
    [
        ('[variants.wide]\ntitle = "Wide"\nmodel = { width = 9 }\n', 'Did you mean "wide"?'),
        ("", "Add it to paper.toml, under [variants]."),
    ],
)
def test_a_variant_that_the_paper_does_not_have_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], variants: str, step: str
) -> None:
    toml = 'title = "A paper"\nauthors = ["Ada Example"]\ndate = 2026-01-02\n'
    (tmp_path / "paper.toml").write_text(toml + variants)
    out = tmp_path.parent / f"{tmp_path.name} out"
    assert ran(monkeypatch, "build", f"--paper={tmp_path}", f"--out={out}", "--only", "wied") == 2
    said = capsys.readouterr().err
    assert "--only: The paper has no variant wied\n" in said and step in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("publish", ""), "Missing TO\n  Name a folder, as in TO=../site/"),
        (("clean", "--paper", "no-such"), "--paper no-such: There is no such folder"),
    ],
)
def test_a_mistake_in_the_arguments_is_told_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert ran(monkeypatch, *arguments) == 2
    assert capsys.readouterr().err.startswith(told)


def test_a_setting_given_as_an_option_is_told_with_how_to_set_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, "build", "--batch-size", "3") == 2
    assert capsys.readouterr().err.endswith("write --set training.batch_size=VALUE.\n")
    assert ran(monkeypatch, "build", "--nonsense") == 2
    assert "--set" not in capsys.readouterr().err
