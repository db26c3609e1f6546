"""Numbers the references, in the order in which they are first cited, and the citations of each reference.

The syntax of citations is in `citation_syntax`; the entries are in `bibliography`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from markdown_it.token import Token

from generator.prose.markdown import line_of
from generator.prose.structure import every


def number_citations(tokens: list[Token]) -> dict[str, tuple[int, ...]]:
    """Numbers the citations of each key, for their ids; returns the lines on which each key is cited, in order."""
    cited: dict[str, tuple[int, ...]] = {}
    for token in every(tokens):
        if token.type == "citation":
            token.meta["first"] = []
            for key, _ in token.meta["items"]:
                cited[key] = (*cited.get(key, ()), line_of(token))
                token.meta["first"].append(len(cited[key]))
    return cited


def numbers(cited: Iterable[str], known: Container[str]) -> dict[str, int]:
    """The number of each cited key that is known, from 1, in the order given."""
    return {key: number for number, key in enumerate((key for key in cited if key in known), 1)}
