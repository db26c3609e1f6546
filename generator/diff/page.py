"""A difference as its own page, in the style of the article, with the figures of both editions side by side.

It runs no script and loads nothing: generator.diff.safe_html takes figures from the editions' own pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.diff.difference import summary
from generator.diff.safe_html import figures
from generator.diff.tables import described, tables
from generator.records.difference import Difference
from generator.render import fonts
from generator.render.templates import render


@dataclass(frozen=True)
class FigurePair:
    """A figure in each edition.

    Attributes:
        name: its name in the page.
        before: its HTML with its caption; None if the edition has no such figure.
        after: its HTML with its caption; None if the edition has no such figure.
    """

    name: str
    before: str | None
    after: str | None


def render_difference(difference: Difference, before: str, after: str) -> str:
    """The page; `before` and `after` are the HTML of the two editions' pages.

    Raises ReportError when the template is at fault.
    """
    return render(
        "difference.html.j2",
        difference=difference,
        sides=[described(side) for side in (difference.before, difference.after)],
        summary=summary(difference),
        tables=list(tables(difference)),
        pairs=list(_pairs(difference, before, after)),
        font_rules=fonts.page_rules(),
        fallback=fonts.stack(()),
    )


def _pairs(difference: Difference, before: str, after: str) -> Iterator[FigurePair]:
    old, new = figures(before, "before-"), figures(after, "after-")
    for changed in difference.figures:
        yield FigurePair(changed.name, old.get(changed.name), new.get(changed.name))
