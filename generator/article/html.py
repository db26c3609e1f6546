"""The prose as HTML, for a page or for the PDF: the markup of the tokens that are not Markdown's own.

All names have already been looked up (`lookup`), so nothing here can fail. This module escapes text from outside. The
style sheets control the appearance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it.presets import commonmark
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from generator.article.lookup import Resolved, authors_cited, is_raw, language_of, wording_of
from generator.article.text import plain_text
from generator.prose.claim_spans import is_exploratory
from generator.prose.structure import label_of
from generator.records.article import Reference
from generator.render.links import number_html

_OPTIONS = OptionsDict({**commonmark.make()["options"], "xhtmlOut": False})
_BACK = "\N{LEFTWARDS ARROW WITH HOOK}\N{VARIATION SELECTOR-15}"
_HOLDS, _OTHERWISE = "\N{CHECK MARK}", "\N{DAGGER}"
"""The marks of a claim that holds, and of one that does not hold and is printed in its other wording."""

_JOINER = "\N{WORD JOINER}"
"""Keeps the call of a note on the same line as its word; the typesetter would break between a period and a digit."""

_BOX = re.compile('<div class="(scroll(?: wide)?)">')
"""A box in an exhibit that scrolls and has no name of its own."""

_ONLY_ONCE = ("link_open", "link_close", "span_open", "span_close", "citation", "footnote_ref")
"""Tokens in a heading that must not be repeated in a table of contents, where they would be inside a link."""


class Renderer(RendererHTML):
    """markdown-it's renderer, with a method for each kind of token that generator.prose adds."""

    def __init__(self, resolved: Resolved) -> None:
        super().__init__()
        self._resolved = resolved
        self._calls: dict[int, int] = {}
        self._number = ""
        self._unnumbered = 0
        self._is_linked = False
        self._to_mention = resolved.mentioned

    def render_blocks(self, tokens: Sequence[Token]) -> str:
        """The HTML of block tokens of the prose."""
        return self.render(tokens, _OPTIONS, {})

    def render_title(self, inline: Token) -> str:
        """The HTML of a heading's text for a table of contents, where each entry is a link."""
        kept = [_without(token, "id") for token in inline.children or () if _is_repeatable(token)]
        return self.renderInline(kept, _OPTIONS, {"unlinked": True}).strip()

    def expression(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        text, bound = self._resolved.texts[tokens[idx].content], self._resolved.bound.get(tokens[idx].content)
        if bound is None:
            return escape(text)
        origins = () if self._is_linked or "unlinked" in env else bound.origins
        return number_html(bound.value, escape(text), origins, self._resolved.target)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        self._is_linked = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        self._is_linked = False
        return self.renderToken(tokens, idx, options, env)

    def claim(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """The printed wording, struck through if it does not hold, and a mark that links to the verdict."""
        id, (wording, is_otherwise) = str(tokens[idx].attrs["id"]), wording_of(tokens[idx], self._resolved.judgments)
        verdict = self._resolved.judgments[id].verdict
        is_refuted = verdict == "does not hold" and not is_otherwise
        tag, mark = "del" if is_refuted else "span", _OTHERWISE if is_otherwise else _HOLDS
        mark = f"[{verdict}]" if is_refuted or verdict == "undecided" else mark
        more = ", so its other wording is printed" if is_otherwise else ""
        if is_exploratory(tokens[idx]):
            mark, more = f"{mark} [exploratory]", f"{more}; exploratory"
        number = id.removeprefix("claim:")
        return (
            f'<{tag} class="claim" id="{id}">{self.renderInline(wording, options, env)}</{tag}>'
            f'<a class="verdict" href="#verdict:{number}" aria-label="Claim {number}: {verdict}{more}">{mark}</a>'
        )

    def reference(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        name = tokens[idx].content
        label = self._resolved.labels[name]
        text = escape(label.text)
        if "unlinked" in env:
            return text
        is_first, self._to_mention = name in self._to_mention, self._to_mention - {name}
        id = f' id="{_mention_id(name)}"' if is_first else ""
        return f'<a class="reference" href="#{escape(label.id)}"{id}>{text}</a>'

    def citation(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """The numbers of the cited references in brackets, after the authors if the sentence names them."""
        token = tokens[idx]
        names = escape(authors_cited(token, self._resolved))
        if "unlinked" in env:
            return names
        cited = zip(token.meta["items"], token.meta["prefixes"], token.meta["first"], strict=True)
        links = [
            f"{escape(prefix)} {self._citation_link(key, locator, occurrence)}".strip()
            for (key, locator), prefix, occurrence in cited
        ]
        has_words = any(token.meta["prefixes"]) or any(locator for _, locator in token.meta["items"])
        numbers = f'<span class="citation">[{("; " if has_words else ", ").join(links)}]</span>'
        return f"{names}\N{NO-BREAK SPACE}{numbers}" if names else numbers

    def _citation_link(self, key: str, locator: str, occurrence: int) -> str:
        reference = self._resolved.references[key]
        link = (
            f'<a href="#{escape(reference.id)}" id="{_cite_id(key, occurrence)}" role="doc-biblioref"'
            f' aria-label="Reference {reference.number}">{reference.number}</a>'
        )
        return f"{link}, {escape(locator)}" if locator else link

    def references(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        items = "".join(self._reference_item(reference) for reference in self._resolved.references.values())
        return f'<ol class="references">\n{items}</ol>\n' if items else ""

    def repository(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        address = escape(self._resolved.repository)
        return f'<p>The sources are at <a href="{address}">{address}</a>.</p>\n' if address else ""

    def _reference_item(self, reference: Reference) -> str:
        """An entry in the list of references; on the page, with links back to its citations."""
        back = (
            ""
            if self._resolved.target == "print"
            else f'\N{NO-BREAK SPACE}<span class="backlinks">{self._backlinks(reference)}</span>'
        )
        return f'<li id="{escape(reference.id)}">{reference.html}{back}</li>\n'

    def _backlinks(self, reference: Reference) -> str:
        count = len(self._resolved.cited[reference.key])
        return " ".join(
            f'<a class="backlink" role="doc-backlink" href="#{_cite_id(reference.key, occurrence)}"'
            f' aria-label="Back to citation {occurrence} of reference {reference.number}">{_BACK}</a>'
            for occurrence in range(1, count + 1)
        )

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        call = tokens[idx]
        number: int = call.meta["number"]
        self._calls[number] = self._calls.get(number, 0) + 1
        id = _call_id(number, self._calls[number])
        html = (
            f'<sup class="footnote-call"><a href="#fn:{number}" id="{id}"'
            f' role="doc-noteref" aria-label="Note {number}">{number}</a></sup>'
        )
        return _JOINER + html + (self._note(number, id, call.children) if call.children else "")

    def _note(self, number: int, call: str, content: list[Token]) -> str:
        """A note, which the style sheet puts in the margin or at the foot; its number links back to the call."""
        paragraphs = [self.renderInline(inline.children or [], _OPTIONS, {}) for inline in content]
        back = (
            f'<a class="footnote-number" href="#{call}" role="doc-backlink"'
            f' aria-label="Back to the call of note {number}">{number}</a>'
        )
        return f'<span class="footnote" id="fn:{number}">{back} {"<br>".join(paragraphs)}</span>'

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return self._resolved.formulas[tokens[idx].content, False]

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return f'<div class="equation">{self._resolved.formulas[tokens[idx].content, True]}</div>\n'

    def math_block_label(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        token = tokens[idx]
        formula = self._resolved.formulas[token.content, True]
        number = f'<span class="equation-number">{token.meta["number"]}</span>'
        return f'<div class="equation numbered" id="{escape(token.info)}">{formula}{number}</div>\n'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        number = tokens[idx].meta["number"]
        html = self.renderToken(tokens, idx, options, env)
        return f'{html}<span class="section-number">{number}</span> ' if number else html

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """A table; on the page, it is in a box that scrolls if the screen is too narrow."""
        html = self.renderToken(tokens, idx, options, env)
        return html if self._resolved.target == "print" else f"{self._region('scroll')}\n{html}"

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        html = self.renderToken(tokens, idx, options, env)
        return html if self._resolved.target == "print" else f"{html}</div>\n"

    def _region(self, classes: str) -> str:
        """The start of a box that scrolls: a tab stop, which a screen reader calls by the number of its exhibit."""
        self._unnumbered += not self._number
        name = self._number or f"Table without a number, {self._unnumbered}"
        return f'<div class="{classes}" role="region" aria-label="{name}" tabindex="0">'

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return self.renderToken(tokens, idx, options, env).replace("<th", '<th scope="col"', 1)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        alt = plain_text(tokens[idx].children or (), self._resolved)
        return f'<img alt="{escape(alt)}"{self.renderAttrs(_without(tokens[idx], "alt"))}>'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        if is_raw(tokens[idx]):
            return tokens[idx].content if self._resolved.target == "page" else ""
        return self._resolved.codes[language_of(tokens[idx]), tokens[idx].content]

    def exhibit(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        """A figure, table, or listing with its caption, which is above a table and below everything else."""
        token = tokens[idx]
        kind, id = token.meta["kind"], escape(label_of(token))
        self._number = token.meta["number"]
        shown, described = self._object(token, id)
        self._number = ""
        caption = f"<figcaption>{self._caption(token)}</figcaption>\n"
        content = caption + shown if kind == "table" else shown + caption
        names = " ".join([kind, *token.meta["classes"]])
        return f'<figure id="{id}" class="{names}"{described}>\n{content}</figure>\n'

    def _object(self, token: Token, id: str) -> tuple[str, str]:
        """The HTML of the object, and the attribute that links it to its description, if it has one.

        The PDF cannot hold hidden text; the alternative texts of the pictures replace the description there.
        """
        exhibit = self._resolved.exhibits.get((token.meta["kind"], token.meta["name"]))
        if exhibit is None:
            return self.render_blocks(token.meta["object"]), ""
        if self._resolved.target == "print":
            return exhibit.html, ""
        html = _BOX.sub(lambda box: self._region(box[1]), exhibit.html)
        if not exhibit.alt:
            return html, ""
        hidden = f'<p class="visually-hidden" id="{id}-description">{escape(exhibit.alt)}</p>\n'
        return html + hidden, f' aria-describedby="{id}-description"'

    def _caption(self, token: Token) -> str:
        """The label and the first paragraph on one line, further paragraphs below."""
        first, *others = [part for part in token.children or () if part.type == "inline"]
        html = f'<span class="label">{self._label(token)}</span> ' if token.meta["number"] else ""
        html += self.renderInline(first.children or [], _OPTIONS, {})
        return html + "".join(f"<p>{self.renderInline(more.children or [], _OPTIONS, {})}</p>" for more in others)

    def _label(self, token: Token) -> str:
        """The label, such as Figure 1, as a link back to its first mention in the text, if there is one."""
        name, number = label_of(token), token.meta["number"]
        if name not in self._resolved.mentioned:
            return str(number)
        back = f'role="doc-backlink" aria-label="{number}, back to its first mention"'
        return f'<a href="#{_mention_id(name)}" {back}>{number}</a>'


def _is_repeatable(token: Token) -> bool:
    return token.type not in _ONLY_ONCE or token.meta.get("is_narrative", False)


def _without(token: Token, name: str) -> Token:
    """A copy of a token without one of its attributes."""
    return token.copy(attrs={key: value for key, value in token.attrs.items() if key != name})


def _cite_id(key: str, occurrence: int) -> str:
    return escape(f"cite:{key}:{occurrence}")


def _mention_id(label: str) -> str:
    return escape(f"mention:{label}")


def _call_id(number: int, call: int) -> str:
    return f"fnref:{number}" if call == 1 else f"fnref:{number}:{call}"
