"""Measures how long the generator takes and how much memory it uses, each beside a peer in the same run.

    python -m tests.bench [builds] [writing] [watching] [training] [recording] [inference] [editions] [growth] [setup]

Prints a table and writes build/bench.json. A line for each measurement shows the progress. Run it on an idle machine:
after each row it pauses, to see whether other processes use the machine, and says so if they do.

Two peers are not installed with the project. PyTorch is measured if it is installed here or for the Python that
BENCH_TORCH names; the original runs as a notebook if nbconvert and ipykernel can be imported, from a folder in
PYTHONPATH for instance.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from generator.core.files import write_atomically
from tests.bench import builds, editions, growth, inference, recording, setup, training, watching, writing
from tests.bench.machine import Machine, caption, is_busy, machine, used_by_others
from tests.bench.places import Place
from tests.bench.rows import Row, cells, unmeasured
from tests.conftest import ROOT
from tests.support.selection import selected

SUBJECTS: dict[str, Callable[[Place], Iterator[Row]]] = {
    "builds": builds.rows,
    "writing": writing.rows,
    "watching": watching.rows,
    "training": training.rows,
    "recording": recording.rows,
    "inference": inference.rows,
    "editions": editions.rows,
    "growth": growth.rows,
    "setup": setup.rows,
}

FAILED = "the rest of "
"""What the row begins with that replaces the other rows of a subject that failed."""

WRITTEN = ROOT / "build" / "bench.json"


@dataclasses.dataclass(frozen=True)
class Found:
    """A row, and how the machine was when it was measured.

    Attributes:
        subject: what it is about.
        row: the measurement.
        others: how many cores other processes used in the pause after it.
    """

    subject: str
    row: Row
    others: float


def main(names: list[str]) -> int:
    """Runs the subjects that were named, or all; the exit status, which is 1 if one of them failed."""
    chosen, here, started = selected(names, SUBJECTS), machine(), time.monotonic()
    before = used_by_others()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = list(_measured(chosen, Place(Path(folder))))
    pauses = [before, *(one.others for one in found)]
    write_atomically(WRITTEN, as_json(here, pauses, found))
    _print(found, caption(pauses))
    print(f"{(time.monotonic() - started) / 60:.0f} minutes; written to {WRITTEN.relative_to(ROOT)}")
    return int(any(one.row.name.startswith(FAILED) for one in found))


def _measured(chosen: dict[str, Callable[[Place], Iterator[Row]]], place: Place) -> Iterator[Found]:
    """Measures each row, and tells it."""
    for subject, rows in chosen.items():
        print(f"{subject} …", file=sys.stderr, flush=True)
        for row in _rows(subject, rows(place)):
            name, value, _, beside = cells(row)
            print(f"{name}: {value}", *filter(None, [beside]), sep="; ", file=sys.stderr, flush=True)
            yield Found(subject, row, used_by_others())


def _rows(subject: str, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows of a subject, up to one that fails: hours of the others are not lost."""
    try:
        yield from rows
    except Exception as error:
        traceback.print_exc()
        yield unmeasured(FAILED + subject, f"{type(error).__name__}, printed above")


def as_json(here: Machine, pauses: list[float], found: list[Found]) -> bytes:
    """All rows, with the machine, in the form of build/bench.json."""
    rows = [
        {"subject": one.subject, **dataclasses.asdict(one.row), "ratio": one.row.ratio, "others": one.others}
        for one in found
    ]
    whole = {**dataclasses.asdict(here), "is_busy": is_busy(pauses), "others": max(pauses), "rows": rows}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def _print(found: list[Found], caption: str) -> None:
    table = Table("measured", "value", "aim", "beside it, in the same run", caption=caption or None)
    for one in found:
        table.add_row(*cells(one.row))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
