"""Typographic marks: dashes, ellipses, times signs, subscripts, and superscripts, the last two also as plain text.

These are inline rules of markdown-it, so that code, equations, expressions, addresses, and characters after a backslash
do not change. This module does not handle quotation marks; markdown-it does.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

from generator.core.formatting import NO_BREAK_SPACE

DASHES = {"--": "\N{EN DASH}", "---": "\N{EM DASH}"}
_DASHES = re.compile(r"(?<!-)-{2,3}(?!-)")
_TIMES = re.compile(" ×[ \\n]")
_TAGS = {"~": "sub", "^": "sup"}
_MARKS = {mark: re.compile(r"(?<!{0}){0}(?!{0})".format(re.escape(mark))) for mark in _TAGS}
_SYNTAX = "\\`$*_[!<{@&~^"
"""Characters with which other inline rules begin."""

_PLAIN_SCRIPTS = {
    "sub": str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
    "sup": str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ"),
}
_PLAIN_MARKS = {"sub": "_", "sup": "^"}


def with_dashes(text: str) -> str:
    """The text with -- and --- replaced by dashes."""
    return _DASHES.sub(lambda match: DASHES[match[0]], text)


def plain_script(tag: str, text: str) -> str:
    """A subscript or superscript as plain text: 10⁻³ and H₂O; if that is not possible, x^2a and x_(i, j)."""
    script = text.translate(_PLAIN_SCRIPTS[tag])
    if not re.search(r"[A-Za-z0-9]", script):
        return script
    return f"{_PLAIN_MARKS[tag]}{text}" if text.isalnum() else f"{_PLAIN_MARKS[tag]}({text})"


def dashes(state: StateInline, silent: bool) -> bool:
    """The inline rule for an en dash, --, and an em dash, ---; longer rows of hyphens do not change."""
    match = _DASHES.match(state.src, state.pos, state.posMax)
    return match is not None and _replace(state, silent, match.end(), DASHES[match[0]])


def ellipsis(state: StateInline, silent: bool) -> bool:
    """The inline rule for three periods."""
    is_there = state.src.startswith("...", state.pos) and state.pos + 3 <= state.posMax
    return is_there and _replace(state, silent, state.pos + 3, "\N{HORIZONTAL ELLIPSIS}")


def times(state: StateInline, silent: bool) -> bool:
    """The inline rule for a times sign between spaces: lines do not break there."""
    if not state.pos or not _TIMES.match(state.src, state.pos - 1):
        return False
    if not silent:
        state.pending = f"{state.pending[:-1]}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}"
    state.pos += 2
    return True


def script(state: StateInline, silent: bool) -> bool:
    """The inline rule for H~2~O, 10^3^, and 10^{{ x }}^, as in Pandoc: spaces are allowed only inside other markup."""
    mark, start, end = state.src[state.pos], state.pos + 1, state.posMax
    closing = _script_end(state) if mark in _TAGS else None
    if closing is None:
        return False
    if not silent:
        state.pos, state.posMax = start, closing
        state.push(f"{_TAGS[mark]}_open", _TAGS[mark], 1).markup = mark
        state.md.inline.tokenize(state)
        state.push(f"{_TAGS[mark]}_close", _TAGS[mark], -1).markup = mark
    state.pos, state.posMax = closing + 1, end
    return True


def _script_end(state: StateInline) -> int | None:
    """The position of the mark that closes the current one; doubled marks neither open nor close."""
    opening, mark = state.pos, _MARKS[state.src[state.pos]]
    if not mark.match(state.src, opening):
        return None
    state.pos += 1
    while state.pos < state.posMax and not mark.match(state.src, state.pos) and not state.src[state.pos].isspace():
        if state.src[state.pos] in _SYNTAX:
            state.md.inline.skipToken(state)
        else:
            state.pos += 1
    closing, state.pos = state.pos, opening
    return closing if closing < state.posMax and mark.match(state.src, closing) else None


def _replace(state: StateInline, silent: bool, end: int, text: str) -> bool:
    if not silent:
        state.append_pending(text)
    state.pos = end
    return True
