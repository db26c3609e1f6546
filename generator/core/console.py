"""What the user sees while a build runs: a line for each step, and a live bar for each task.

If the output is not a terminal, plain lines replace the bars: one for each replicate when it is trained, and one now
and then as a sign of life. The command line prints errors.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from generator.core.formatting import significant
from generator.records.progress import Progress

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters with which a text could control the terminal that shows it, or reverse the direction of its text."""

SECONDS_BETWEEN_LINES = 30.0
"""How long a log is without a line on what is running."""


def visible(text: str) -> str:
    """The text with control characters escaped, so that a terminal shows what others wrote instead of obeying it.

    The escapes are valid in JSON.
    """
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class _Status(ProgressColumn):
    """What a task says of itself, cut off where the terminal ends, so that there is room for the times."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["status"], no_wrap=True, overflow="ellipsis")


class Display:
    """The terminal, or the file or pipe that replaces it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last_line = -math.inf

    def say(self, line: str) -> None:
        """Prints one line without interpreting markup."""
        self.console.print(Text(visible(line)), soft_wrap=True)

    @contextlib.contextmanager
    def tasks(self, doing: str, count: int) -> Iterator[Callable[[], None]]:
        """Shows the progress of `count` tasks. The block must call the function that it is given as each task ends.

        A terminal shows one bar for all tasks together, with the number done, and one for each task that sends its
        progress.
        """
        if not self.console.is_terminal:
            yield lambda: None
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            _Status(),
            TimeElapsedColumn(Column(no_wrap=True)),
            TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        )
        with Bars(*columns, console=self.console) as self._bars:
            yield self._together(self._bars, doing, count)
        self._bars = None
        self._tasks.clear()

    def _together(self, bars: Bars, doing: str, count: int) -> Callable[[], None]:
        """Adds the bar for all tasks, and returns a function that advances it when a task is done."""
        numbers = itertools.count(1)
        bar = bars.add_task(doing, total=count, status=f"0 of {count} tasks done")

        def move() -> None:
            done = next(numbers)
            bars.update(bar, completed=done, status=f"{done} of {count} tasks done")

        return move

    def progress(self, at: Progress) -> None:
        """Shows the progress of a task."""
        metrics = [f"{name} {significant(value)}" for name, value in sorted(at.metrics.items())]
        status = visible("  ".join([at.at, *metrics]))
        if self._bars is not None:
            self._move(self._bars, at, status)
        elif at.is_milestone or time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            self.say(f"  {at.task}: {status}")

    def _move(self, bars: Bars, at: Progress, status: str) -> None:
        if at.task not in self._tasks:
            self._tasks[at.task] = bars.add_task(visible(at.task), total=at.total, status=status)
        bars.update(self._tasks[at.task], total=at.total, completed=at.done, status=status)
