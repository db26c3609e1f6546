"""Typographic marks: dashes, ellipses, subscripts, and superscripts.

These are inline rules of markdown-it, so that code, equations, expressions and addresses keep what was written, and a
backslash keeps a character as it is. Quotation marks are markdown-it's own.
"""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

DASHES = {"--": "\N{EN DASH}", "---": "\N{EM DASH}"}
_DASHES = re.compile(r"(?<!-)-{2,3}(?!-)")
_SCRIPT = re.compile(r"(?<![~^])([~^])([^\s~^{}\\`$*\[\]@<]+)\1(?![~^])")
_TAGS = {"~": "sub", "^": "sup"}


def with_dashes(text: str) -> str:
    """The text with -- and --- as dashes."""
    return _DASHES.sub(lambda match: DASHES[match[0]], text)


def dashes(state: StateInline, silent: bool) -> bool:
    """The inline rule of an en dash, --, and of an em dash, ---; more hyphens are a line that somebody drew."""
    match = _DASHES.match(state.src, state.pos, state.posMax)
    return match is not None and _replace(state, silent, match.end(), DASHES[match[0]])


def ellipsis(state: StateInline, silent: bool) -> bool:
    """The inline rule of three full stops."""
    is_there = state.src.startswith("...", state.pos) and state.pos + 3 <= state.posMax
    return is_there and _replace(state, silent, state.pos + 3, "\N{HORIZONTAL ELLIPSIS}")


def script(state: StateInline, silent: bool) -> bool:
    """The inline rule of H~2~O and 10^3^, as in Pandoc."""
    match = _SCRIPT.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        tag = _TAGS[match[1]]
        state.push(f"{tag}_open", tag, 1).markup = match[1]
        state.push("text", "", 0).content = match[2]
        state.push(f"{tag}_close", tag, -1).markup = match[1]
    state.pos = match.end()
    return True


def _replace(state: StateInline, silent: bool, end: int, text: str) -> bool:
    if not silent:
        state.append_pending(text)
    state.pos = end
    return True
