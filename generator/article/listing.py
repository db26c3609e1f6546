"""Listings as HTML, with Pygments' classes for colors and an element for each line, so that lines can be linked to.

The style sheet draws line numbers from `data-line`, so that selected text contains only code. It also defines the
colors for light and dark mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from pygments import highlight
from pygments.filter import Filter
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import STANDARD_TYPES, Text, _TokenType
from pygments.util import ClassNotFound

from generator.core.diagnostics import suggestion
from generator.core.errors import Place, ReportError
from generator.records.article import Exhibit, Target

PLAIN = "text"
TAB = 4  # characters, as in the style sheet
STAY = 3  # lines that are not parted from the others
_UNSTYLED = {"n", "nn", "nf", "nc", "nb", "nd", "bp", "p", "o", "w"}
"""Pygments' classes that no style sheet uses: those of names, brackets, and operators, which are most of the markup."""


def listing_exhibit(source: str, name: str, language: str, target: Target, place: Place | None = None) -> Exhibit:
    """A numbered listing; its lines have the ids lst-NAME-L1, lst-NAME-L2, and so on.

    Raises:
        ReportError: Pygments does not know the language, which is named at `place`.
    """
    plain = source.split("\n")
    opening = _opening(source.rstrip("\n").split("\n")) if target == "print" else set()
    lines = (
        f'<span class="line{" open" if number in opening else ""}" id="lst-{escape(name)}-L{number}" '
        f'data-line="{number}"{_indent(code)}>{line}</span>\n'
        for number, (line, code) in enumerate(zip(_colored(source, language, target, place), plain, strict=False), 1)
    )
    html = f'<pre class="highlight numbered" tabindex="0"><code>{"".join(lines)}</code></pre>\n'
    return Exhibit(name=name, kind="listing", html=html, code=source.rstrip("\n"))


def _opening(lines: Sequence[str]) -> set[int]:
    """The lines, from 1, that may begin a page of the PDF: preferably those after an empty line.

    At least three lines of the listing are on either page. So are three lines of what is between empty lines, unless
    the page begins after one. What opens or closes a bracket or a block stays with its content, and a comment with what
    follows it.
    """
    places = range(STAY, len(lines) - STAY + 1)
    return {at + 1 for at in places if _may_open([line.strip() for line in lines[at - STAY : at + STAY]])}


def _may_open(around: Sequence[str]) -> bool:
    """Whether a page may begin in the middle of these lines."""
    before, after = around[STAY - 1], around[STAY]
    leads_on = before.endswith((":", "(", "[", "{")) or before.startswith(("#", "@"))
    return bool(after) and (not before or (all(around) and not leads_on and not after.startswith((")", "]", "}"))))


def _indent(line: str) -> str:
    """The indentation of a line as an attribute, by which the style sheet indents its continuation; empty if none."""
    code = line.expandtabs(TAB).rstrip()
    width = len(code) - len(code.lstrip())
    return f' style="--indent: {width}"' if width else ""


def code_html(source: str, language: str, target: Target, place: Place) -> str:
    """A block of code within the text, without line numbers.

    Raises:
        ReportError: Pygments does not know the language, which is named at `place`.
    """
    code = "\n".join(_colored(source, language, target, place))
    return f'<pre class="highlight" tabindex="0"><code>{code}</code></pre>\n'


def _colored(source: str, language: str, target: Target, place: Place | None) -> list[str]:
    """One well-formed piece of HTML per line; for print, without unstyled markup, which takes time to typeset."""
    lexer = _lexer(language or PLAIN, place)
    if target == "print":
        lexer.add_filter(_OnlyStyled())
    html: str = highlight(source.rstrip("\n"), lexer, HtmlFormatter(nowrap=True))
    return html.rstrip("\n").split("\n")


class _OnlyStyled(Filter):  # type: ignore[misc]  # Pygments has no types
    """Turns tokens that no style sheet distinguishes into plain text."""

    def filter(self, lexer: Lexer, stream: Iterable[tuple[_TokenType, str]]) -> Iterator[tuple[_TokenType, str]]:
        for kind, text in stream:
            yield Text if STANDARD_TYPES.get(kind) in _UNSTYLED else kind, text


def _lexer(language: str, place: Place | None) -> Lexer:
    try:
        return get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        known = {alias for _, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}
        what = f'Unknown programming language "{language}".'
        raise ReportError(what, place, suggestion(language, known)) from None
