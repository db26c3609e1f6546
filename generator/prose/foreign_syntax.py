"""Reports syntax of LaTeX, MyST, Quarto, or wikis that is written differently here.

None of it is translated. It would otherwise be printed as text, so it is reported with what to write instead. The
inline rules match nothing, except for commands and environments of LaTeX, whose contents are passed over.
"""

from __future__ import annotations

import re
import unicodedata

from markdown_it.rules_inline import StateInline

from generator.core.diagnostics import Diagnostics
from generator.prose.citations import KINDS, tell_here

_CITE = "Cite by [@key], or by @key as part of the sentence."
_REFER = f"Refer by {', '.join(f'@{kind}:name' for kind in KINDS)}."
_NO_PAGES = "Remove it: page breaks are set automatically."
_EXHIBIT = "Write ::: figure NAME (or table, or listing), its caption, and ::: on lines of their own."
_EQUATION = "Write $$ … $$ in a paragraph of its own, followed by (eq:name) if it is referred to."
_LIST = "Begin each item with - or 1. on a line of its own."

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
"""Controls, separators of lines and what Unicode keeps out of text: no page or PDF can hold them."""

_CONTROLS = {
    "\f": "form feed", "\v": "vertical tab", "\0": "null", "\x1b": "escape", "\b": "backspace",
}  # fmt: skip
_COMMANDS = (
    (r"\w*cite\w*", _CITE),
    (r"(?:auto|c|C|eq|page|name|num|v)?ref", _REFER),
    (r"label", "Give the name where it is numbered: # Title {#id}, ::: figure NAME, $$ … $$ (eq:name)."),
    (r"(?:new|clear|cleardouble)page|pagebreak|[vh]space|noindent|(?:small|med|big)skip", _NO_PAGES),
    (r"tableofcontents|listof\w+", "Remove it: the page has a table of contents anyway."),
    (r"textbf|bf|bfseries", "Write **text**."),
    (r"textit|emph|em|it|itshape", "Write *text*."),
    (r"texttt|verb", "Write `text`."),
    (r"footnote", "Write ^[text]."),
    (r"url|href", "Write <https://…>, or [text](https://…)."),
    (r"(?:sub){0,2}section|chapter|paragraph", "Write # Title, ## Title and so on."),
    (r"item", _LIST),
    (r"includegraphics", "Write ![what it shows](file.png)."),
    (r"caption", _EXHIBIT),
    (r"bibliography\w*|printbibliography", "Write ::: references and then ::: where the list of references goes."),
)
_ENVIRONMENTS = (
    (r"(?:figure|table|tabular|lstlisting|algorithm)\w*\*?", _EXHIBIT),
    (r"(?:equation|align|gather|multline|eqnarray|displaymath)\w*\*?", _EQUATION),
    (r"itemize|enumerate|description", _LIST),
)
_ROLES = (
    (r"(?:foot)?cite.*", _CITE),
    (r"(?:num|eq|doc)?ref|eq", _REFER),
    (r"math", "Write $…$."),
    (r"code", "Write `…` alone."),
    (r"sub(?:script)?", "Write H~2~O."),
    (r"sup(?:erscript)?", "Write 10^3^."),
)
_MARKDOWN = "Write it in Markdown, math as $…$, or \\\\ for a backslash."
_ENVIRONMENT = re.compile(r"\\begin\{([^{}\n]*)\}(?:.*?\\end\{\1\})?", re.DOTALL)
_COMMAND = re.compile(r"(\\([a-zA-Z]+)\*?)(?:\[[^\[\]\n]*\]|\{[^{}\n]*\})*")
_LATEX_MATHS = re.compile(r"\\\((?P<inline>(?:(?!\\[()]).)+)\\\)|\\\[(?!@)(?P<display>(?:(?!\\[\[\]]).)+)\\\]")
_ROLE = re.compile(r"\{([a-zA-Z][\w:+.-]*)\}`+[^`\n]*`+")
_ATTRIBUTES = re.compile(r"\{(?:[#.][\w.:-][^{}\n]*|[\w-]+=[^{}\n]*)\}")
_CONTENTS = re.compile(r"(?<!\[)\[(?:TOC|toc|\[_?(?:TOC|toc)_?\])\]")
_CALLOUT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_FRONT_MATTER = re.compile(r"\s*(?:---[ \t]*\n(?:\s*|#.*\n)*[\w-]+[ \t]*:|\+\+\+[ \t]*\n|%[ \t]+\S)")


