"""The machine of a run, and whether other processes were using it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from generator.core import environment
from generator.core.formatting import significant
from tests.conftest import ROOT

PAUSE_SECONDS = 0.5
BUSY_CORES = 0.2
"""The machine is busy if others use more than this of one core."""


@dataclass(frozen=True)
class Machine:
    """Where and when a run was made, and of what.

    Attributes:
        processor: its name.
        cores: how many it has.
        platform: the operating system.
        versions: of Python and of the libraries that train.
        load: the load average of the minute before the run.
        started: when the run began, in ISO 8601.
        commit: the commit that is checked out; None outside a repository.
        is_dirty: whether the generator differed from it.
    """

    processor: str
    cores: int
    platform: str
    versions: dict[str, str]
    load: float
    started: str
    commit: str | None
    is_dirty: bool


def machine() -> Machine:
    """This machine, now."""
    now, at = datetime.datetime.now().astimezone(), environment.commit(ROOT / "generator")
    here = environment.describe(seed=0, threads=1, at=at)
    return Machine(
        here.cpu, cores(), here.platform, {"python": here.python, **here.versions}, os.getloadavg()[0],
        now.isoformat(timespec="seconds"), at.sha, at.dirty,
    )  # fmt: skip


def cores() -> int:
    return os.cpu_count() or 1


def used_by_others() -> float:
    """How many cores other processes use, or the host of this machine withholds for others.

    It measures how much of the machine is used in a pause of the benchmark, in which nothing of it runs; of two
    pauses, the quieter one counts, since the first may see how a measured process is removed. A process that ends
    before the pause is missed: what disturbs a whole row is not.
    """
    return float(min(psutil.cpu_percent(PAUSE_SECONDS) for _ in range(2)) / 100 * cores())


def is_busy(pauses: Sequence[float]) -> bool:
    """Whether others used the machine in any of these pauses, by the cores that they used."""
    return max(pauses, default=0.0) > BUSY_CORES


def caption(pauses: Sequence[float]) -> str:
    """What is said below the table about others' use of the machine in the pauses, in cores."""
    if not is_busy(pauses):
        return ""
    most, busy = significant(max(pauses), 2), sum(used > BUSY_CORES for used in pauses)
    return f"The machine was busy: in {busy} of {len(pauses)} pauses, others used up to {most} of {cores()} cores."
