"""Parses the author's Markdown: CommonMark with tables, notes, definitions, math, and the additions of a report.

The additions are inline tokens: `{{ expression }}`, `[@key]`, and `@fig:name`. A value or a citation is thus a node of
the prose, and never text that could turn into markup. Every inline token has its lines (`map`). Raw HTML is off: it is
text, except for comments, which are left out. Dashes, ellipses, ~~struck~~ text, subscripts, and superscripts are as in
Pandoc. This module does not know what the tokens mean, or whether what they name exists.
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
from generator.core.formatting import integer
from generator.prose import citation_syntax, comments, foreign_syntax, typography
from generator.prose.citation_syntax import tell_here
from generator.prose.expressions import FILTER_NAMES

Rule = Callable[[StateInline, bool], bool]

ATTRIBUTES = ("class", "id", "lang")
"""The attributes that a span, a link, an image, code, or a heading can have."""

RESULT = r"\s*[^\W\d]\w*(?:\.\w|\[)"
"""Matches how a result begins in an expression: with a name and a dot, or with a name and a bracket."""

_EXPRESSION = re.compile(r"""\{\{((?:"[^"]*"|'[^']*'|(?!\}\}|\{\{)[^"'])*+)\}\}""")
_HALF_OPENED = re.compile(rf"(?<!\{{)\{{{RESULT}[^{{}}\n]*\}}\}}")
_BRACED = re.compile(r"(?<!\{)\{(?![.#]|[\w-]+=)([^{}`$]+)\}(?!\})")
"""Text between single braces that are not those of attributes."""

_FILTERED = re.compile(rf"{RESULT}[^|]*\|\s*(?:{'|'.join(FILTER_NAMES)})\s*(?:[(|]|$)")
"""What looks like a result with a filter; {n | integer} may be a set."""

_IN_ONE_PARAGRAPH = "Write {{ value }} in one paragraph, or \\{{ for the characters themselves."
_TWO_BRACES = "Write {{ value }}, with two braces on each side."
_OPEN_ATTRIBUTES = re.compile(r"\{(?=[.#]|[\w-]+=)[^{}\n]*(?=[{\n]|$)")
_WIDTH = re.compile(r"\{([^{}%]*?)\bwidth=\"?(\d+(?:\.\d+)?%)\"?(?![^\s}])([^{}%]*)\}")
_HEADING_ATTRIBUTES = re.compile(r"\s*(?<!\{)(\{[^{}]*\})\s*$")
MAX_PARAGRAPH_CHARACTERS, MAX_BRACKETS = 20_000, 1_000
"""For a paragraph, a heading, or a cell: the time to match its parts grows faster than its length."""

MAX_QUOTED = 40
"""The most characters of the prose that a message quotes to show where something begins."""

_SHIELD = "\ufdd0"
"""Replaces bars inside expressions while tables are split at bars; a noncharacter of Unicode."""

BRACED = "braced"
"""The key of `meta` under which an inline token has the texts in single braces that may be values, with their lines."""


def tokens_of(text: str, diagnostics: Diagnostics) -> list[Token]:
    """The tokens of the prose; a note written in place, as ^[note], is in the children of its call.

    Errors that the syntax alone shows are added to `diagnostics`.
    """
    foreign_syntax.check_source(text, diagnostics)
    env: dict[str, Any] = {"diagnostics": diagnostics, "line": 0}
    tokens = _markdown().parse(text, env)
    notes = env.get("footnotes", {}).get("list", {})
    for token in tokens:
        _place(token.children or [], line_of(token) - 1, notes)
    return tokens


def line_of(token: Token) -> int:
    """The line on which a token begins, from 1."""
    return token.map[0] + 1 if token.map else 1


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
        ["table", "smartquotes", "strikethrough"]
    )
    markdown.use(deflist_plugin).use(footnote_plugin, move_to_end=False, always_match_refs=True)
    markdown.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    markdown.use(container_plugin, "block", validate=lambda *_: True)
    markdown.use(attrs_plugin, spans=True, allowed=ATTRIBUTES)
    # Every link is accepted here, so that `links` can refuse it with its line.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    markdown.block.ruler.before("fence", "comment", comments.comment_block)
    _add_inline_rules(markdown)
    inline = markdown.inline.ruler
    for name, rule in zip(inline.get_active_rules(), inline.getRules(""), strict=True):
        inline.at(name, partial(_with_lines, rule, name in ("image", "footnote_inline")))
    markdown.core.ruler.after("normalize", "shield", _shield)
    markdown.core.ruler.after("block", "unshield", _unshield)
    markdown.core.ruler.after("unshield", "size", _check_sizes)
    markdown.core.ruler.after("size", "tasks", foreign_syntax.tasks)
    markdown.core.ruler.after("size", "heading_attributes", _heading_attributes)
    markdown.core.ruler.at("inline", _inline)
    return markdown


def _add_inline_rules(markdown: MarkdownIt) -> None:
    for char in ".|×":
        markdown.inline.add_terminator_char(char)
    inline = markdown.inline.ruler
    inline.before("escape", "latex", foreign_syntax.latex)
    inline.before("latex", "lines", foreign_syntax.lines)
    inline.before("backticks", "quotes", foreign_syntax.quotes)
    inline.before("autolink", "html", foreign_syntax.html)
    inline.before("math_inline", "expression", _expression)
    inline.after("math_inline", "unclosed_equation", _unclosed_equation)
    inline.after("expression", "reference", citation_syntax.reference)
    inline.after("reference", "narrative", citation_syntax.narrative)
    inline.before("emphasis", "dashes", typography.dashes)
    inline.before("emphasis", "ellipsis", typography.ellipsis)
    inline.before("emphasis", "times", typography.times)
    inline.after("emphasis", "script", typography.script)
    inline.before("link", "citation", citation_syntax.citation)
    inline.before("citation", "foreign_brackets", foreign_syntax.brackets)
    inline.before("foreign_brackets", "claims_in_parentheses", foreign_syntax.claims_in_parentheses)
    inline.before("autolink", "comment", comments.comment)
    inline.before("attr", "width", _width)
    inline.push("unread_attributes", _unread_attributes)
    inline.push("role", foreign_syntax.role)
    inline.push("stray_attributes", foreign_syntax.stray_attributes)
    inline.push("unopened_attributes", foreign_syntax.unopened_attributes)


def _shield(state: StateCore) -> None:
    """Hides the bars of `{{ value | filter }}` and `{ value | filter }` from tables, where they would end a cell."""
    state.src = "\n".join(_shielded(line) for line in state.src.split("\n"))


def _shielded(line: str) -> str:
    parts, position = [], 0
    while (start := line.find("{{", position)) >= 0 and (end := line.find("}}", start)) >= 0:
        parts += [line[position:start], line[start:end].replace("|", _SHIELD)]
        position = end
    return _BRACED.sub(_without_bars, "".join(parts) + line[position:])


def _without_bars(braced: re.Match[str]) -> str:
    return braced[0].replace("|", _SHIELD) if _FILTERED.search(braced[1]) else braced[0]


def _check_sizes(state: StateCore) -> None:
    """Reports and empties paragraphs that would take minutes to parse."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        brackets = token.content.count("[") + token.content.count("{{")
        if len(token.content) > MAX_PARAGRAPH_CHARACTERS or brackets > MAX_BRACKETS:
            what = f"This paragraph has {integer(len(token.content))} characters and {integer(brackets)} brackets."
            limits = f"{integer(MAX_PARAGRAPH_CHARACTERS)} characters and {integer(MAX_BRACKETS)} brackets"
            state.env["diagnostics"].tell(line_of(token), what, f"Divide it: a paragraph has at most {limits}.")
            token.content = ""


def _unshield(state: StateCore) -> None:
    """Puts the bars back, before inline parsing."""
    for token in state.tokens:
        token.content, token.info = token.content.replace(_SHIELD, "|"), token.info.replace(_SHIELD, "|")
    for definition in state.env.get("references", {}).values():
        definition["title"] = definition["title"].replace(_SHIELD, "|")


def _heading_attributes(state: StateCore) -> None:
    """Moves `{.class #id}` from the end of a heading's text to its attributes."""
    for heading, inline in zip(state.tokens, state.tokens[1:], strict=False):
        match = _HEADING_ATTRIBUTES.search(inline.content) if heading.type == "heading_open" else None
        if match is None:
            continue
        inline.content = inline.content[: match.start()]
        try:
            _, attributes = parse_attributes(match[1])
        except ParseError:
            what = f"{match[1]} cannot be read as the attributes of a heading."
            state.env["diagnostics"].tell(line_of(inline), what, "Write it like {.unnumbered #id}.")
            continue
        heading.attrs.update({name: attributes[name] for name in attributes if name in ATTRIBUTES})
        heading.meta["insecure_attrs"] = {n: v for n, v in attributes.items() if n not in ATTRIBUTES}


def _inline(state: StateCore) -> None:
    """CommonMark's inline step, which also sets the line on which each text begins."""
    for token in state.tokens:
        if token.type == "inline":
            state.env["line"] = line_of(token) - 1
            state.env[BRACED] = token.meta[BRACED] = []
            token.children = []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _with_lines(rule: Rule, is_apart: bool, state: StateInline, silent: bool) -> bool:
    """Runs an inline rule, and records the lines (from 0) of the tokens that it adds.

    `is_apart` marks rules that parse their text separately from the paragraph, so that lines count from there.
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
    """Gives each text the line of the token before it, since a new line is a separate token."""
    for child in children:
        child.map = child.map or [line, line]
        if child.type == "footnote_ref":
            child.children = notes[child.meta["id"]].get("tokens", [])
        _place(child.children or [], child.map[0], notes)
        line = child.map[1]


def _expression(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{{", state.pos):
        return _half_opened(state, silent)
    match = _EXPRESSION.match(state.src, state.pos, state.posMax)
    if match is None:
        if not silent:
            begun = re.split(r"\n|\{\{", state.src[state.pos + 2 : state.posMax])[0].rstrip()
            tell_here(state, f'"{{{{{_quoted(begun)}" is not closed by "}}}}".', _IN_ONE_PARAGRAPH)
        return False
    if not silent:
        if not match[1].strip():
            tell_here(state, 'The expression "{{ }}" is empty.', _IN_ONE_PARAGRAPH)
        elif match[1].startswith("{"):
            tell_here(state, '"{{{" does not begin an expression.', _TWO_BRACES)
        state.push("expression", "", 0).content = match[1].strip()
    state.pos = match.end()
    return True


def _quoted(begun: str) -> str:
    """The text, or its beginning if it is long."""
    return begun if len(begun) <= MAX_QUOTED else f"{begun[:MAX_QUOTED]}…"


def _half_opened(state: StateInline, silent: bool) -> bool:
    """Never matches: reports a value that begins with one brace, unless only the names of results would tell."""
    if silent:
        return False
    if match := _HALF_OPENED.match(state.src, state.pos, state.posMax):
        tell_here(state, f'"{match[0]}" begins with one brace.', f"{_TWO_BRACES[:-1]}, or \\{{ for the character.")
    elif match := _BRACED.match(state.src, state.pos, state.posMax):
        if _FILTERED.search(match[1]):
            tell_here(state, *single_braces(match[0]))
        else:
            line = state.env["line"] + state.src.count("\n", 0, state.pos) + 1
            state.env[BRACED].append((match[0], line))
    return False


def single_braces(text: str) -> tuple[str, str]:
    """What is wrong with a value in single braces, and what to write instead."""
    return f'"{text}" has one brace on each side.', f"{_TWO_BRACES[:-1]}, or \\{{ for the character."


def _unclosed_equation(state: StateInline, silent: bool) -> bool:
    if not silent and state.src.startswith("$$", state.pos):
        tell_here(state, "An equation, $$, is not closed.", "Write $$ on both sides of it, or \\$ for the character.")
    return False


def _width(state: StateInline, silent: bool) -> bool:
    """Reads the attributes of a picture with a width in percent, without quotes around 50%, as in Pandoc."""
    match = _WIDTH.match(state.src, state.pos, state.posMax)
    if match is None or silent or state.pending or not state.tokens or state.tokens[-1].type != "image":
        return False
    try:
        _, attributes = parse_attributes(f"{{{match[1]} {match[3]}}}")
    except ParseError:
        return False
    image = state.tokens[-1]
    image.attrs.update({name: value for name, value in attributes.items() if name in ATTRIBUTES})
    image.meta["insecure_attrs"] = {n: v for n, v in attributes.items() if n not in ATTRIBUTES} | {"width": match[2]}
    state.pos = match.end()
    return True


def _unread_attributes(state: StateInline, silent: bool) -> bool:
    """Never matches: reports a `[text]{...}` whose braces no other rule could read."""
    if not silent and state.src.startswith("]{", state.pos - 1) and state.src[state.pos - 2] != "\\":
        what = "The attributes of this [text]{…} cannot be read."
        like = '{.class #id lang="fr"}'
        if state.src.startswith("{claim", state.pos):
            like = '{claim="test.accuracy.low > 0.9"}'
        if match := _OPEN_ATTRIBUTES.match(state.src, state.pos, state.posMax):
            what = f'"{_quoted(match[0])}" is not closed by "}}".'
        tell_here(state, what, f"Write them like {like}, or write \\{{ for the character itself.")
    return False
