"""Progress on a terminal and in a file."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from generator.core.console import Display, visible
from generator.records.progress import Progress


def at(task: str, epoch: int, step: int) -> Progress:
    done, where = (epoch - 1) * 10 + step, f"epoch {epoch}/2  step {step}/10"
    return Progress(task, done, 20, where, done == 20, {"loss": 0.25, "accuracy": 0.5})


def test_a_terminal_shows_a_bar_for_each_task_with_where_it_stands() -> None:
    file = io.StringIO()
    display = Display(Console(file=file, force_terminal=True, width=120, color_system=None))
    with display.tasks("Training", 2) as done:
        display.progress(at("replicate 0", 1, 5))
        display.progress(at("replicate 1", 2, 10))
        done()
    text = file.getvalue()
    assert "replicate 0" in text
    assert "epoch 1/2  step 5/10  accuracy 0.5  loss 0.25" in text
    assert "replicate 1" in text
    assert "epoch 2/2  step 10/10" in text
    assert "━" in text


def test_names_beside_a_bar_do_not_steer_the_terminal() -> None:
    file = io.StringIO()
    display = Display(Console(file=file, force_terminal=True, width=120, color_system=None))
    with display.tasks("Training", 1):
        display.progress(Progress("\x07[bold]0[/]", 1, 2, "epoch 1/1", False, {"\x07loss": 0.5}))
    assert "\x07" not in file.getvalue()
    assert "\\u0007[bold]0[/]" in file.getvalue() and "\\u0007loss" in file.getvalue()


def test_a_bar_says_how_many_tasks_are_done_even_before_the_first() -> None:
    file = io.StringIO()
    display = Display(Console(file=file, force_terminal=True, width=120, color_system=None))
    with display.tasks("Measuring", 2) as done:
        display.console.file.flush()
        assert "Measuring" in file.getvalue() and "0 of 2 tasks done" in file.getvalue()
        done()
        done()
    assert "2 of 2 tasks done" in file.getvalue()


def test_a_file_gets_a_line_at_each_milestone_and_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    file, now = io.StringIO(), 0.0
    monkeypatch.setattr("generator.core.console.time.monotonic", lambda: now)
    display = Display(Console(file=file, width=40))
    with display.tasks("Training", 1):
        for epoch, step in ((1, 2), (1, 5), (1, 10), (2, 3), (2, 5), (2, 8), (2, 10)):
            now += 10
            display.progress(at("replicate 0", epoch, step))
    shown = [line.partition("  accuracy")[0] for line in file.getvalue().splitlines()]
    assert shown == [f"  replicate 0: epoch {epoch}/2  step {step}/10" for epoch, step in ((1, 2), (2, 3), (2, 10))]
    assert file.getvalue().splitlines()[-1] == "  replicate 0: epoch 2/2  step 10/10  accuracy 0.5  loss 0.25"


def test_what_is_said_is_printed_as_it_is_even_if_it_looks_like_markup() -> None:
    file = io.StringIO()
    Display(Console(file=file, width=20)).say("[bold]a layer[/bold] with a name that is long")
    assert file.getvalue() == "[bold]a layer[/bold] with a name that is long\n"


def test_what_others_wrote_is_shown_with_escapes_and_not_obeyed() -> None:
    shown = io.StringIO()
    Display(Console(file=shown)).say("a\x1b[31m\x07\r\x9b\u202eb\nc")
    assert shown.getvalue() == "a\\u001b[31m\\u0007\\u000d\\u009b\\u202eb\nc\n"
    assert json.loads(visible('"\x7f\u2066"')) == "\x7f\u2066"
