"""The author's own figures and tables: functions of analysis.py, called with the results of all conditions.

A figure is drawn once, like the generator's own charts: in the article's typeface, with colors that are visible on
light pages, on dark pages, and on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import TemplateSyntaxError, nodes

from generator.core.authored import imported, telling
from generator.core.errors import Place, ReportError
from generator.core.formatting import counted
from generator.figures import plotting
from generator.figures.contrast import unseen_color
from generator.prose.expressions import WRITING_FILTERS, UnknownError, parsed
from generator.records.analysis import Cell, Declared, OwnExhibit
from generator.results.namespace import MARK, ResultFloat, ResultInteger, Results

ROWS = "Return the header, a list of texts, and the rows, lists of as many cells: texts, results, or (result, filter)."


def make(path: Path, declared: Declared, values: Mapping[str, Any]) -> tuple[OwnExhibit, dict[str, bytes]]:
    """Calls a function of the file at `path`; returns its figure or table, and the SVG file of a figure.

    `values` are nested by the parts of their names. Raises ReportError, with the author's line, when the function
    fails, draws nothing, or does not return a table.
    """
    place, files = Place(path, declared.line), dict[str, bytes]()
    results = Results(values, mark=MARK if declared.kind == "table" else "")
    exhibit = OwnExhibit(declared.name, declared.kind, width=declared.width)
    with telling(path, f"{declared.name}() failed"):
        function = getattr(imported(path, "analysis"), declared.name)
        if declared.kind == "table":
            header, rows = _table(function(results), declared.name, place)
            exhibit = msgspec.structs.replace(exhibit, header=header, rows=rows)
        else:
            alt, files[f"{declared.stage}.svg"] = _drawn(function, declared, results, place)
            exhibit = msgspec.structs.replace(exhibit, alt=alt)
    used = tuple(".".join(map(str, name)) for name in results.used)
    return msgspec.structs.replace(exhibit, used=used), files


def _drawn(function: Callable[..., object], declared: Declared, results: Results, place: Place) -> tuple[str, bytes]:
    with plotting.style_of_charts():
        figure, axes = plotting.blank()
        alt = function(results, axes)
        if fault := plotting.fault_of(axes):
            raise ReportError(f"{declared.name}() {fault[0]}", place, fault[1])
        if not isinstance(alt, str) or not alt.strip():
            what = f"{declared.name}() does not return the alternative text"
            raise ReportError(what, place, "Return text that describes the figure, with its numbers.")
        alt = " ".join(alt.split())
        svg = plotting.finished(figure, axes, declared.stage, alt, declared.width == "text")
    if color := unseen_color(svg):
        what = f"{declared.name}() draws in {color}, which cannot be seen on every background"
        raise ReportError(what, place, "Omit colors, or use C0, C1, C2, or black.")
    return alt, svg


def _table(returned: object, name: str, place: Place) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    parts = _listed(returned)
    heads, body = map(_listed, parts) if len(parts) == 2 else ([], [])
    if not heads or not body or not all(isinstance(head, str) for head in heads):
        raise ReportError(f"{name}() does not return a header and rows", place, ROWS)
    rows = []
    for number, row in enumerate(body, 1):
        where = f"{name}(): row {number}"
        if len(_listed(row)) != len(heads):
            raise ReportError(f"{where} does not have {counted(len(heads), 'cell')}", place, ROWS)
        rows.append(tuple(_cell(cell, where, place) for cell in _listed(row)))
    return tuple(map(str, heads)), tuple(rows)


def _listed(value: object) -> list[object]:
    """The parts of a list or a tuple; empty for anything else."""
    return list(value) if isinstance(value, list | tuple) else []


def _cell(cell: object, where: str, place: Place) -> Cell:
    match cell:
        case str() if MARK in cell:
            what = f"{where}: a result is written into the text {cell.replace(MARK, '')!r}"
            raise ReportError(what, place, "Put the result in a separate cell, with a filter that formats it.")
        case str():
            return Cell(text=cell)
        case Results(path=(_, *_) as path) | ResultFloat(path=path) | ResultInteger(path=path):
            return Cell(path=tuple(path))
        case (Results(path=(_, *_) as path) | ResultFloat(path=path) | ResultInteger(path=path), str(written)):
            _check_filter(written, where, place)
            return Cell(path=tuple(path), filter=written)
    what = f"{where}: {cell!r} is neither a text nor a result"
    raise ReportError(what, place, "Let a measure return the number, or write it as text if it is not a result.")


def _check_filter(written: str, where: str, place: Place) -> None:
    """Raises ReportError unless `written` is one of the filters that format a value."""
    try:
        tree = parsed(f"x | {written}")
    except (UnknownError, TemplateSyntaxError):
        tree = None
    if not isinstance(tree, nodes.Filter) or tree.name not in WRITING_FILTERS or not isinstance(tree.node, nodes.Name):
        raise ReportError(f'{where}: there is no filter "{written}"', place, "Use a filter such as percent.")
