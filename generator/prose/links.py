"""Checks the targets of links in the prose: addresses, places in the page, and files that are published with it.

Places are checked against the ids of the prose. Ids that the generator assigns (lines of listings, verdicts, notes, the
appendix) are recognized by their form only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics, suggestion
from generator.prose.markdown import line_of
from generator.prose.numbering import ABSTRACT, id_of
from generator.prose.structure import every

SCHEMES = ("http", "https", "mailto")
"""The schemes that the address of a link can have."""

FILES = ("index.html", "article.pdf", "results.json", "CITATION.cff")
"""The files of an edition."""

_GIVEN = re.compile(
    r"(?:lst-.+-L|verdict:|claim:|fn:|fnref:)\d.*|(?:appendix|cite|mention|value):.+|explorer-.+|article"
)
_RAW_ID = re.compile(r"""\bid\s*=\s*["']?([^\s"'>]+)""")


def check_links(tokens: Sequence[Token], diagnostics: Diagnostics) -> None:
    """Reports links whose target is missing or not allowed, and titles that contain an expression."""
    ids = set(_ids(tokens))
    for token in every(tokens):
        if "{{" in str(token.attrs.get("title", "")):
            what = "An expression cannot be used in the title of a link or a picture."
            diagnostics.tell(line_of(token), what, "Write it in the text, or the value itself in the title.")
        if token.type == "link_open":
            _check_link(str(token.attrs.get("href", "")), line_of(token), ids, diagnostics)


def _ids(tokens: Iterable[Token]) -> Iterable[str]:
    yield ABSTRACT
    for token in every(tokens):
        if id := id_of(token):
            yield id
        elif token.type == "citation":
            yield from (f"ref-{key}" for key, _ in token.meta["items"])
        elif token.type == "fence":
            yield from _RAW_ID.findall(token.content)


def _check_link(address: str, line: int, ids: set[str], diagnostics: Diagnostics) -> None:
    # Browsers ignore control characters and spaces in a scheme, so they are ignored here as well.
    start = re.split(r"[/?#]", re.sub(r"[\x00-\x20]", "", address))[0]
    scheme, colon, _ = start.partition(":")
    place = unquote(address.removeprefix("#"))
    if colon and scheme.lower() not in SCHEMES:
        what = f'A link has the scheme "{scheme}:", which is not allowed.'
        diagnostics.tell(line, what, f"Link to one of these: {', '.join(SCHEMES)}, or #id in the page.")
    elif "%7B%7B" in address:
        what = "An expression cannot be used in the address of a link."
        diagnostics.tell(line, what, "Write the address itself.")
    elif address.startswith("#") and place not in ids and not _GIVEN.fullmatch(place):
        diagnostics.tell(line, f"The link to {address} has no target.", suggestion(place, ids))
    elif not colon and not address.startswith("#") and start not in FILES:
        what = f'A link points to "{address}", which is not published with the page.'
        diagnostics.tell(line, what, f"Link to a whole address (https://…), #id, or one of {', '.join(FILES)}.")
