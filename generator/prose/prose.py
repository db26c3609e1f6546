"""Parses article.md once, into prose with its expressions, citations, and references as nodes.

This module uses no results, so the same prose serves every target and every run; `article` adds values, exhibits, and
the bibliography. Errors that can be found without results are reported here, all at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics, refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.reading import read_author_text
from generator.prose.citation_numbers import number_citations
from generator.prose.claim_spans import check_summaries, mark_claims
from generator.prose.images import data_uri
from generator.prose.links import check_links
from generator.prose.markdown import ATTRIBUTES, line_of, tokens_of
from generator.prose.misplaced_values import check_values
from generator.prose.numbering import ABSTRACT, Label, Numbering
from generator.prose.structure import REFERENCES, attach_notes, check_captions, check_fences, every, fold_containers

LINKING = {"reference": "reference", "citation": "citation", "footnote_ref": "note"}
"""Tokens that become links, by type, and what messages call them."""


@dataclass(frozen=True)
class Prose:
    """The parsed prose.

    Attributes:
        path: the path of article.md.
        abstract: its tokens, those of markdown-it and of our own syntax, with their lines.
        body: the tokens of everything else.
        labels: what can be referred to, by name (fig:name).
        cited: the cited keys in the order of first citation, each with its lines.
    """

    path: Path
    abstract: tuple[Token, ...]
    body: tuple[Token, ...]
    labels: Mapping[str, Label]
    cited: Mapping[str, tuple[int, ...]]

    def walk(self) -> Iterator[Token]:
        """Every token in reading order, including those inside other tokens."""
        yield from every(self.abstract)
        yield from every(self.body)

    def exhibits(self) -> set[str]:
        """The names of the exhibits that the prose places."""
        return {token.meta["name"] for token in self.walk() if token.type == "exhibit"}

    def pictures(self) -> set[Path]:
        """The files of the images."""
        return {token.meta["file"] for token in self.walk() if token.type == "image"}

    def place(self, token: Token) -> Place:
        """The place of a token in the file."""
        return Place(self.path, line_of(token))


def read(path: Path) -> Prose:
    """Reads and parses the prose.

    Raises:
        ReportError: the file cannot be read, or as for `parse`.
    """
    return parse(read_author_text(path), path)


def parse(text: str, path: Path) -> Prose:
    """Parses the prose; `path` is its file, and images are read relative to it.

    Raises:
        ReportError: the syntax cannot be read, a heading, block, note, image, or link is invalid, or an id is used
            twice; all such errors at once.
    """
    diagnostics = Diagnostics(path)
    tokens = attach_notes(mark_claims(tokens_of(text, diagnostics), diagnostics), diagnostics)
    check_values(every(tokens), diagnostics)
    check_captions(tokens, diagnostics)
    check_fences(tokens, text.split("\n"), diagnostics)
    tokens = fold_containers(tokens, text.split("\n"), diagnostics)
    numbering = Numbering(tokens, diagnostics)
    for token in every(tokens):
        _finish(token, diagnostics)
    check_links(tokens, diagnostics)
    check_summaries(tokens, diagnostics)
    abstract, body = _apart(tokens)
    cited = number_citations([*abstract, *body])
    _check_references(body, cited, diagnostics)
    refuse(diagnostics.found)
    return Prose(path, tuple(abstract), tuple(body), numbering.labels, cited)


def _apart(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The abstract without its heading, and the rest, which begins with the exhibits in the abstract."""
    starts = [i for i, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    ends = [*starts, len(tokens)][1:]
    for start, end in zip(starts, ends, strict=True):
        if tokens[start].attrs["id"] == ABSTRACT:
            within = tokens[start + 3 : end]
            opening = [token for token in within if token.type == "exhibit"]
            return [token for token in within if token.type != "exhibit"], opening + tokens[:start] + tokens[end:]
    return [], tokens


def _check_references(body: list[Token], cited: Mapping[str, tuple[int, ...]], diagnostics: Diagnostics) -> None:
    places = [line_of(token) for token in body if token.type == REFERENCES]
    if cited and not places and not diagnostics.found:  # one of the errors may have swallowed it
        line = min(lines[0] for lines in cited.values())
        next = "Write ::: references and then ::: where the list of references goes."
        diagnostics.tell(line, "The article cites, but has no list of references.", next)
    for line in places[1:]:
        diagnostics.tell(line, "There is a second list of references.", "Remove one of them.")
    if places and not cited and not diagnostics.found:  # one of the errors may be a citation that cannot be read
        next = "Cite with [@key], or remove ::: references with the heading above it."
        diagnostics.tell(places[0], "The list of references is empty: nothing is cited.", next)


def _finish(token: Token, diagnostics: Diagnostics) -> None:
    """Checks a single token. An image is embedded, and the alignment of a cell becomes a class."""
    if token.type == "image":
        _set_width(token, diagnostics)
    for name in token.meta.get("insecure_attrs", {}):
        diagnostics.tell(line_of(token), f'There is no attribute "{name}".', suggestion(name, ATTRIBUTES))
    if token.type == "image":
        _check_image(token, diagnostics)
    elif token.type in ("inline", "claim"):
        _check_nesting(token.children or [], diagnostics)
        _check_nesting(token.meta.get("otherwise", []), diagnostics)
    elif token.type == "math_inline_double":
        next = "Put $$ … $$ into a separate paragraph, followed only by its label."
        diagnostics.tell(line_of(token), "A displayed equation is in a line of text.", next)
    elif token.type in ("th_open", "td_open") and "style" in token.attrs:
        token.attrs["class"] = str(token.attrs.pop("style")).replace("text-align:", "align-")


def _check_nesting(children: list[Token], diagnostics: Diagnostics) -> None:
    is_linked = False
    for child in children:
        if child.type in ("link_open", "link_close"):
            is_linked = child.type == "link_open"
        elif is_linked and child.type in LINKING:
            what = f"A {LINKING[child.type]} is inside a link, but is itself a link."
            diagnostics.tell(line_of(child), what, "Move it out of the link.")


def _set_width(image: Token, diagnostics: Diagnostics) -> None:
    """Moves the width of a picture, a share of the text's width, to its style."""
    width = image.meta.get("insecure_attrs", {}).pop("width", None)
    if width is None:
        return
    share = re.fullmatch(r"(\d+(?:\.\d+)?)%", str(width))
    if share and 0 < float(share[1]) <= 100:
        image.attrs["style"] = f"width: {share[0]}; height: auto"
        return
    what = f'"{width}" is not a width for a picture.'
    diagnostics.tell(line_of(image), what, "Write a share of the text's width, up to 100%: {width=50%}.")


def _check_image(token: Token, diagnostics: Diagnostics) -> None:
    address = str(token.attrs.get("src", ""))
    if not any(child.content.strip() for child in token.children or ()):
        next = f"Say what it shows: ![what it shows]({address})."
        diagnostics.tell(line_of(token), f"The image {address} has no alternative text.", next)
    try:
        token.attrs["src"] = data_uri(address, Place(diagnostics.path, line_of(token)))
        token.meta["file"] = diagnostics.path.parent / unquote(address)
    except ReportError as error:
        diagnostics.found.append(error)
