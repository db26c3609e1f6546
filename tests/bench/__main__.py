"""How long builds of the default paper and its network take, and how much memory, in a folder of their own.

Each figure stands beside its peer of the same run: a rebuild beside the cold build, the work around training beside
training itself. Machines differ and are shared, so the ratios say more than the seconds.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from generator.records.measures import AFTER
from tests.bench import editions, inference, recording

ROOT = Path(__file__).resolve().parent.parent.parent
REPEATS = 5


@dataclass(frozen=True)
class Measured:
    """One build: its seconds and what it printed.

    `peak` is the most memory in MB that all of its processes have at once, what they share counted once; `cpu` the
    seconds that they computed.
    """

    seconds: float
    peak: float
    cpu: float
    said: str
    stages: dict[str, float]


def run(*command: str | Path) -> Measured:
    """Runs a command to its end, watching its processes; raises CalledProcessError when it fails."""
    started, before = time.perf_counter(), cpu_seconds()
    with subprocess.Popen(list(map(str, command)), cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        peaks: list[float] = []
        watch = threading.Thread(target=watch_memory, args=(psutil.Process(process.pid), peaks))
        watch.start()
        said, stages = [], {}
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            stages[line.strip()] = time.perf_counter() - started
        status = process.wait()
    seconds = time.perf_counter() - started
    watch.join()
    if status:
        raise subprocess.CalledProcessError(status, command, stderr="".join(said))
    return Measured(seconds, max(peaks, default=0.0), cpu_seconds() - before, "".join(said), stages)


def cpu_seconds() -> float:
    """The processor time of all processes that have ended and were waited for."""
    times = os.times()
    return times.children_user + times.children_system


def watch_memory(process: psutil.Process, peaks: list[float]) -> None:
    """Samples the proportional set sizes of a process and its descendants, together, until it ends."""
    while True:
        try:
            peaks.append(sum(map(proportional, [process, *process.children(recursive=True)])))
            process.wait(timeout=0.2)
            return
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            return


def proportional(process: psutil.Process) -> float:
    """The memory of a process in MB, with its share of what it has in common with others; 0 when it has ended."""
    try:
        return float(process.memory_full_info().pss / 1e6)
    except psutil.Error:
        return 0.0


def median(measure: Callable[[], Measured]) -> float:
    return statistics.median(measure().seconds for _ in range(REPEATS))


def main() -> None:
    table = Table("measured", "value", "aim", "beside it, in the same run")
    with tempfile.TemporaryDirectory() as name:
        paper, out = Path(name) / "paper", Path(name) / "build"
        shutil.copytree(ROOT / "report", paper)
        build = (sys.executable, "-m", "generator", "build", "--paper", paper, "--out", out)
        cold = run(*build)
        training = trained(cold)
        rest = cold.seconds - training
        table.add_row("cold build", f"{cold.seconds:.1f} s", "", "")
        share = f"{rest / cold.seconds:.0%} of the cold build; training {training:.1f} s"
        table.add_row("all but training", f"{rest:.1f} s", "15 s", share)
        table.add_row("peak memory, all processes", f"{cold.peak:.0f} MB", "", "")
        for stage in ("evidence", *AFTER):
            shutil.rmtree(out / "cache" / stage, ignore_errors=True)
        evidence = run(*build)
        beside = f"{evidence.cpu:.0f} s of processor time; training took {training:.1f} s"
        table.add_row("everything measured again", f"{evidence.seconds:.1f} s", "120 s", beside)
        table.add_row("its peak memory", f"{evidence.peak:.0f} MB", "2000 MB", f"{cold.peak:.0f} MB with training")
        plain, recorded = (recording.epoch_seconds(paper, out, kept) for kept in (False, True))
        table.add_row(
            "an epoch, reads recorded", f"{recorded:.2f} s", "", f"{recorded / plain:.3f} × without, {plain:.2f} s"
        )
        nothing = median(lambda: run(*build))
        table.add_row("nothing changed", f"{nothing:.2f} s", "1.0 s", f"{nothing / cold.seconds:.2%} of the cold build")
        prose = median(lambda: edited(paper / "article.md", build))
        table.add_row("prose edited", f"{prose:.2f} s", "3 s", f"{prose / cold.seconds:.2%} of the cold build")
        page, keras = inference.in_the_page(out / "site" / "index.html"), inference.in_keras(paper / "experiment.py")
        table.add_row("one image in the page", f"{page:.1f} ms", "30 ms", f"model.predict {keras:.1f} ms")
        add_outputs(table, paper, out, prose)
        edit = partial(edited, paper / "article.md", build)
        first, last = editions.compared(Path(name), out, lambda *command: run(*command).seconds, edit)
        table.add_row("31st publish", f"{last:.2f} s", "2 × the 1st", f"{last / first:.2f} × the 1st, {first:.2f} s")
        if "MNIST_PATH" not in os.environ and "Preview" in cold.said:
            table.caption = "on the sample; set MNIST_PATH for the paper's own data"
    Console().print(table)


TYPESETTING = """
import sys, time
from pathlib import Path
from generator.article import typesetting
from generator.render import pdf
from generator.cli import main

told = Path(sys.argv.pop())

def measured(*arguments, typeset=pdf.typeset):
    import weasyprint
    started = time.perf_counter()
    made = typeset(*arguments)
    told.write_text(str(time.perf_counter() - started))
    return made

pdf.typeset = measured
main()
"""


def add_outputs(table: Table, paper: Path, out: Path, rebuild: float) -> None:
    """The rows of PDF and page: the seconds of setting the PDF, without imports, are taken inside a rebuild."""
    told = out.parent / "seconds"
    took = []
    for _ in range(REPEATS):
        build = (sys.executable, "-c", TYPESETTING, "build", "--paper", paper, "--out", out, told)
        peak = edited(paper / "article.md", build).peak
        took.append(float(told.read_text()))
    seconds, size = statistics.median(took), (out / "site" / "article.pdf").stat().st_size / 1e6
    table.add_row("PDF set in type", f"{seconds:.2f} s", "2 s", f"{seconds / rebuild:.0%} of the rebuild")
    table.add_row("peak memory of that build", f"{peak:.0f} MB", "400 MB", "with the page and results.json")
    table.add_row("size of the PDF", f"{size:.2f} MB", "3 MB", "with what is attached")
    page = (out / "site" / "index.html").read_bytes()
    packed = f"{len(gzip.compress(page)) / 1e6:.2f} MB gzipped, of 1.0 MB"
    table.add_row("size of the page", f"{len(page) / 1e6:.2f} MB", "1.6 MB", packed)


def edited(article: Path, build: tuple[str | Path, ...]) -> Measured:
    """A rebuild after a word is added to the prose."""
    article.write_text(article.read_text().replace("# Conclusion\n\n", "# Conclusion\n\nAgain: ", 1))
    return run(*build)


def trained(cold: Measured) -> float:
    """Seconds from the data's being loaded to the last replicate's end, TensorFlow's start included."""
    loaded = next(at for line, at in cold.stages.items() if line == "Loading the data")
    ends = [at for line, at in cold.stages.items() if (m := re.search(r"epoch (\d+)/(\d+)", line)) and m[1] == m[2]]
    return max(ends) - loaded


if __name__ == "__main__":
    main()
