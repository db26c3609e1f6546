"""Assigns numbers and ids to sections, figures, tables, listings, and equations.

Numbers and ids depend only on the prose and the order of its parts, so a run does not change them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics
from generator.prose.citation_syntax import KINDS
from generator.prose.markdown import line_of
from generator.prose.structure import EXHIBIT_KINDS, every

ABSTRACT = "abstract"
UNNUMBERED = "unnumbered"
DEEPEST = 5
"""The deepest level of headings, since the title is the page's h1 and there is no h7."""

_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Label:
    """The target of a reference.

    Attributes:
        id: the id that links point to.
        text: what the reference prints; empty for a section or figure without a number.
        line: its line in article.md, from 1.
    """

    id: str
    text: str
    line: int


class Numbering:
    """Numbers the prose; collects the labels in its order, by the names that references use: fig:name, sec:id."""

    def __init__(self, tokens: list[Token], diagnostics: Diagnostics) -> None:
        self.labels: dict[str, Label] = {}
        self._diagnostics = diagnostics
        self._counts = dict.fromkeys(KINDS, 0)
        self._sections: list[int] = []
        self._unnumbered = DEEPEST + 1
        self._level = 0
        self._ids = _written_ids(tokens, diagnostics)
        for opening, inline, closing in zip(tokens, [*tokens[1:], None], [*tokens[2:], None, None], strict=False):
            if opening.type == "heading_open" and inline and closing:
                self._number_heading(opening, inline, closing)
            elif opening.type == "exhibit":
                self._number_exhibit(opening)
            elif opening.type == "math_block_label":
                self._number_equation(opening)

    def _number_exhibit(self, token: Token) -> None:
        """Numbers an exhibit in the order of the prose; a figure that is left unnumbered does not count."""
        prefix, is_numbered = EXHIBIT_KINDS[token.meta["kind"]], UNNUMBERED not in token.meta["classes"]
        self._counts[prefix] += is_numbered
        text = f"{KINDS[prefix]}{_NO_BREAK_SPACE}{self._counts[prefix]}" if is_numbered else ""
        token.meta["number"] = text
        name = id_of(token)
        self._label(name, Label(name, text, line_of(token)))

    def _number_equation(self, token: Token) -> None:
        if not re.fullmatch(r"eq:\w+(?:[-.]\w+)*", token.info):
            what = f'"({token.info})" is not a label for an equation.'
            self._diagnostics.tell(line_of(token), what, "Write it like $$ … $$ (eq:name).")
            return
        self._counts["eq"] += 1
        token.meta["number"] = f"({self._counts['eq']})"
        text = f"{KINDS['eq']}{_NO_BREAK_SPACE}{token.meta['number']}"
        self._label(token.info, Label(token.info, text, line_of(token)))

    def _number_heading(self, opening: Token, inline: Token, closing: Token) -> None:
        level, line = int(opening.tag[1]), line_of(opening)
        is_written = "id" in opening.attrs
        id = opening.attrs["id"] = str(opening.attrs.get("id") or self._free_slug(inline))
        self._check_level(opening, level)
        opening.tag = closing.tag = f"h{min(level, DEEPEST) + 1}"
        number = opening.meta["number"] = self._section_number(opening, level)
        if id != ABSTRACT:
            text = f"{KINDS['sec']}{_NO_BREAK_SPACE}{number}" if number else ""
            name = re.sub("^sec[:-]" if is_written else "^sec:", "", id)  # Quarto writes sec-name
            self._label(f"sec:{name}", Label(id, text, line))

    def _check_level(self, heading: Token, level: int) -> None:
        if heading.level:
            what, next = "A heading is inside another block.", "Move it out, and do not indent it."
        elif level > DEEPEST:
            what, next = f"A heading is deeper than {DEEPEST} levels.", "Use fewer #."
        elif level > self._level + 1:
            what, next = (
                "A heading skips a level.",
                f"Begin it with {'#' * (self._level + 1)}, or add one above it.",
            )
        else:
            self._level = level
            return
        self._diagnostics.tell(line_of(heading), what, next)

    def _section_number(self, heading: Token, level: int) -> str:
        """The number of a section; empty for an unnumbered section and for the sections inside it."""
        if level <= self._unnumbered:
            self._unnumbered = DEEPEST + 1
        is_unnumbered = UNNUMBERED in str(heading.attrs.get("class", "")).split() or heading.attrs["id"] == ABSTRACT
        if is_unnumbered:
            self._unnumbered = min(level, self._unnumbered)
        if level >= self._unnumbered:
            return ""
        counts = [*self._sections, *[0] * level][:level]
        counts[-1] += 1
        self._sections = counts
        return ".".join(map(str, counts))

    def _label(self, name: str, label: Label) -> None:
        if name in self.labels and label.id != self.labels[name].id:
            what = f'"{label.id}" and "{self.labels[name].id}" are both referred to as @{name}.'
            self._diagnostics.tell(label.line, what, "Change the id of one of them.")
        self.labels.setdefault(name, label)

    def _free_slug(self, inline: Token) -> str:
        base = slug("".join(token.content for token in every(inline.children or ()) if token.type in _TEXT))
        candidate, count = base, 1
        while candidate in self._ids:
            count += 1
            candidate = f"{base}-{count}"
        self._ids.add(candidate)
        return candidate


_TEXT = ("text", "code_inline", "softbreak")


def slug(text: str) -> str:
    """An id made from a heading's text: its letters and digits in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", re.sub(r"['\u2019]", "", text.lower()))) or "section"


def id_of(token: Token) -> str:
    """The id that the author gave to a token, directly or by naming it."""
    if token.type == "exhibit":
        return f"{EXHIBIT_KINDS[token.meta['kind']]}:{token.meta['name']}"
    return token.info if token.type == "math_block_label" else str(token.attrs.get("id", ""))


def _written_ids(tokens: list[Token], diagnostics: Diagnostics) -> set[str]:
    """All ids that are not generated here: those that the author gives, and those of the references."""
    lines: dict[str, int] = {}
    for token in every(tokens):
        id = id_of(token)
        if id in lines:
            diagnostics.tell(line_of(token), f'"{id}" is already on line {lines[id]}.', "Rename one of them.")
        elif id:
            lines[id] = line_of(token)
    cited = {f"ref-{key}" for token in every(tokens) if token.type == "citation" for key, _ in token.meta["items"]}
    return set(lines) | cited
