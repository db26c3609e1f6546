"""The article as plain text: without markup, for descriptions, and by paragraph, for comparing editions.

Paragraphs contain the name of a result instead of its number, and the target of a reference or a citation, so that new
results or a new numbering do not count as changes of the prose. Appendices and what the generator puts into exhibits
are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from markdown_it.token import Token

from generator.article.lookup import Resolved, authors_cited, wording_of
from generator.prose.claim_spans import OTHERWISE
from generator.prose.prose import Prose
from generator.prose.structure import REFERENCES, label_of, until_closed
from generator.prose.typography import plain_script
from generator.records.article import ABSTRACT, ArticleText, Paragraph

OPENING = "Opening"
"""The section of what is before the first heading, and of exhibits in the abstract, which are moved below it."""


def plain_text(tokens: Iterable[Token], resolved: Resolved) -> str:
    """The text of the prose for descriptions, without markup, citation numbers, and notes; not escaped."""
    return _in_one_line(_joined(tokens, resolved, _plain))


def wordings(claim: Token, resolved: Resolved) -> tuple[str, str] | None:
    """Both wordings of a claim, with names in place of numbers; None if it has only one."""
    if OTHERWISE not in claim.meta:
        return None
    own, other = (_in_one_line(_named(tokens, resolved)) for tokens in (claim.children or (), claim.meta[OTHERWISE]))
    return own, other


def article_text(prose: Prose, resolved: Resolved) -> ArticleText:
    """The paragraphs of an article and the code of its listings."""
    reader = _Paragraphs(resolved)
    reader.read_under(ABSTRACT, prose.abstract)
    reader.read_under(OPENING, prose.body)
    listings = {f"lst:{name}": shown.code for (kind, name), shown in resolved.exhibits.items() if kind == "listing"}
    return ArticleText(tuple(reader.found), listings)


def _joined(tokens: Iterable[Token], resolved: Resolved, written: Callable[[Token, Resolved], str]) -> str:
    """The texts of tokens, as `written` gives each; subscripts and superscripts are marked.

    The space before a citation that is not written is removed.
    """
    parts: list[str] = []
    rest = iter(tokens)
    for token in rest:
        if token.type in ("sub_open", "sup_open"):
            parts.append(plain_script(token.tag, _joined(until_closed(token.tag, rest), resolved, written)))
            continue
        text = written(token, resolved)
        if token.type == "citation" and not text and parts:
            parts[-1] = parts[-1].rstrip()
        parts.append(text)
    return "".join(parts)


def _plain(token: Token, resolved: Resolved) -> str:
    match token.type:
        case "text" | "code_inline" | "math_inline":
            return token.content
        case "expression":
            return resolved.texts[token.content]
        case "reference":
            return resolved.labels[token.content].text
        case "citation":
            return authors_cited(token, resolved)
        case "claim":
            return _joined(wording_of(token, resolved.judgments)[0], resolved, _plain)
        case "inline":
            return plain_text(token.children or (), resolved) + " "
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""


def _named(tokens: Iterable[Token], resolved: Resolved) -> str:
    """The text of tokens, with names in place of numbers, references, and citations."""
    return _joined(tokens, resolved, _named_token)


def _framed(tokens: Iterable[Token], resolved: Resolved) -> str:
    """The text as `_named` gives it, with the IDs of claims that have two wordings in place of the wording printed."""
    return _joined(tokens, resolved, _framed_token)


def _framed_token(token: Token, resolved: Resolved) -> str:
    match token.type:
        case "claim" if OTHERWISE in token.meta:
            return f"{{{token.attrs['id']}}}"
        case "footnote_ref" if token.children:
            return f"^[{' '.join(_framed(inline.children or (), resolved) for inline in token.children)}]"
        case _:
            return _named_token(token, resolved)


def _named_token(token: Token, resolved: Resolved) -> str:
    match token.type:
        case "expression" if token.content in resolved.bound:
            return f"{{{resolved.bound[token.content].origins[0].name}}}"
        case "reference":
            return f"@{token.content}"
        case "citation":
            return _named_citation(token)
        case "footnote_ref" if token.children:
            return f"^[{' '.join(_named(inline.children or (), resolved) for inline in token.children)}]"
        case "claim":
            return _named(wording_of(token, resolved.judgments)[0], resolved)
        case "image":
            digest = hashlib.sha256(str(token.attrs["src"]).encode()).hexdigest()
            return f"[picture {digest[:10]}: {plain_text(token.children or (), resolved)}]"
        case _:
            return _plain(token, resolved)


def _named_citation(token: Token) -> str:
    """A citation by keys: [see @key, p. 3; @other], or @key [p. 3] if the sentence names the authors."""
    keys = [
        f"{prefix} @{key}".strip() for (key, _), prefix in zip(token.meta["items"], token.meta["prefixes"], strict=True)
    ]
    if token.meta["is_narrative"]:
        ((_, at),) = token.meta["items"]
        return f"{keys[0]} [{at}]" if at else keys[0]
    cited = (", ".join(filter(None, (key, at))) for key, (_, at) in zip(keys, token.meta["items"], strict=True))
    return f"[{'; '.join(cited)}]"


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


class _Paragraphs:
    """Collects paragraphs, each under the last heading read."""

    def __init__(self, resolved: Resolved) -> None:
        self.found: list[Paragraph] = []
        self._resolved = resolved
        self._section = ""
        self._row: list[tuple[str, str]] = []

    def read_under(self, section: str, tokens: Iterable[Token]) -> None:
        """Reads tokens of the prose, which are in `section` until their first heading."""
        self._section = section
        self.read(tokens)

    def read(self, tokens: Iterable[Token], exhibit: str = "") -> None:
        """Reads tokens of the prose; `exhibit` is the label of the exhibit if they are its caption."""
        before = ""
        for token in tokens:
            match token.type:
                case "inline" if before in ("th_open", "td_open"):
                    self._row.append(self._texts(token))
                case "inline":
                    self._add(*self._texts(token), exhibit, before == "heading_open")
                case "tr_close":
                    text, frame = (" ".join(cell[kind] for cell in self._row) for kind in (0, 1))
                    self._add(text, frame)
                    self._row = []
                case "fence" | "code_block" | "math_block" | "math_block_label":
                    self._add(token.content)
                case "exhibit":
                    self.read(token.children or (), label_of(token))
                    self.read(token.meta["object"] if token.meta["kind"] == "table" else ())
                case _ if token.type == REFERENCES:
                    for reference in self._resolved.references.values():
                        self._add(reference.text)
            before = token.type

    def _texts(self, inline: Token) -> tuple[str, str]:
        """The text of an inline token, and its frame."""
        tokens = inline.children or ()
        return _named(tokens, self._resolved), _framed(tokens, self._resolved)

    def _add(self, text: str, frame: str = "", exhibit: str = "", is_heading: bool = False) -> None:
        text, frame = _in_one_line(text), _in_one_line(frame)
        self._section = text if is_heading else self._section
        if text:
            self.found.append(Paragraph(self._section, text, exhibit, "" if frame == text else frame))
