"""The author's Markdown: CommonMark with tables, notes, definitions and maths, and what a report adds to it.

What is added are inline tokens, so that a value or a citation is a node of the prose and never text that
could turn into markup: `{{ expression }}`, `[@key]` and `@fig:name`. Every inline token is given its lines
(`map`). Raw HTML is off: it is text. What the tokens mean, and whether what they name exists, is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.attrs.parse import ParseError
from mdit_py_plugins.attrs.parse import parse as parse_attributes
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from generator.core.diagnostics import Diagnostics

Rule = Callable[[StateInline, bool], bool]

ATTRIBUTES = ("class", "id", "lang")
"""The attributes that a span, a link, an image, code or a heading can be given."""

KINDS = {"fig": "Figure", "tbl": "Table", "lst": "Listing", "sec": "Section", "eq": "Equation"}
"""What can be referred to, by the prefix of its id, and how a reference to it begins."""

_EXPRESSION = re.compile(r"""\{\{((?:"[^"]*"|'[^']*'|(?!\}\})[^"'])*+)\}\}""")
_CITATION = re.compile(rf"\[@(?!(?:{'|'.join(KINDS)}):)([^\[\]]*)\]")
_CITED = re.compile(r"\s*@([^\s,;@]+)(?:\s*,\s*([^@]+?))?\s*")
_REFERENCE = re.compile(r"@(\w+):(\w+(?:[-.:]\w+)*)")
_HEADING_ATTRIBUTES = re.compile(r"\s*(?<!\{)(\{[^{}]*\})\s*$")
_SHIELD = "\ufdd0"
"""Stands for a bar inside an expression while tables are split at bars; Unicode keeps it for such uses."""


def tokens_of(text: str, diagnostics: Diagnostics) -> list[Token]:
    """The tokens of the prose; a note written in place, as ^[note], is in the children of its call.

    Mistakes that can be seen from the syntax alone are added to `diagnostics`.
    """
    env: dict[str, Any] = {"diagnostics": diagnostics, "line": 0}
    tokens = _markdown().parse(text, env)
    notes = env.get("footnotes", {}).get("list", {})
    for token in tokens:
        token.content = token.content.replace(_SHIELD, "|")
        _place(token.children or [], line_of(token) - 1, notes)
    return tokens


def line_of(token: Token) -> int:
    """The line, from 1, on which a token begins."""
    return token.map[0] + 1 if token.map else 1


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])
    markdown.use(deflist_plugin).use(footnote_plugin, move_to_end=False, always_match_refs=True)
    markdown.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    markdown.use(container_plugin, "block", validate=lambda *_: True)
    markdown.use(attrs_plugin, spans=True, allowed=ATTRIBUTES)
    # Links of every kind are let through here, to be refused by `structure` with the line they stand on.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    inline = markdown.inline.ruler
    inline.before("math_inline", "expression", _expression)
    inline.after("expression", "reference", _reference)
    inline.before("link", "citation", _citation)
    inline.push("unread_attributes", _unread_attributes)
    for name, rule in zip(inline.get_active_rules(), inline.getRules(""), strict=True):
        inline.at(name, partial(_with_lines, rule, name in ("image", "footnote_inline")))
    markdown.core.ruler.after("normalize", "shield", _shield)
    markdown.core.ruler.after("block", "heading_attributes", _heading_attributes)
    markdown.core.ruler.at("inline", _inline)
    return markdown


def _shield(state: StateCore) -> None:
    """Hides the bars of `{{ value | filter }}` from tables, which would end a cell there."""
    state.src = re.sub(r"\{\{.*?\}\}", lambda match: match[0].replace("|", _SHIELD), state.src)


def _heading_attributes(state: StateCore) -> None:
    """Moves `{.class #id}` from the end of a heading's text to its attributes."""
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        match = _HEADING_ATTRIBUTES.search(inline.content) if heading.type == "heading_open" else None
        if match is None:
            continue
        try:
            _, attributes = parse_attributes(match[1])
        except ParseError:
            what = f"{match[1]} cannot be read as the attributes of a heading."
            state.env["diagnostics"].tell(line_of(inline), what, "Write it like {.unnumbered #id}.")
            continue
        inline.content = inline.content[: match.start()]
        heading.attrs.update({name: attributes[name] for name in attributes if name in ATTRIBUTES})
        heading.meta["insecure_attrs"] = {n: v for n, v in attributes.items() if n not in ATTRIBUTES}


def _inline(state: StateCore) -> None:
    """CommonMark's own step, with the line told on which each text begins."""
    for token in state.tokens:
        if token.type == "inline":
            state.env["line"] = line_of(token) - 1
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _with_lines(rule: Rule, is_apart: bool, state: StateInline, silent: bool) -> bool:
    """Runs an inline rule and notes on which lines (from 0) the tokens it pushed stand.

    `is_apart` marks rules that parse their text apart from the paragraph, so that its lines count from there.
    """
    if silent:
        return rule(state, True)
    first, position, known = state.env["line"], state.pos, len(state.tokens)
    if is_apart:
        state.env["line"] = first + state.src.count("\n", 0, position)
    matched = rule(state, False)
    state.env["line"] = first
    if matched:
        start = first + state.src.count("\n", 0, position)
        end = first + state.src.count("\n", 0, state.pos)
        for token in state.tokens[known:]:
            if token.map is None and token.type != "text":
                token.map = [end if token.nesting < 0 else start, start if token.nesting > 0 else end]
    return matched


def _place(children: list[Token], line: int, notes: dict[int, dict[str, list[Token]]]) -> None:
    """Gives text its line: that of what stands before it, since a new line is a token of its own."""
    for child in children:
        child.content = child.content.replace(_SHIELD, "|")
        child.map = child.map or [line, line]
        if child.type == "footnote_ref":
            child.children = notes[child.meta["id"]].get("tokens", [])
        _place(child.children or [], child.map[0], notes)
        line = child.map[1]


def _expression(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{{", state.pos):
        return False
    match = _EXPRESSION.match(state.src, state.pos, state.posMax)
    if match is None or not match[1].strip():
        if not silent:
            what = 'The expression "{{ }}" is empty.' if match else '"{{" is not closed by "}}".'
            next = "Write {{ value }} in one paragraph, or \\{{ for the characters themselves."
            _tell_here(state, what, next)
        return False
    if not silent:
        state.push("expression", "", 0).content = match[1].strip()
    state.pos = match.end()
    return True


def _citation(state: StateInline, silent: bool) -> bool:
    match = _CITATION.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    cited = [_CITED.fullmatch(part) for part in f"@{match[1]}".split(";")]
    if not silent:
        token = state.push("citation", "", 0)
        token.content = match[0]
        token.meta["items"] = [(part[1], part[2] or "") for part in cited if part]
        if not all(cited):
            _tell_here(state, f"{match[0]} cannot be read as a citation.", "Write it like [@key; @other, p. 3].")
    state.pos = match.end()
    return True


def _reference(state: StateInline, silent: bool) -> bool:
    match = _REFERENCE.match(state.src, state.pos, state.posMax)
    if match is None or re.match(r"\w", state.src[state.pos - 1 : state.pos]):
        return False
    if match[1] not in KINDS:
        if not silent:
            kinds = ", ".join(f"@{kind}:" for kind in KINDS)
            _tell_here(state, f"{match[0]} is not a reference.", f"References begin with {kinds}; write \\@ for @.")
        return False
    if not silent:
        state.push("reference", "", 0).content = match[0].removeprefix("@")
    state.pos = match.end()
    return True


def _unread_attributes(state: StateInline, silent: bool) -> bool:
    """Never matches: it tells of a `[text]{...}` whose braces no other rule could read."""
    if not silent and state.src.startswith("]{", state.pos - 1) and state.src[state.pos - 2] != "\\":
        what = "The attributes of this [text]{…} cannot be read."
        _tell_here(state, what, 'Write them like {.class #id lang="fr"}, or write \\{ for the character itself.')
    return False


def _tell_here(state: StateInline, what: str, next: str) -> None:
    line: int = state.env["line"] + state.src.count("\n", 0, state.pos) + 1
    state.env["diagnostics"].tell(line, what, next)
