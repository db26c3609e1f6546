"""HTML comments: `<!-- a note to oneself -->` is not printed, and its content is ignored.

A comment inside a line of text must end in the same paragraph; one that begins a line may contain empty lines.
"""

from __future__ import annotations

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from generator.prose.citation_syntax import tell_here

OPEN, CLOSE = "<!--", "-->"


def comment_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """The block rule for a comment that fills whole lines; if text follows its end, the inline rule handles it."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith(OPEN, start):
        return False
    end = state.src.find(CLOSE, start + len(OPEN), state.eMarks[last - 1])
    if end < 0:
        return False
    closing = next(line for line in range(first, last) if end < state.eMarks[line])
    if state.src[end + len(CLOSE) : state.eMarks[closing]].strip():
        return False
    if not silent:
        state.line = closing + 1
    return True


def comment(state: StateInline, silent: bool) -> bool:
    """The inline rule for a comment within a paragraph."""
    if not state.src.startswith(OPEN, state.pos):
        return False
    end = state.src.find(CLOSE, state.pos + len(OPEN), state.posMax)
    if end < 0:
        if not silent:
            next = f"Close it with {CLOSE}. If it contains empty lines, put both marks on separate lines."
            tell_here(state, f"A comment, {OPEN}, is not closed.", next)
        return False
    state.pos = end + len(CLOSE)
    return True
