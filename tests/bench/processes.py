"""Runs what is measured in processes of its own, and watches how much time and memory they take."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT

REPEATS = 5
SAMPLE_SECONDS = 0.2
"""The time between samples. Up to as much of a process's time is missed, since its last sample is before its end."""


@dataclass(frozen=True)
class Measured:
    """A command that has ended well.

    Attributes:
        seconds: how long it took.
        peak: the most memory in MB that all of its processes had at once, with what they share counted once.
        cpu: the seconds of processor time of all of its processes.
        said: what it printed for errors, by line, with the seconds after which it printed the line last.
    """

    seconds: float
    peak: float
    cpu: float
    said: Mapping[str, float]


@dataclass
class Usage:
    """What a process and its descendants use, by samples.

    The kernel does not add the time of all of them to that of their parents: nobody waits for the processes of tasks.

    Attributes:
        peak: the most memory in MB.
        seconds: processor time of each process, by its number and start.
    """

    peak: float = 0.0
    seconds: dict[tuple[int, float], float] = field(default_factory=dict)

    def watch(self, pid: int, end: threading.Event) -> None:
        """Takes samples until the process has ended, for which it does not wait: its status is for who started it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            while not end.wait(SAMPLE_SECONDS):
                self.peak = max(self.peak, sum(map(self._look, [process, *process.children(recursive=True)])))

    def _look(self, process: psutil.Process) -> float:
        """Notes the time of a process; its memory in MB, with its share of what it has in common with others."""
        try:
            times = process.cpu_times()
            self.seconds[process.pid, process.create_time()] = times.user + times.system
            memory = process.memory_full_info()
            return float(getattr(memory, "pss", memory.rss) / 1e6)  # only Linux tells the share
        except psutil.Error:  # it has ended
            return 0.0


def run(*command: str | Path) -> Measured:
    """Runs a command to its end, watching its processes; raises CalledProcessError when it fails."""
    started, usage, said = time.perf_counter(), Usage(), dict[str, float]()
    with subprocess.Popen(list(map(str, command)), cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        end = threading.Event()
        watch = threading.Thread(target=usage.watch, args=[process.pid, end])
        watch.start()
        assert process.stderr is not None
        for line in process.stderr:
            said[line.strip()] = time.perf_counter() - started
        status = process.wait()
        end.set()
    seconds = time.perf_counter() - started
    watch.join()
    if status:
        print(*said, sep="\n", file=sys.stderr)
        raise subprocess.CalledProcessError(status, command)
    return Measured(seconds, usage.peak, sum(usage.seconds.values()), said)


def building(paper: Path, out: Path) -> tuple[str | Path, ...]:
    """The command that builds a paper."""
    return sys.executable, "-m", "generator", "build", "--paper", paper, "--out", out


def median(measure: Callable[[], Measured]) -> float:
    """The median seconds of several runs."""
    return statistics.median(measure().seconds for _ in range(REPEATS))


def started(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A new process of this Python, or of the `python` that is given, that runs code and prints JSON at its end."""
    command = [options.pop("python", sys.executable), "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def told(process: subprocess.Popen[str]) -> Any:
    """What a process prints on its last line; raises CalledProcessError when it fails."""
    out, errors = process.communicate()
    if process.returncode:
        print(errors, file=sys.stderr)
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return json.loads(out.splitlines()[-1])
