"""Puts faults into real builds of the tiny paper and prints what came of each kind.

    python -m tests.faults [signals] [damage] [scarcity] [special] [together]

Nothing may be lost: no number, no file of a finished site, no way to build again. The exit status is 1 if anything is.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.faults import damage, interruptions, scarcity, special, together
from tests.faults.trials import Place, Row, prepared
from tests.support.selection import selected

KINDS: dict[str, Callable[[Place], Iterator[Row]]] = {
    "signals": interruptions.rows,
    "damage": damage.rows,
    "scarcity": scarcity.rows,
    "special": special.rows,
    "together": together.rows,
}


def main(chosen: list[str]) -> int:
    """Runs the kinds of faults that were chosen, or all; the exit status."""
    # A command that was put in the background ignores interrupts (POSIX, 2.11 of the shell), and one that nohup started
    # ignores hangups; so would all builds.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    kinds, started, found = selected(chosen, KINDS), time.monotonic(), list[Row]()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        place = prepared(Path(folder))
        for rows in kinds.values():
            for each in rows(place):
                came = f"not tried: {each.lacking}" if each.lacking else f"{each.tries} tries, {len(each.lost)} lost"
                print(f"{each.fault}: {came}", file=sys.stderr, flush=True)
                print(*each.lost, sep="\n", end="\n" * bool(each.lost), file=sys.stderr, flush=True)
                found.append(each)
    _print(found)
    print(f"{(time.monotonic() - started) / 60:.0f} minutes")
    return int(any(each.lost for each in found))


def _print(found: list[Row]) -> None:
    table = Table("fault")
    for name in ("tries", "survived", "lost"):
        table.add_column(name, justify="right")
    for each in found:
        numbers = (each.tries, each.tries - len(each.lost), len(each.lost))
        table.add_row(
            *((f"{each.fault}\n  not tried: {each.lacking}",) if each.lacking else (each.fault, *map(str, numbers)))
        )
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
