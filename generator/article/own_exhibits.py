"""The author's own figures and tables, as returned by the functions of analysis.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from generator.article.binding import Origins
from generator.article.cells import written_cell
from generator.core.errors import Place
from generator.prose.expressions import Values
from generator.records.analysis import STAGE, Cell, OwnExhibit
from generator.records.article import Exhibit
from generator.records.results import Path
from generator.render.links import Links
from generator.render.templates import render


def own_exhibits(
    drawn: Sequence[OwnExhibit],
    pictures: Mapping[str, bytes],
    values: Values,
    origins: Origins,
    links: Links,
    places: Mapping[str, Place],
) -> Iterator[Exhibit]:
    """The exhibits; `pictures` holds the SVG files of the figures, and `places` say where the functions are.

    Raises ReportError when a result cannot be formatted as its cell requires.
    """
    for one in drawn:
        figure = one.kind == "figure"
        yield _figure(one, pictures) if figure else _table(one, values, origins, links, places[one.name])


def _figure(one: OwnExhibit, pictures: Mapping[str, bytes]) -> Exhibit:
    drawing = pictures[f"{STAGE}{one.name}.svg"].decode()
    html = render("exhibits/own-figure.html.j2", exhibit=one.name, drawing=drawing, width=one.width)
    return Exhibit(name=one.name, kind="figure", html=html, alt=one.alt, shows=one.used)


def _table(one: OwnExhibit, values: Values, origins: Origins, links: Links, place: Place) -> Exhibit:
    bound: dict[str, None] = {}
    rows = []
    for row in one.rows:
        cells = []
        for cell in row:
            html, names = _written(cell, values, origins, links, place)
            bound.update(dict.fromkeys(names))
            cells.append((html, bool(cell.path)))
        rows.append(cells)
    html = render("exhibits/own-table.html.j2", heads=_heads(one), rows=rows)
    return Exhibit(name=one.name, kind="table", html=html, bound=tuple(bound))


def _heads(one: OwnExhibit) -> list[tuple[str, bool]]:
    """The column headings, each with whether the column contains results."""
    return [(head, any(row[index].path for row in one.rows)) for index, head in enumerate(one.header)]


def _written(cell: Cell, values: Values, origins: Origins, links: Links, place: Place) -> tuple[str, Sequence[str]]:
    if not cell.path:
        return escape(cell.text), ()
    expression = _expression(cell.path) + (f" | {cell.filter}" if cell.filter else "")
    return written_cell(expression, values, origins, links, place)


def _expression(path: Path) -> str:
    """A name in the syntax of expressions that works for all parts."""
    first, *rest = path
    return f"{first}{''.join(f'[{part!r}]' for part in rest)}"
