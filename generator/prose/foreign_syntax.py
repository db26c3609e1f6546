"""Reports syntax of HTML, LaTeX, Pandoc, MyST, Quarto, or wikis that is written differently here.

It would otherwise be printed as text. Nothing is translated; each report says what to write instead. The inline rules
match nothing, except for LaTeX commands and environments and for blocks of lines, whose contents are skipped.
"""

from __future__ import annotations

import re
import unicodedata

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline

from generator.core.diagnostics import Diagnostics
from generator.prose.citation_syntax import KINDS, tell_here

_CITE = "Cite with [@key], or with @key as part of the sentence."
_REFER = f"Write a reference as one of {', '.join(f'@{kind}:name' for kind in KINDS)}."
_NO_PAGES = "Remove it: page breaks are set automatically."
_EXHIBIT = "Write ::: figure NAME (or table, or listing), its caption, and ::: on lines of their own."
_EQUATION = "Write $$ … $$ in a separate paragraph, followed by (eq:name) if it is referred to."
_LIST = "Begin each item on a new line, with - or 1."

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters, line separators, and noncharacters, which neither a page nor a PDF can hold."""

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
    (r"(?:sub){0,2}section|chapter|paragraph", "Write # Title, ## Title, and so on."),
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
_TAGS = (
    ("br", "End the line with a backslash to break it."),
    ("sub", "Write H~2~O."),
    ("sup", "Write 10^3^."),
    ("b|strong", "Write **text**."),
    ("i|em|cite|dfn|var", "Write *text*."),
    ("code|kbd|samp|tt", "Write `text`."),
    ("s|del|strike", "Write ~~text~~."),
    ("a", "Write [text](https://…)."),
    ("img", "Write ![what it shows](file.png)."),
    ("figure|figcaption|table|caption|thead|tbody|tfoot|tr|th|td", _EXHIBIT),
    ("ul|ol|li", _LIST),
    ("h[1-6]", "Write # Title, ## Title, and so on."),
    ("hr", "Write --- on a separate line."),
    ("p", "Leave an empty line between paragraphs."),
    ("span", 'Write [text]{.class #id lang="fr"}.'),
    ("pre", "Write ``` on a line before the code and on one after it."),
    ("q", 'Write "text".'),
    ("blockquote", "Begin each line with >."),
)
_ELEMENTS = "|".join(
    [
        *(names for names, _ in _TAGS),
        "div|section|details|summary|center|font|small|big|u|mark|ins|abbr|dl|dt|dd|nobr|wbr",
    ]
    + ["iframe|video|audio|source|script|style|link|meta|svg|canvas|object|embed|form|input|button|label"]
)
_AS_HTML = "Write it in Markdown, or in a block ```{=html} for the page."
_GRID = "Write ::: table NAME, rows of | a | b | with |---|---| below the first, a caption, and ::: on their own lines."
_LINES = "End a line with a backslash to break it. A table has a line |---| below its first row."
_MARKDOWN = "Write it in Markdown, math as $…$, or \\\\ for a backslash."
_ENVIRONMENT = re.compile(r"\\begin\{([^{}\n]*)\}(?:.*?\\end\{\1\})?", re.DOTALL)
_COMMAND = re.compile(r"(\\([a-zA-Z]+)\*?)(?:\[[^\[\]\n]*\]|\{[^{}\n]*\})*")
_TAG = re.compile(
    rf"""<(?:/(?P<closed>{_ELEMENTS})\s*|(?P<opened>{_ELEMENTS})(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))*\s*/?)>""",
    re.IGNORECASE,
)
_GRID_LINE = re.compile(r"\+(?:[-=:]+\+)+[ \t]*(?=\n|$)")
_BAR_LINE = re.compile(r"\|[ \t]+\S")
_PERCENT_LINE = re.compile(r"%+(?=[ \t]*\S)")
_DOUBLE_QUOTES = re.compile(r"(?<!`)``(?=[^\s`])[^`]*?[^\s`']''(?!')")
_SINGLE_QUOTES = re.compile(r"(?<!`)`(?=[^\s`])[^`\n]*?[^\s`']'(?![\w'])")
_CODE_MARKS = {marks: re.compile(rf"(?<!`){marks}(?!`)") for marks in ("`", "``")}
_TASK = re.compile(r"\[[ xX]\](?=\s)")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LATEX_MATH = re.compile(r"\\\((?P<inline>(?:(?!\\[()]).)+)\\\)|\\\[(?!@)(?P<display>(?:(?!\\[\[\]]).)+)\\\]")
_ROLE = re.compile(r"\{([a-zA-Z][\w:+.-]*)\}`+[^`\n]*`+")
_ATTRIBUTES = re.compile(r"\{(?:[#.][\w.:-][^{}\n]*|[\w-]+=[^{}\n]*)\}")
_UNCLOSED = re.compile(r"(\{(?:[#.][^\W\d][\w.:-]*|(?:class|id|lang|width)=[^\s{}]+))[^{}\n]*(?=[{\n]|$)")
_ATTRIBUTE = r"""(?:[.#][^\W\d][\w:.-]*|(?:claim|class|id|lang|width)=(?:"[^"\n]*"|[^\s"{}]+))"""
_UNOPENED = re.compile(rf"(?:(?<=[\])`\s])|^){_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*$")
MAX_ATTRIBUTE = 400
"""The most characters before a closing brace in which an attribute is looked for."""

_IN_PARENTHESES = re.compile(r"\][ \t]*\([ \t]*\{?[ \t]*(?:(claim)[ \t]*=|\.(otherwise|exploratory)\b)[^)\n]*\)?")
"""What belongs to a claim, in parentheses instead of braces."""

_CONTENTS = re.compile(r"(?<!\[)\[(?:TOC|toc|\[_?(?:TOC|toc)_?\])\]")
_CALLOUT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_FRONT_MATTER = re.compile(r"\s*(?:---[ \t]*\n(?:\s*|#.*\n)*[\w-]+[ \t]*:|\+\+\+[ \t]*\n|%[ \t]+\S)")


def latex(state: StateInline, silent: bool) -> bool:
    """Reports LaTeX commands, environments, and math in the text."""
    if silent or state.src[state.pos] != "\\":
        return False
    if environment := _ENVIRONMENT.match(state.src, state.pos, state.posMax):
        begun = f"\\begin{{{environment[1]}}}"
        tell_here(state, f"{begun} is LaTeX, which is not supported.", _way(_ENVIRONMENTS, environment[1], _MARKDOWN))
        state.pos = environment.end()
        return True
    math = _LATEX_MATH.match(state.src, state.pos, state.posMax)
    if math and _is_math(math["inline"] or math["display"]):
        next = _EQUATION if math["display"] else "Write $…$, or ( without a backslash for the character itself."
        tell_here(state, f"{math[0]} is not how math is written here.", next)
    elif command := _COMMAND.match(state.src, state.pos, state.posMax):
        tell_here(state, f"{command[1]} is LaTeX, which is not supported.", _way(_COMMANDS, command[2], _MARKDOWN))
        state.pos = command.end()
        return True
    return False


def _is_math(content: str) -> bool:
    """Whether the content of escaped brackets is math: it has math signs, or letters but no word."""
    has_letters = re.search(r"[^\W\d_]", content) is not None and content.strip() not in ("x", "X")  # [x] marks a task
    return re.search(r"[\\^_=<>]", content) is not None or (has_letters and not _WORDS.search(content))


def html(state: StateInline, silent: bool) -> bool:
    """Reports an HTML tag; <pad> and <x, y> are text."""
    match = _TAG.match(state.src, state.pos, state.posMax)
    if match and not silent:
        name = (match["opened"] or match["closed"]).lower()
        tell_here(
            state, f"<{name}> is HTML, which is not supported here.", f"{_way(_TAGS, name, _AS_HTML)} {_character('<')}"
        )
    return False


def quotes(state: StateInline, silent: bool) -> bool:
    """Reports LaTeX quotes, ``text'' and `text'; must come before the rule for code."""
    for pattern, marks, written in ((_DOUBLE_QUOTES, "``", '"text"'), (_SINGLE_QUOTES, "`", "'text'")):
        match = pattern.match(state.src, state.pos, state.posMax)
        if match and not silent and not _is_code(state, marks, match.end()):
            tell_here(state, f"{match[0]} is not how quotes are written here.", f"Write {written}. {_character('`')}")
    return False


def _is_code(state: StateInline, marks: str, end: int) -> bool:
    """Whether backticks after `end` close a piece of code; those that open another quote do not."""
    closing = _CODE_MARKS[marks].search(state.src, end, state.posMax)
    if closing is None:
        return False
    before, after = state.src[closing.start() - 1], state.src[closing.end() : closing.end() + 1]
    return not ((before.isspace() or before in "([") and (after.isalnum() or after in "\\*$"))


def lines(state: StateInline, silent: bool) -> bool:
    """Reports lines that begin like a table with + borders, a line block with bars, or a LaTeX comment."""
    begins = not state.tokens or state.tokens[-1].type in ("softbreak", "hardbreak")
    if silent or not begins or state.pending.strip():
        return False
    if _GRID_LINE.match(state.src, state.pos, state.posMax):
        tell_here(state, "A table with borders of + and - is not supported here.", _GRID)
    elif _BAR_LINE.match(state.src, state.pos, state.posMax):
        tell_here(state, "A line that begins with a bar is not supported here.", f"{_LINES} {_character('|')}")
    elif match := _PERCENT_LINE.match(state.src, state.pos, state.posMax):
        next = f"Write <!-- comment -->. {_character('%')}"
        tell_here(state, f"A line that begins with {match[0]} is not a comment here.", next)
        return False
    else:
        return False
    state.pos = state.posMax
    return True


def tasks(state: StateCore) -> None:
    """The rule that reports list items marked as done or open; it runs between block and inline parsing."""
    for opened, inline in zip(state.tokens, state.tokens[2:], strict=False):
        match = _TASK.match(inline.content) if opened.type == "list_item_open" and inline.type == "inline" else None
        if match and inline.map:
            next = f"Remove it, or say in words what is done. {_character('[')}"
            state.env["diagnostics"].tell(inline.map[0] + 1, f"{match[0]} does not mark a task here.", next)


def _character(char: str) -> str:
    return f"Write \\{char} for the character itself."


def role(state: StateInline, silent: bool) -> bool:
    """Reports a MyST role, as in {cite}`key`."""
    match = _ROLE.match(state.src, state.pos, state.posMax)
    if match and not silent:
        way = _way(_ROLES, match[1], "Write it in Markdown, or \\{ for the character itself.")
        tell_here(state, f"{match[0]} is a role of MyST, which is not supported here.", way)
    return False


def stray_attributes(state: StateInline, silent: bool) -> bool:
    """Reports attributes that apply to nothing or are not closed; must come after the rules that read attributes."""
    if silent or state.src.endswith("]", 0, state.pos):
        return False
    if match := _ATTRIBUTES.match(state.src, state.pos, state.posMax):
        kind = re.match(rf"\{{#({'|'.join(KINDS)})[:-]", match[0])
        way = "Put attributes right after a [text], a link, a picture, code, or a heading; write \\{ for the character."
        if kind:
            way = {"eq": _EQUATION, "sec": "Write it at the end of a heading: # Title {#id}."}.get(kind[1], _EXHIBIT)
        tell_here(state, f"{match[0]} applies to nothing here.", way)
    elif match := _UNCLOSED.match(state.src, state.pos, state.posMax):
        next = f"Write }} after the attributes. {_character('{')}"
        tell_here(state, f'"{match[1]}" is not closed by "}}".', next)
    return False


def unopened_attributes(state: StateInline, silent: bool) -> bool:
    """Reports attributes whose opening brace is missing, at the brace that closes them."""
    if silent or state.src[state.pos] != "}":
        return False
    before = state.src[max(0, state.pos - MAX_ATTRIBUTE) : state.pos]
    match = _UNOPENED.search(before[before.rfind("}") + 1 :])
    if match and "{" not in before[before.rfind("}") + 1 :]:
        next = f"Write {{{match[0]}}} right after what it belongs to. {_character('}')}"
        tell_here(state, f'"{match[0]}}}" has no "{{" before it.', next)
    return False


def brackets(state: StateInline, silent: bool) -> bool:
    """Reports [TOC] and GitHub's callouts."""
    if silent:
        return False
    if contents := _CONTENTS.match(state.src, state.pos, state.posMax):
        next = "Remove it: the page has a table of contents anyway. Write \\[ for the character."
        tell_here(state, f"{contents[0]} is not supported here.", next)
    elif callout := _CALLOUT.match(state.src, state.pos, state.posMax):
        next = "Write a paragraph that begins with **Note.**, or \\[ for the character."
        tell_here(state, f"{callout[0]} is not supported here.", next)
    return False


def claims_in_parentheses(state: StateInline, silent: bool) -> bool:
    """Reports a claim written like a link, [text](claim="…"), and skips it; must come before the rule for links."""
    begins = not silent and state.src[state.pos] == "["
    if not begins or not _IN_PARENTHESES.search(state.src, state.pos, state.posMax):
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    match = _IN_PARENTHESES.match(state.src, end, state.posMax) if end >= 0 else None
    if match is None:
        return False
    attribute = f'{match[1]}="…"' if match[1] else f".{match[2]}"
    tell_here(state, f"[…]({attribute}) is not how a claim is written.", f"Write [text]{{{attribute}}}, with braces.")
    state.pos = match.end()
    return True


def check_source(text: str, diagnostics: Diagnostics) -> None:
    """Reports front matter, and characters that no page can hold."""
    if match := _FRONT_MATTER.match(text):
        line = text.count("\n", 0, len(match[0]) - len(match[0].lstrip())) + 1
        what = "The article begins with front matter, which is not supported here."
        diagnostics.tell(line, what, "Move title, authors, and date to paper.toml, and begin with the text.")
    line, seen = 1, 0
    for match in UNPRINTABLE.finditer(text):
        line, seen = line + text.count("\n", seen, match.start()), match.start()  # counts from the last match
        diagnostics.tell(line, f"This line has {character_named(match[0])}, which cannot be printed.", "Remove it.")


def character_named(char: str) -> str:
    """The code point and the name of a character."""
    name = str(_CONTROLS.get(char) or unicodedata.name(char, "control character"))
    return f"U+{ord(char):04X} ({name.lower()})"


def _way(ways: tuple[tuple[str, str], ...], name: str, otherwise: str) -> str:
    return next((way for pattern, way in ways if re.fullmatch(pattern, name)), otherwise)
