"""Numbers of the run as HTML: each is printed with its value, and leads to the row of the appendix that says where it
is from.

On paper a number is a link and no more, and the appendix has a row for several values. Which results a number is made
of is decided by whoever prints it (generator.article.binding, and the filter `bound` in templates).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup
from markupsafe import escape as escaped

from generator.core.formatting import first_few
from generator.records.article import Target
from generator.records.results import Origin
from generator.render.templates import render

SHORT = 8
"""How many digits of a digest are shown; all are in the appendix's titles and in results.json."""

MAX_NAMED = 3


@dataclass(frozen=True)
class Links:
    """How the numbers of an article lead to their origins.

    Attributes:
        target: what the article is composed for.
        origins: where the results come from, by their names.
    """

    target: Target
    origins: Mapping[str, Origin]

    def render(self, template: str, **context: object) -> tuple[str, tuple[str, ...]]:
        """A template, whose filter `bound` links numbers, and the names of the results that it binds.

        Raises ReportError when the template is at fault.
        """
        names: dict[str, None] = {}

        def bind(text: str, value: object, name: str) -> Markup:
            origins = [self.origins[name]] if name in self.origins else []
            names.update(dict.fromkeys(origin.name for origin in origins))
            return Markup(number_html(str(value), escaped(text), origins, self.target))

        return render(template, bind=bind, **context), tuple(names)


def number_html(value: str, html: str, origins: Sequence[Origin], target: Target) -> str:
    """A number with its value, linked to the first of its origins, or to nothing without one; `html` is its text."""
    if target == "print":
        return f'<a class="bound" href="#{escape(row_id(group_of(origins[0].name)))}">{html}</a>' if origins else html
    return f'<data value="{escape(value)}">{_link(html, origins) if origins else html}</data>'


def row_id(name: str) -> str:
    """The id of a value's row in the appendix: the name, without what an address cannot hold as it is."""
    return "value:" + re.sub(r"[^\w.]", lambda match: f"-{ord(match[0]):x}-", name)


def group_of(name: str) -> str:
    """What a value has in common with those that share its row on paper: its name without the last two parts."""
    parts = name.split(".")
    return ".".join(parts[:-2] or parts[:1])


def _link(html: str, origins: Sequence[Origin]) -> str:
    told = escape(_origin_line(origins))
    return f'<a class="bound" href="#{escape(row_id(origins[0].name))}" data-origin="{told}">{html}</a>'


def _origin_line(origins: Sequence[Origin]) -> str:
    """Stage, replicate and digests, in a line."""
    first, names = origins[0], list(dict.fromkeys(origin.name for origin in origins))
    replicate = "all replicates" if first.replicate is None else f"replicate {first.replicate}"
    return (
        f"{first_few(names, MAX_NAMED)}: stage {first.stage}, {replicate}, "
        f"code {first.code[:SHORT]}, data {first.data[:SHORT]}"
    )