def latex(state: StateInline, silent: bool) -> bool:
    """Reports a command, an environment or math of LaTeX in the text."""
    if silent or state.src[state.pos] != "\\":
        return False
    if environment := _ENVIRONMENT.match(state.src, state.pos, state.posMax):
        begun = f"\\begin{{{environment[1]}}}"
        tell_here(state, f"{begun} is LaTeX, which is not supported.", _way(_ENVIRONMENTS, environment[1], _MARKDOWN))
        state.pos = environment.end()
        return True
    maths = _LATEX_MATHS.match(state.src, state.pos, state.posMax)
    if maths and re.search(r"[\\^_=<>]", maths["inline"] or maths["display"]):
        next = _EQUATION if maths["display"] else "Write $…$."
        tell_here(state, f"{maths[0]} is not how math is written here.", next)
    elif command := _COMMAND.match(state.src, state.pos, state.posMax):
        tell_here(state, f"{command[1]} is LaTeX, which is not supported.", _way(_COMMANDS, command[2], _MARKDOWN))
        state.pos = command.end()
        return True
    return False


def role(state: StateInline, silent: bool) -> bool:
    """Reports a role of MyST: {cite}`key`."""
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if match and not silent:
        way = _way(_ROLES, match[1], "Write it in Markdown, or \\{ for the character itself.")
        tell_here(state, f"{match[0]} is a role of MyST, which is not supported here.", way)
    return False


def stray_attributes(state: StateInline, silent: bool) -> bool:
    """Reports attributes that follow nothing they could belong to; comes after the rules that read attributes."""
    match = _ATTRIBUTES.match(state.src, state.pos, state.posMax)
    if match and not silent and not state.src.endswith("]", 0, state.pos):
        kind = re.match(rf"\{{#({'|'.join(KINDS)})[:-]", match[0])
        way = "Put attributes right after a [text], a link, a picture, code or a heading; write \\{ for the character."
        if kind:
            way = {"eq": _EQUATION, "sec": "Write it at the end of a heading: # Title {#id}."}.get(kind[1], _EXHIBIT)
        tell_here(state, f"{match[0]} applies to nothing here.", way)
    return False


def brackets(state: StateInline, silent: bool) -> bool:
    """Reports [TOC], and of the callouts of GitHub."""
    if silent:
        return False
    if contents := _CONTENTS.match(state.src, state.pos, state.posMax):
        next = "Remove it: the page has a table of contents anyway. Write \\[ for the character."
        tell_here(state, f"{contents[0]} is not supported here.", next)
    elif callout := _CALLOUT.match(state.src, state.pos, state.posMax):
        next = "Write a paragraph that begins with **Note.**, or \\[ for the character."
        tell_here(state, f"{callout[0]} is not supported here.", next)
    return False


def check_source(text: str, diagnostics: Diagnostics) -> None:
    """Reports front matter, and of characters that no page can hold."""
    if match := _FRONT_MATTER.match(text):
        line = text.count("\n", 0, len(match[0]) - len(match[0].lstrip())) + 1
        what = "The article begins with front matter, which is not supported here."
        diagnostics.tell(line, what, "Move title, authors and date to paper.toml, and begin with the text.")
    for match in UNPRINTABLE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        diagnostics.tell(line, f"This line has {character_named(match[0])}, which cannot be printed.", "Remove it.")


def character_named(char: str) -> str:
    """The code point of a character, and what it is called."""
    name = str(_CONTROLS.get(char) or unicodedata.name(char, "control character"))
    return f"U+{ord(char):04X} ({name.lower()})"


def _way(ways: tuple[tuple[str, str], ...], name: str, otherwise: str) -> str:
    return next((way for pattern, way in ways if re.fullmatch(pattern, name)), otherwise)
