"""The command `diff`: opens two editions, compares them, and writes the difference as requested."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console

from generator.core.console import visible
from generator.core.errors import Place
from generator.core.files import write_atomically
from generator.diff.difference import differences
from generator.diff.operands import open_edition
from generator.diff.terminal import tell


def compare_editions(before: str, after: str, as_json: bool, html: Path | None, console: Console) -> None:
    """Compares the editions that two operands name; writes the page to `html`.

    Raises UsageError when one of them is not an edition that can be read.
    """
    old, new = open_edition(before), open_edition(after)
    difference = differences(old, new)
    if html:
        from generator.diff.page import render_difference  # imports the fonts, which the rest does not need

        write_atomically(html, render_difference(difference, old.page, new.page).encode())
    if as_json:
        console.file.write(visible(msgspec.json.format(msgspec.json.encode(difference), indent=1).decode()) + "\n")
        return
    tell(difference, console)
    if html:
        console.print(f"\nWritten: {Place(html)}", markup=False, highlight=False)
