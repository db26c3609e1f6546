"""What the benchmark says of its measurements: ratios, counts, a busy machine, and the paper that it builds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from generator.build import preflight
from generator.core.paths import REPORT
from generator.paper import load_paper
from generator.prose import prose
from generator.records.condition import MAIN
from tests.bench import builds, growth, machine
from tests.bench.__main__ import Found, as_json
from tests.bench.machine import BUSY_CORES, Machine
from tests.bench.places import REPLICATES, copy_default_paper, edit
from tests.bench.processes import Measured, run
from tests.bench.rows import Row, cells, unmeasured
from tests.bench.training import Network
from tests.conftest import PAPERS
from tests.support.selection import selected

SMALL = Network(batch=2, classes=3, layers=[(4, 9, 5), (1, 20, 3)])
"""A convolution of 3 × 3 with 5 filters for 4 places, and a dense layer for 3 classes."""

UNAWAITED = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
end, begin = os.pipe()
if os.fork() == 0:
    while time.process_time() < 1:
        pass
    os._exit(0)
os.close(begin)
os.read(end, 1)
"""
"""A process that computes for a second in a child for which nobody waits, as the processes of tasks are."""

FAILING = """
import os, time
if os.fork() == 0:
    while time.process_time() < 0.5:
        pass
    os._exit(0)
raise SystemExit(3)
"""
"""A process that fails before the one that it started closes standard error."""


@pytest.mark.parametrize(
    ("value", "peer", "written"),
    [(3.0, 2.0, "1.5 × the peer, 2 s"), (0.5, 20.0, "1/40 of the peer, 20 s"), (3.0, None, "the peer")],
)
def test_a_row_says_how_many_times_its_peer_the_value_is(value: float, peer: float | None, written: str) -> None:
    row = Row("measured", value, "s", "1 s", "the peer", peer, "a note")
    assert cells(row) == ("measured", f"{value:g} s", "1 s", f"{written}; a note")
    assert row.ratio == (value / peer if peer else None)


def test_what_could_not_be_measured_has_no_value_but_a_reason() -> None:
    assert cells(unmeasured("PyTorch", "it is not installed")) == (
        "PyTorch",
        "—",
        "",
        "not measured: it is not installed",
    )


def test_the_floor_counts_each_product_forward_and_backward_and_no_gradient_of_the_images() -> None:
    first, last = [(8, 9, 5), (9, 8, 5)], [(2, 20, 3), (20, 2, 3), (2, 3, 20)]
    assert SMALL.products() == first + last
    assert SMALL.multiply_adds() == 2 * 360 + 3 * 120
    assert SMALL.weights() == 9 * 5 + 5 + 20 * 3 + 3


def test_growth_is_beside_linear_growth_from_the_size_before() -> None:
    sizes = ((10, [measured(2, 50)]), (20, [measured(9, 60), measured(3, 70), measured(1, 80)]))
    rows = list(growth.grown("sections", sizes))
    assert [(row.name, row.value, row.peer, row.peer_value) for row in rows if "processor" not in row.name] == [
        ("sections, 10: time of a build", 2, "", None),
        ("sections, 10: memory of a build", 50, "", None),
        ("sections, 20: time of a build", 3, "linear growth from 10", 4),
        ("sections, 20: memory of a build", 70, "linear growth from 10", 100),
    ]


def measured(seconds: float, peak: float) -> Measured:
    return Measured(seconds, peak, seconds, {})


def test_the_machine_is_busy_if_others_used_it_in_any_pause() -> None:
    assert machine.caption([0.0, BUSY_CORES]) == ""
    said = machine.caption([0.0, 1.5, 0.0, BUSY_CORES + 0.1])
    assert said.startswith("The machine was busy: in 2 of 4 pauses, others used up to 1.5 of ")


def test_the_file_has_each_row_with_its_ratio_and_whether_the_machine_was_busy() -> None:
    here = Machine("a processor", 2, "Linux", {}, 0.5, "2026-01-02T03:04:05+00:00", "a commit", is_dirty=False)
    found = [Found("builds", Row("cold build", 6.0, "s", "3 × its peer", "the script", 2.0), others=1.0)]
    written = json.loads(as_json(here, [0.0, 1.0], found))
    assert (written["processor"], written["commit"], written["is_busy"]) == ("a processor", "a commit", True)
    (row,) = written["rows"]
    assert (row["subject"], row["value"], row["peer_value"], row["ratio"], row["others"]) == ("builds", 6, 2, 3, 1)


def test_training_takes_from_the_loading_of_the_data_to_the_last_replicate() -> None:
    said = {"Loading the data": 2.0, "replicate 0: epoch 1/2  step 9/9": 5.0, "replicate 0: epoch 2/2  trained": 8.0}
    assert builds.trained(said | {"replicate 1: epoch 2/2  trained": 9.0, "Drawing the figures": 20.0}) == 7


def test_processor_time_counts_processes_for_which_nobody_waits() -> None:
    assert run(sys.executable, "-c", UNAWAITED).cpu > 0.7


def test_a_command_that_fails_is_no_measurement_even_if_it_is_waited_for_late() -> None:
    with pytest.raises(CalledProcessError, match="status 3"):
        run(sys.executable, "-c", FAILING)


def test_a_subject_that_there_is_not_is_told_with_those_that_there_are() -> None:
    subjects = {"builds": 1, "growth": 2}
    assert selected([], subjects) == subjects
    assert selected(["growth"], subjects) == {"growth": 2}
    with pytest.raises(SystemExit, match=r"There is no subject grow\. Choose from: builds, growth\."):
        selected(["grow"], subjects)


def test_the_copy_of_the_default_paper_is_measured_as_fully_but_compares_and_claims_nothing(tmp_path: Path) -> None:
    copy = copy_default_paper(tmp_path / "paper")
    paper, text = load_paper(copy, {}), prose.read(copy / "article.md")
    assert (paper.variants, paper.training.replicates) == ({}, REPLICATES)
    assert [token for token in text.walk() if token.type == "claim"] == []
    before, after = (preflight.needs(folder, load_paper(folder, {})) for folder in (REPORT, copy))
    assert after.measures == {MAIN: before.measures[MAIN]}
    assert after.explorer == before.explorer


def test_an_edit_adds_a_word_to_the_last_paragraph_each_time(tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text((PAPERS / "tiny" / "article.md").read_text())
    edit(article)
    edit(article)
    assert "\n\nAgain: Again: Of {{ data.images.test }} images" in article.read_text()
    prose.read(article)
