"""Signals at moments of a build that are spaced evenly, from its start to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from generator.core.signals import INTERRUPTED
from tests.conftest import ROOT, command, environment
from tests.faults.trials import RETITLED, Ended, Place, Row, healed, row, run_new, unfinished, whole

MOMENTS = 8
STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}
PROMPT = 2.0
"""Seconds that an interrupted build has to end, and after that its children."""


def rows(place: Place) -> Iterator[Row]:
    """Each signal in a first build and in a rebuild of the article; and a kill at each call of a publish."""
    for cold, name in ((True, "first build"), (False, "rebuild")):
        place.restore(cold)
        started = time.monotonic()
        run_new(_command(place, cold))
        duration = time.monotonic() - started
        for number in STATUSES:
            moments = [duration * (index + 0.5) / MOMENTS for index in range(MOMENTS)]
            yield row(f"{number.name} in a {name}", (_tried(place, cold, number, moment) for moment in moments))
    with tempfile.TemporaryDirectory() as folder:
        killed = run_new([sys.executable, "-m", "tests.support.killing", folder], SOURCE_DATE_EPOCH="1700000000")
    yield row("SIGKILL at each call of a publish", ["" if killed.status == 0 else killed.said])


def _command(place: Place, cold: bool) -> list[str]:
    return command(place.paper, *(() if cold else RETITLED))


def _tried(place: Place, cold: bool, number: signal.Signals, moment: float) -> str:
    place.restore(cold)
    wrong = _interrupted(place, cold, number, moment)
    found = wrong or whole(place) or healed(place)
    return found and f"{number.name} after {moment:.2f} s: {found}"


def _interrupted(place: Place, cold: bool, number: signal.Signals, moment: float) -> str:
    """What is wrong with how a build ended that got a signal; nothing if it had ended before."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            _command(place, cold), cwd=ROOT, env=environment(), stderr=said, start_new_session=True
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
            return ""
        process.send_signal(number)
        started = time.monotonic()
        status = process.wait()
        took = time.monotonic() - started
        _, left = psutil.wait_procs(_session(process.pid), timeout=PROMPT)
        alive = [one for one in left if _runs(one)]
        said.seek(0)
        ended = Ended(status, said.read())
    return _late(took, alive) or (_unclean(place, ended, number) if number != signal.SIGKILL else "")


def _session(leader: int) -> list[psutil.Process]:
    """The processes that a build has started and that still run."""
    found = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError):
            if os.getsid(process.pid) == leader and _runs(process):
                found.append(process)
    return found


def _runs(process: psutil.Process) -> bool:
    """Whether a process runs; one that has ended stays in the table until the system's first process notices."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _late(took: float, alive: list[psutil.Process]) -> str:
    if took > PROMPT:
        return f"it took {took:.1f} s to end"
    return f"{len(alive)} of its processes were still there after {PROMPT:.0f} s" if alive else ""


def _unclean(place: Place, ended: Ended, number: signal.Signals) -> str:
    early = not ended.said and ended.status == -number  # before Python itself had started
    late = ended.status == 0 and "Done: " in ended.said  # the build had ended, and Python was about to
    if not (early or late) and (ended.status != STATUSES[number] or ended.said.splitlines()[-1:] != [INTERRUPTED]):
        return f"it ended with status {ended.status} and said: {ended.said}"
    if "Traceback" in ended.said:
        return f"it showed a traceback: {ended.said}"
    left = unfinished(Path(place.out))
    return f"it left {left}" if left else ""
