"""Numbers of the run as HTML: on the page, each has its value and a link to the row of the appendix that says what it
is and where it comes from.

In print, a number is plain text; its origin is in results.json, which is attached to the PDF. Which results a number is
made of is decided by the caller (generator.article.binding, and the filter `bound` in templates).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup
from markupsafe import escape as escaped

from generator.records.article import Target
from generator.records.results import Origin
from generator.render.templates import render

MAX_NAMED = 3
"""The most results that are named for a number that is computed from several."""


@dataclass(frozen=True)
class Links:
    """How the numbers of an article link to their origins.

    Attributes:
        target: what the article is composed for.
        origins: origins of the results, by name.
    """

    target: Target
    origins: Mapping[str, Origin]

    def render(self, template: str, **context: object) -> tuple[str, tuple[str, ...]]:
        """Renders a template, in which the filter `bound` links numbers; also returns the names of bound results.

        Raises ReportError when the template is at fault.
        """
        names: dict[str, None] = {}

        def bind(text: str, value: object, name: str) -> Markup:
            origins = [self.origins[name]] if name in self.origins else []
            names.update(dict.fromkeys(origin.name for origin in origins))
            return Markup(number_html(str(value), escaped(text), origins, self.target))

        return render(template, bind=bind, **context), tuple(names)


def number_html(value: str, html: str, origins: Sequence[Origin], target: Target) -> str:
    """A number with its value, linked to the first of its origins, or unlinked without one; `html` is its text."""
    if target == "print":
        return html
    return f'<data value="{escape(value)}">{_link(html, origins) if origins else html}</data>'


def row_id(name: str) -> str:
    """The ID of a value's row in the appendix: its name, with characters that an address cannot contain escaped."""
    return "value:" + re.sub(r"[^\w.]", lambda match: f"-{ord(match[0]):x}-", name)


def _link(html: str, origins: Sequence[Origin]) -> str:
    """A link to the row of the first origin, with the IDs of the other rows."""
    first, *others = dict.fromkeys(row_id(origin.name) for origin in origins)
    more = f' data-with="{escape(" ".join(others[: MAX_NAMED - 1]))}"' if others else ""
    return f'<a class="bound" href="#{escape(first)}"{more}>{html}</a>'
