"""A difference on the terminal: the results first, then what they depend on, then the text.

Removed words are in [-…-] and added ones in {+…+}, as in git's word diff, so that it can be read without colors. Long
tables of numbers that mean little individually, such as the cells of a matrix, are only summarized by their counts.
"""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from generator.core.console import visible
from generator.core.formatting import integer
from generator.diff.difference import NO_TEXT, NOTHING, summary
from generator.diff.tables import Listed, described, tables
from generator.records.difference import Difference, Passage, Piece

MAX_ROWS = 12
MAX_WORDS = 12
"""How many words of equal text are shown before and after a change."""

_MARKS = {"removed": ("[-", "-]", "red"), "added": ("{+", "+}", "green"), "same": ("", "", "")}
_LINES = {"removed": ("-", "red"), "added": ("+", "green"), "same": (" ", "")}


def tell(difference: Difference, console: Console) -> None:
    """Prints a difference."""
    console.print(_shown(f"Before: {described(difference.before)}"), soft_wrap=True)
    console.print(_shown(f"After:  {described(difference.after)}"), soft_wrap=True)
    for table in tables(difference):
        _print(f"{table.title} ({_count(table)})", _counted(table) if _is_long(table) else _set(table), console)
    for passage in difference.code or ():
        _print(f"Code: {passage.section}", _lines(passage), console)
    for passage in difference.prose or ():
        _print(f"Prose: {passage.section}", _words(passage), console)
    if difference.figures:
        _print("Figures", _shown(", ".join(figure.name for figure in difference.figures)), console)
    if difference.prose is None:
        console.print(Text(f"\n{NO_TEXT}"), soft_wrap=True)
    if summary(difference) == NOTHING:
        console.print(Text(f"\n{NOTHING[0]}"))


def _shown(text: str, style: str = "") -> Text:
    """Text from an edition, which may come from anyone, made safe for the terminal."""
    return Text(visible(text), style)


def _print(title: str, content: Table | Text, console: Console) -> None:
    console.print(_shown(f"\n{title}", "bold"), soft_wrap=True)
    console.print(Padding(content, (0, 0, 0, 2)))


# --- tables --------------------------------------------------------------------------------------


def _count(table: Listed) -> str:
    return integer(len(table.rows))


def _is_long(table: Listed) -> bool:
    return table.details and len(table.rows) > MAX_ROWS


def _counted(table: Listed) -> Text:
    """The number of rows, by the first part of their names."""
    counts = Counter(row[0].split(".")[0] for row in table.rows)
    return _shown(", ".join(f"{name} {integer(count)}" for name, count in counts.items()))


def _set(table: Listed) -> Table:
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in table.columns:
        grid.add_column(column, overflow="fold")
    for name, *cells in table.rows:
        grid.add_row(_named(name, table.words.get(name, name)), *map(_shown, cells))
    return grid


def _named(name: str, words: str) -> Text:
    """What a row is about: in words, with its name below them if it has another."""
    return _shown(name) if words == name else _shown(words).append_text(_shown(f"\n{name}", "dim"))


# --- text ----------------------------------------------------------------------------------------


def _words(passage: Passage) -> Text:
    text, last = Text(), len(passage.pieces) - 1
    for place, piece in enumerate(passage.pieces):
        before, after, style = _MARKS[piece.kind]
        words = _shortened(piece, is_first=place == 0, is_last=place == last)
        text.append(visible(f"{before}{words}{after}"), style).append(" " if place < last else "")
    return text


def _shortened(piece: Piece, is_first: bool, is_last: bool) -> str:
    """The text of a piece, with equal text shortened to the words next to a change."""
    words = piece.text.split(" ")
    head = 0 if is_first else MAX_WORDS
    tail = 0 if is_last else MAX_WORDS
    if piece.kind != "same" or len(words) <= head + tail:
        return piece.text
    return " ".join([*words[:head], "…", *words[len(words) - tail :]])


def _lines(passage: Passage) -> Text:
    text = Text()
    for piece in passage.pieces:
        mark, style = _LINES[piece.kind]
        text.append(visible("".join(f"{mark} {line}\n" for line in piece.text.split("\n"))), style)
    text.rstrip()
    return text
