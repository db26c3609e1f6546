"""Writes a table cell that prints an expression as the prose would, and links it to the results that it uses."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from generator.article.binding import Origins, bind
from generator.core.errors import Place
from generator.core.formatting import NO_INTERVAL
from generator.prose.expressions import Values, text_of, value_at
from generator.prose.names import paths_in
from generator.render.links import Links, number_html


def written_cell(
    expression: str, values: Values, origins: Origins, links: Links, place: Place
) -> tuple[str, Sequence[str]]:
    """The HTML of the cell, and the names of the results in it; `place` is where the expression is written.

    Raises ReportError when the expression cannot be evaluated.
    """
    if any(value_at(values, path) == NO_INTERVAL for path in paths_in(expression)):
        return NO_INTERVAL, ()
    text = text_of(expression, values, place)
    bound = bind(expression, text, values, origins, place)
    if bound is None:
        return escape(text), ()
    html = number_html(bound.value, escape(text), bound.origins, links.target)
    return html, [origin.name for origin in bound.origins]
