"""Bound numbers: a number of the run is printed with its value, and leads to its row in the appendix.

An expression is bound by the names that it reads, whatever filters and arithmetic follow. A number in an exhibit is
bound by its template, which marks it with `bound`. What is text without a number is printed as text. On paper a number
is a link and no more, and the appendix has a row for several values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from numbers import Real

from generator.core.errors import Place
from generator.core.formatting import SPREAD, first_few, is_spread
from generator.prose.expressions import Values, printed_value
from generator.prose.literals import numbers_in
from generator.prose.names import paths_in
from generator.records.results import Origin, Path

Origins = Mapping[Path, Origin]

SHORT = 8
"""As many digits of a digest are shown; the whole of it is in the appendix's titles and in results.json."""

MOST_NAMED = 3
_MARKED = re.compile(r'<data value="([^"]*)" data-name="([^"]*)">(.*?)</data>', re.DOTALL)


@dataclass(frozen=True)
class Bound:
    """A number as machines read it, and what it was worked out from: at least one origin."""

    value: str
    origins: Sequence[Origin]


def bind(expression: str, text: str, values: Values, origins: Origins, place: Place) -> Bound | None:
    """What the number is that an expression prints as `text`; None if that is no number, or of no run.

    Raises:
        ReportError: the expression fails.
    """
    read = [origin for path in paths_in(expression) for origin in _below(path, values, origins)]
    if not read:
        return None
    value = printed_value(expression, values, place)
    if is_spread(value):
        return Bound(repr(value["mean"]), read)
    if isinstance(value, Real) and not isinstance(value, bool):
        return Bound(repr(value), read)
    return Bound(text, read) if numbers_in(text) else None


def _below(path: Path, values: Values, origins: Origins) -> Iterator[Origin]:
    """The origins of what stands at a path: of one value, of the ends of a spread, or of all that is below."""
    value: object = values
    for length, part in enumerate(path, 1):
        value = value[part] if isinstance(value, Mapping) else value
        if path[:length] in origins:
            yield origins[path[:length]]
            return
    if is_spread(value):
        yield from (origins[*path, end] for end in SPREAD if (*path, end) in origins)
    else:
        yield from (origin for known, origin in origins.items() if known[: len(path)] == path)


def bound_html(text: str, bound: Bound, is_linked: bool, in_print: bool = False) -> str:
    """The number, with a link to its origin where a link can stand; `text` is not escaped yet."""
    return _number(bound.value, escape(text), bound.origins if is_linked else (), in_print)


def link_marked(html: str, by_name: Mapping[str, Origin], in_print: bool = False) -> str:
    """An exhibit's HTML, where every number that its template marks leads to its origin."""

    def linked(match: re.Match[str]) -> str:
        origin = by_name.get(unescape(match[2]))
        return _number(unescape(match[1]), match[3], [origin] if origin else (), in_print)

    return _MARKED.sub(linked, html)


def names_marked(html: str) -> list[str]:
    """The names of the numbers that an exhibit's template marks."""
    return [unescape(match[2]) for match in _MARKED.finditer(html)]


def row_id(name: str) -> str:
    """The id of a value's row in the appendix: the name, without what an address cannot hold as it is."""
    return "value:" + re.sub(r"[^\w.]", lambda match: f"-{ord(match[0]):x}-", name)


def group_of(name: str) -> str:
    """What a value has in common with those that share its row on paper: its name without the last two parts."""
    parts = name.split(".")
    return ".".join(parts[:-2] or parts[:1])


def _number(value: str, html: str, origins: Sequence[Origin], in_print: bool) -> str:
    if in_print:
        return f'<a class="bound" href="#{escape(row_id(group_of(origins[0].name)))}">{html}</a>' if origins else html
    return f'<data value="{escape(value)}">{_link(html, origins) if origins else html}</data>'


def _link(html: str, origins: Sequence[Origin]) -> str:
    told = escape(_origin_line(origins))
    return f'<a class="bound" href="#{escape(row_id(origins[0].name))}" data-origin="{told}">{html}</a>'


def _origin_line(origins: Sequence[Origin]) -> str:
    """Stage, replicate and digests, in a line."""
    first, names = origins[0], list(dict.fromkeys(origin.name for origin in origins))
    replicate = "all replicates" if first.replicate is None else f"replicate {first.replicate}"
    return (
        f"{first_few(names, MOST_NAMED)}: stage {first.stage}, {replicate}, "
        f"code {first.code[:SHORT]}, data {first.data[:SHORT]}"
    )
