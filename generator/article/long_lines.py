"""Finds words and lines of code that are too long to typeset, and reports their file and line before training.

The typesetter tries a line break at every character of a long word and of code, so the time grows with the square of
the length and could be minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from generator.article.printed_text import PrintedText
from generator.core.errors import Place, ReportError
from generator.core.formatting import integer

MAX_WORD_CHARACTERS, MAX_LINE_CHARACTERS = 1_000, 2_000
MAX_NAME_CHARACTERS = 200
"""For the names of layers and metrics, which appear in tables, charts, and the names of results."""

SHOWN = 20
"""How many characters of a word or name that is too long are shown."""

_LONG_WORD = re.compile(rf"\S{{{MAX_WORD_CHARACTERS + 1}}}")


def long_lines(printed: PrintedText) -> list[ReportError]:
    """One error for each word or line that is too long."""
    found = []
    for text, place in (*printed.texts, *printed.blocks, *printed.listing):
        if word := _LONG_WORD.search(text):
            what = (
                f"The word that begins with {word[0][:SHOWN]} has more than {integer(MAX_WORD_CHARACTERS)} characters."
            )
            found.append(ReportError(what, place, "Divide it with spaces or line breaks."))
    for line, place in (*printed.blocks, *printed.listing):
        if len(line) > MAX_LINE_CHARACTERS and not _LONG_WORD.search(line):
            what = f"The line of code has more than {integer(MAX_LINE_CHARACTERS)} characters."
            found.append(ReportError(what, place, "Divide it."))
    return found


def long_names(names: Iterable[str], experiment: Path) -> list[ReportError]:
    """One error for each name from the experiment that is too long."""
    limit = f"has more than {integer(MAX_NAME_CHARACTERS)} characters."
    return [
        ReportError(f"The name that begins with {name[:SHOWN]} {limit}", Place(experiment), "Choose a shorter name.")
        for name in dict.fromkeys(names)
        if len(name) > MAX_NAME_CHARACTERS
    ]
