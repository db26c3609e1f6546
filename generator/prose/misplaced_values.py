"""Reports values where none is printed: in code, in equations, and in paper.toml.

Their braces would be published as they are written, even if the name is misspelled. Many languages have doubled
braces, so only those around a name with a dot or a bracket are taken for a value, and in code only those that no dollar
sign or third brace is beside. In code, a backslash before such braces prints them, as in text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.token import Token

from generator.core.diagnostics import Diagnostics
from generator.core.errors import Place, ReportError
from generator.prose.markdown import RESULT, line_of

_CODE = {"code_inline": "code", "fence": "a fenced block", "code_block": "an indented block"}
_EQUATIONS = ("math_inline", "math_inline_double", "math_block", "math_block_label")
_VALUE = re.compile(rf"\{{\{{{RESULT}[^{{}}]*\}}\}}")
_IN_CODE = re.compile(rf"(?<![{{$])(?<![{{$]\\)(?P<escape>\\)?(?P<value>{_VALUE.pattern})(?!\}})")


def check_values(tokens: Iterable[Token], diagnostics: Diagnostics) -> None:
    """Reports the values in code and equations, and removes the backslashes before them in code."""
    for token in tokens:
        if token.type in _CODE:
            next = "Write it outside of the code, or \\{{ for the characters themselves."
            for match in _IN_CODE.finditer(token.content):
                if not match["escape"]:
                    _tell(token, match["value"], match.start(), _CODE[token.type], next, diagnostics)
            token.content = _IN_CODE.sub(r"\g<value>", token.content)
        elif token.type in _EQUATIONS:
            for match in _VALUE.finditer(token.content):
                next = "Write it in the text, beside the equation, or { { if the braces only group."
                _tell(token, match[0], match.start(), "an equation", next, diagnostics)


def in_settings(texts: Iterable[tuple[str, Place]]) -> list[ReportError]:
    """One error for each text of paper.toml with a value, which readers would see as it is written."""
    step = "Values are printed in article.md only: write the text without it."
    found = ((_VALUE.search(text), place) for text, place in texts)
    return [ReportError(f"{match[0]} is not filled in here.", place, step) for match, place in found if match]


def _tell(token: Token, value: str, position: int, where: str, next: str, diagnostics: Diagnostics) -> None:
    line = line_of(token) + (token.type == "fence") + token.content.count("\n", 0, position)
    diagnostics.tell(line, f"{' '.join(value.split())} is in {where}, where values are not printed.", next)
