"""Claims in the prose: each marked span becomes one token, with its condition and its wordings.

An author marks a sentence or a phrase, and gives the condition under which it is true:

    [The network reached high accuracy.]{claim="test.accuracy.low > 0.97"}

A second wording can follow the claim directly. It is printed instead of the claim if the condition does not hold:

    [More training helped.]{claim="final.loss.mean < epochs[1].loss.mean"}
    [It changed the loss by {{ final.loss.mean - epochs[1].loss.mean }}.]{.otherwise}

A claim that was not planned before the results were seen is marked as exploratory:

    [The fourth layer gained most.]{claim="…" .exploratory}

Neither it nor another claim with the same condition can be in the abstract or in the conclusion: the sections whose id
or class is `abstract` or `conclusion`, or whose title has a word that begins with one of these. Quotes inside a
condition are single quotes, or are written \\". This module does not evaluate conditions; `claims` does.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from itertools import zip_longest

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics
from generator.prose.conditions import form_of
from generator.prose.markdown import line_of
from generator.prose.structure import every, until_closed

CLAIM = "claim"
OTHERWISE = "otherwise"
EXPLORATORY = "exploratory"
SUMMARIES = ("abstract", "conclusion")
"""Sections that state the findings and cannot hold exploratory claims: by id, class, or word of the title."""

_NO_CLAIM = "Other wording does not follow a claim."
_WORDING = 'Write it right after one: [so]{claim="…"} [not so]{.otherwise}.'
_ELSEWHERE = ("citation", "footnote_ref")
"""Tokens that cannot be in a claim with two wordings, because only one of these is printed."""


def mark_claims(tokens: list[Token], diagnostics: Diagnostics) -> list[Token]:
    """The tokens, with each claim as one token: its wording in the children, the other one in `meta["otherwise"]`.

    Their ids are claim:1, claim:2, and so on.
    """
    claims: list[Token] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline":
            continue
        known = len(claims)
        token.children = _marked(token.children or [], claims, diagnostics)
        if before and before.type == "heading_open":
            _check_classes(before, diagnostics)
            if len(claims) > known:
                diagnostics.tell(
                    line_of(token), "A heading contains a claim.", "Move it to the text below the heading."
                )
    for number, claim in enumerate(claims, 1):
        claim.attrs["id"] = f"claim:{number}"
    return tokens


def is_exploratory(claim: Token) -> bool:
    """Whether the author marked a claim as exploratory."""
    return EXPLORATORY in claim.meta


def check_summaries(tokens: list[Token], diagnostics: Diagnostics) -> None:
    """Reports every exploratory claim in a section that states the findings; `tokens` must be numbered."""
    exploratory = {form_of(token.content) for token in every(tokens) if token.type == CLAIM and is_exploratory(token)}
    for section, token in _by_section(tokens):
        for claim in every([token]) if section else ():
            if claim.type == CLAIM and form_of(claim.content) in exploratory:
                which = "An exploratory claim" if is_exploratory(claim) else "A claim that is exploratory elsewhere"
                what = f"{which} is in the {min(section)}."
                step = "Move it to the results, or remove .exploratory if the comparison was planned beforehand."
                diagnostics.tell(line_of(claim), what, step)


def _by_section(tokens: list[Token]) -> Iterator[tuple[set[str], Token]]:
    """Each token, with the names of the summaries that it is in."""
    around: list[tuple[str, set[str]]] = []
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.type == "heading_open":
            around = [section for section in around if section[0] < token.tag]
            around.append((token.tag, _summaries(token, after.content if after else "")))
        yield set().union(*(names for _, names in around)), token


def _summaries(heading: Token, title: str) -> set[str]:
    """The names of the summaries that a section is: `Conclusions` and `Discussion and Conclusion` are conclusions."""
    names = {str(heading.attrs.get("id", "")), *str(heading.attrs.get("class", "")).split()}
    words = re.findall(r"\w+", title.lower())
    return {name for name in SUMMARIES if name in names or any(word.startswith(name) for word in words)}


def _marked(tokens: list[Token], claims: list[Token], diagnostics: Diagnostics) -> list[Token]:
    marked: list[Token] = []
    rest = iter(tokens)
    for token in rest:
        if token.type == "footnote_ref":
            token.children = _marked(token.children or [], claims, diagnostics)
        if _is_claim(token):
            marked.append(_claim(token, until_closed("span", rest), diagnostics))
            claims.append(marked[-1])
        elif _is_otherwise(token):
            _add_wording(marked, token, until_closed("span", rest), diagnostics)
        else:
            if not _tell_wording(token, marked, diagnostics):
                _check_classes(token, diagnostics)
            marked.append(token)
    return marked


def _tell_wording(token: Token, before: list[Token], diagnostics: Diagnostics) -> bool:
    """Reports a span right after a claim that looks like its other wording but is not marked as such."""
    claim = next((one for one in reversed(before) if not _is_blank(one)), None)
    is_apart = claim is None or claim.type != CLAIM or OTHERWISE in claim.meta
    attributes = [f".{name}" for name in _classes(token)] + [f"#{id}" for id in [token.attrs.get("id")] if id]
    if token.type != "span_open" or is_apart or not attributes:
        return False
    what = f"[…]{{{' '.join(attributes)}}} follows a claim, but is not marked as its other wording."
    diagnostics.tell(line_of(token), what, "Mark it with {.otherwise}, or put some text between the two.")
    return True


def _check_classes(token: Token, diagnostics: Diagnostics) -> None:
    """Reports the classes of claims and of other wordings, even if misspelled, where they do not belong."""
    for name in _classes(token):
        match difflib.get_close_matches(name.lower(), (OTHERWISE, EXPLORATORY), 1, cutoff=0.8):
            case [close] if close == OTHERWISE:
                diagnostics.tell(line_of(token), _NO_CLAIM, _WORDING)
            case [_]:
                what = f"The class .{name} is for claims only."
                diagnostics.tell(line_of(token), what, 'Write [sentence]{claim="…" .exploratory}.')


def _is_claim(token: Token) -> bool:
    return token.type == "span_open" and CLAIM in token.meta.get("insecure_attrs", {})


def _is_otherwise(token: Token) -> bool:
    return token.type == "span_open" and OTHERWISE in _classes(token)


def _classes(token: Token) -> list[str]:
    return str(token.attrs.get("class", "")).split()


def _claim(opened: Token, content: list[Token], diagnostics: Diagnostics) -> Token:
    line, others = line_of(opened), dict(opened.meta["insecure_attrs"])
    condition = str(others.pop(CLAIM)).replace('\\"', '"').strip()
    claim = Token(CLAIM, "span", 0, map=opened.map, content=condition, children=content)
    claim.meta["insecure_attrs"] = others
    attributes = dict(opened.attrs)
    if attributes.get("class") == EXPLORATORY:
        claim.meta[EXPLORATORY] = attributes.pop("class")
    if attributes:
        what = f"A claim cannot be given the attribute {next(iter(attributes))}."
        diagnostics.tell(line, what, "Put it on a span inside the claim.")
    if not condition:
        what = "A claim has no condition."
        diagnostics.tell(line, what, 'Write [sentence]{claim="test.accuracy.low > 0.9"}.')
    _check_wording(content, line, diagnostics)
    return claim


def _add_wording(marked: list[Token], opened: Token, content: list[Token], diagnostics: Diagnostics) -> None:
    """Adds a second wording to the claim before it, and removes the spaces between them."""
    line = line_of(opened)
    while len(marked) > 1 and _is_blank(marked[-1]):
        marked.pop()
    if not marked or marked[-1].type != CLAIM or OTHERWISE in marked[-1].meta:
        diagnostics.tell(line, _NO_CLAIM, _WORDING)
        return
    if _classes(opened) != [OTHERWISE] or len(opened.attrs) > 1:
        what = "The other wording of a claim can have no attribute but .otherwise."
        diagnostics.tell(line, what, "Put them on a span inside it.")
    marked[-1].meta["insecure_attrs"].update(opened.meta.get("insecure_attrs", {}))
    marked[-1].meta[OTHERWISE] = content
    _check_wording(content, line, diagnostics)
    wordings = every([*(marked[-1].children or []), *content])
    if any(token.type in _ELSEWHERE or "id" in token.attrs for token in wordings):
        what = "A claim with two wordings contains a citation, a note, or an id, but only one wording is printed."
        diagnostics.tell(line, what, "Put it after the claim.")


def _is_blank(token: Token) -> bool:
    return token.type == "softbreak" or (token.type == "text" and not token.content.strip())


def _check_wording(content: list[Token], line: int, diagnostics: Diagnostics) -> None:
    if not any(token.content.strip() for token in content):
        diagnostics.tell(line, "A claim is empty.", "Write the sentence between [ and ].")
    if any(_is_claim(token) or _is_otherwise(token) for token in content):
        diagnostics.tell(line, "A claim is inside another claim.", "Put them one after the other.")
