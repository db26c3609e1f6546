"""Parses what begins with an @: citations, as in Pandoc, and references to numbered parts of the article.

A citation is `[@key]`, `[see @key, p. 3; @other]` or, as part of a sentence, `@key` and `@key [p. 3]`. A reference is
`@fig:name`, or `@fig-name` as in Quarto. An address such as user@example.org is text. This module does not check that
what is named exists.

Source: Pandoc User's Guide, "Citation syntax"; Quarto guide, "Cross references".
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from generator.core.diagnostics import Diagnostics
from generator.prose.typography import with_dashes

KINDS = {"fig": "Figure", "tbl": "Table", "lst": "Listing", "sec": "Section", "eq": "Equation"}
"""What can be referred to: the prefix of its id, and the word with which a reference to it begins."""

_WAY = "Write it like [@key; @other, p. 3]."
_NAME = r"\w+(?:[-.:]\w+)*"
_NUMBERED = rf"(?P<kind>{'|'.join(KINDS)})[:-](?P<name>{_NAME})"
_REFERENCE = re.compile(rf"@{_NUMBERED}|\[@{_NUMBERED.replace('?P<kind>', '').replace('?P<name>', '')}\](?![(\[{{])")
_NO_KIND = re.compile(rf"@(?P<kind>\w+):{_NAME}")
_BRACKETS = re.compile(r"\[([^\[\]]*)\](?!\(|\{|\[(?![@^]))")
_MENTION = re.compile(r"(?<![\w\\/.])@(\w\S*)")
_CITED = re.compile(r"\s*(?:(?P<prefix>[^@]*)\s)?\s*-?@(?P<key>[^\s,;@]+)(?:(?:\s*,\s*|\s+)(?P<locator>[^@]+?))?\s*")
_NARRATIVE = re.compile(r"(?P<bare>-?)@(?P<key>\w+(?:[.#$%&+?<>~/-]\w+)*)(?: \[(?P<locator>[^\[\]@]*)\](?![(\[{]))?")
_MARKUP = re.compile(r"[`*$]|\{\{")


def reference(state: StateInline, silent: bool) -> bool:
    """The inline rule for `@fig:name`, with or without brackets around it."""
    match = _REFERENCE.match(state.src, state.pos, state.posMax)
    if _is_inside_a_word(state):
        return False
    if match is None:
        return _unknown_kind(state, silent)
    if not silent:
        kind, name = re.split("[:-]", match[0].strip("[@]"), maxsplit=1)
        state.push("reference", "", 0).content = f"{kind}:{name}"
    state.pos = match.end()
    return True


def _unknown_kind(state: StateInline, silent: bool) -> bool:
    """Reports @tab:name, which is neither a reference nor, without brackets, a citation."""
    match = _NO_KIND.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        kinds = ", ".join(f"@{kind}:" for kind in KINDS)
        next = f"References begin with {kinds}; write [{match[0]}] to cite, or \\@ for @."
        tell_here(state, f"{match[0]} is not a reference.", next)
        state.append_pending(match[0])
    state.pos = match.end()
    return True


def citation(state: StateInline, silent: bool) -> bool:
    """The inline rule for a citation in brackets."""
    match = _BRACKETS.match(state.src, state.pos, state.posMax)
    mentions = _MENTION.findall(re.sub("`[^`]*`", "", match[1])) if match else []
    if match is None or all(re.match(_NUMBERED, mention) for mention in mentions):
        return False
    cited = [_CITED.fullmatch(part) for part in match[1].split(";")]
    if not silent:
        token = state.push("citation", "", 0)
        token.content = match[0]
        token.meta["items"] = [(part["key"], with_dashes(part["locator"] or "")) for part in cited if part]
        token.meta["prefixes"] = [with_dashes((part["prefix"] or "").strip()) for part in cited if part]
        token.meta["is_narrative"] = False
        _check(state, match[0], all(cited))
    state.pos = match.end()
    return True


def _check(state: StateInline, written: str, is_read: bool) -> None:
    if not is_read or re.search(rf"@{_NUMBERED}", written):
        tell_here(state, f"{written} cannot be read as a citation.", _WAY)
    elif _MARKUP.search(written):
        next = "Write plain text beside a key; values, code, and emphasis go outside the brackets."
        tell_here(state, f"{written} contains more than keys and plain text.", next)


def narrative(state: StateInline, silent: bool) -> bool:
    """The inline rule for a citation that is part of the sentence: `@key says`. `-@key` prints only its number."""
    match = _NARRATIVE.match(state.src, state.pos, state.posMax)
    if match is None or _is_inside_a_word(state) or state.src.endswith("\\[", 0, state.pos):
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = match[0]
        token.meta["items"] = [(match["key"], with_dashes(match["locator"] or ""))]
        token.meta["prefixes"] = [""]
        token.meta["is_narrative"] = not match["bare"]
    state.pos = match.end()
    return True


def _is_inside_a_word(state: StateInline) -> bool:
    """Whether the @ is inside a word, as in user@example.org, or an address, as in example.org/@user."""
    return re.match(r"[\w/.]", state.src[max(0, state.pos - 1) : state.pos]) is not None


def tell_here(state: StateInline, what: str, next: str) -> None:
    """Reports an error at the position that an inline rule has reached, with its line."""
    diagnostics: Diagnostics = state.env["diagnostics"]
    line: int = state.env["line"] + state.src.count("\n", 0, state.pos) + 1
    diagnostics.tell(line, what, next)
