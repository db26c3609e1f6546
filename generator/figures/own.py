"""The author's own figures and tables: functions of analysis.py, called with the results of all conditions.

A figure is drawn once, like the generator's own charts: in the article's typeface, with colors that are visible on
light pages, on dark pages, and on paper.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from jinja2 import TemplateSyntaxError, nodes

from generator.core.authored import imported, telling
from generator.core.diagnostics import suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import NO_INTERVAL, counted
from generator.figures import plotting
from generator.figures.contrast import unseen_color
from generator.prose.expressions import WRITING_FILTERS, UnknownError, Values, parsed, text_of, value_at
from generator.records.analysis import Cell, Declared, OwnExhibit, OwnPath
from generator.results.namespace import MARK, Results, path_of, used_of

ROWS = "Return the header, a list of texts, and the rows, lists of as many cells: texts, results, or (result, filter)."


def make(path: Path, declared: Declared, values: Mapping[str, Any]) -> tuple[OwnExhibit, dict[str, bytes]]:
    """Calls a function of the file at `path`; returns its figure or table, and the SVG file of a figure.

    `values` are nested by the parts of their names. Raises ReportError, with the author's line, when the function
    fails, draws nothing, or does not return a table.
    """
    place, files = Place(path, declared.line), dict[str, bytes]()
    random.seed(0)  # points that are spread at random are at the same places in each build
    np.random.seed(0)
    results = Results(values, mark=MARK if declared.kind == "table" else "")
    exhibit = OwnExhibit(declared.name, declared.kind, width=declared.width)
    with telling(path, f"{declared.name}() failed"):
        function = getattr(imported(path, "analysis"), declared.name)
        if declared.kind == "table":
            header, rows = _table(function(results), values, declared.name, place)
            exhibit = msgspec.structs.replace(exhibit, header=header, rows=rows)
        else:
            alt, files[f"{declared.stage}.svg"] = _drawn(function, declared, results, place)
            exhibit = msgspec.structs.replace(exhibit, alt=alt)
    used = tuple(".".join(map(str, name)) for name in used_of(results))
    return msgspec.structs.replace(exhibit, used=used), files


def _drawn(function: Callable[..., object], declared: Declared, results: Results, place: Place) -> tuple[str, bytes]:
    with plotting.style_of_charts():
        figure, axes = plotting.blank()
        alt = function(results, axes)
        if fault := plotting.fault_of(figure, axes, declared.width == "text"):
            raise ReportError(f"{declared.name}() {fault[0]}", place, fault[1])
        if not isinstance(alt, str) or not alt.strip():
            what = f"{declared.name}() does not return the alternative text"
            raise ReportError(what, place, "Return text that describes the figure, with its numbers.")
        alt = " ".join(alt.split())
        if re.search(r"\bnan\b", alt):
            what = f"The alternative text of {declared.name}() contains nan: a result has no interval"
            raise ReportError(what, place, "Leave low and high out of the text where math.isnan() is true of them.")
        svg = plotting.finished(figure, axes, declared.stage, alt, declared.width == "text")
    if color := unseen_color(svg):
        what = f"{declared.name}() draws in {color}, which cannot be seen on every background"
        raise ReportError(what, place, "Omit colors, or use C0, C1, C2, or black.")
    return alt, svg


def _table(
    returned: object, values: Values, name: str, place: Place
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    parts = _listed(returned)
    heads, body = map(_listed, parts) if len(parts) == 2 else ([], [])
    if not heads or not body or not all(isinstance(head, str) for head in heads):
        raise ReportError(f"{name}() does not return a header and rows", place, ROWS)
    for head in map(str, heads):
        _check_text(head, f"{name}(): the header", place)
    rows = []
    for number, row in enumerate(body, 1):
        where = f"{name}(): row {number}"
        if len(_listed(row)) != len(heads):
            raise ReportError(f"{where} does not have {counted(len(heads), 'cell')}", place, ROWS)
        rows.append(tuple(_cell(cell, values, where, place) for cell in _listed(row)))
    return tuple(map(str, heads)), tuple(rows)


def _listed(value: object) -> list[object]:
    """The parts of a list or a tuple; empty for anything else."""
    return list(value) if isinstance(value, list | tuple) else []


def _cell(cell: object, values: Values, where: str, place: Place) -> Cell:
    match cell:
        case str():
            _check_text(cell, where, place)
            return Cell(text=cell)
        case (result, str(written)) if path := path_of(result):
            _check_filter(written, path, values, where, place)
            return Cell(path=path, filter=written)
        case result if path := path_of(result):
            return Cell(path=path)
    what = f"{where}: {str(cell).replace(MARK, '')} is neither a text nor a result"
    raise ReportError(what, place, "Let a measure return the number, or write it as text if it is not a result.")


def _check_text(text: str, where: str, place: Place) -> None:
    """Raises ReportError for a text with a result in it, which would not be bound."""
    if MARK in text:
        what = f"{where}: a result is written into the text {text.replace(MARK, '')!r}"
        raise ReportError(what, place, "Put the result in a separate cell, with a filter that formats it.")


def _check_filter(written: str, path: OwnPath, values: Values, where: str, place: Place) -> None:
    """Raises ReportError unless `written` is one of the filters that format a value, and formats this one."""
    try:
        tree = parsed(f"x | {written}")
    except (UnknownError, TemplateSyntaxError) as error:
        if (
            isinstance(error, UnknownError) and written.partition("(")[0] in WRITING_FILTERS
        ):  # with other arguments than it takes
            raise ReportError(f"{where}: {error.what}", place, error.next) from None
        tree = None
    if not isinstance(tree, nodes.Filter) or tree.name not in WRITING_FILTERS or not isinstance(tree.node, nodes.Name):
        what = f'{where}: there is no filter "{written}"'
        raise ReportError(what, place, suggestion(written.partition("(")[0], WRITING_FILTERS))
    value = value_at(values, path)
    try:
        if value != NO_INTERVAL:
            text_of(f"x | {written}", {"x": value}, place)
    except ReportError as error:
        why = error.what.partition(": ")[2]
        what = f'{where}: the filter "{written}" cannot format {".".join(map(str, path))}: {why}'
        raise ReportError(what, place, "Correct the filter, or choose another one.") from None
