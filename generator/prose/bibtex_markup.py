"""Converts the LaTeX commands and math of an entry to markup of the page.

pybtex reads only characters, so markup passes through it as marks. These are noncharacters of Unicode, which `as_html`
and `as_text` replace when the entry is written. Math in a title can have letters, signs, indices, and exponents. An
unknown command is left as it is; `bibliography` refuses it.
"""

from __future__ import annotations

import re
from functools import partial

from latex2mathml.symbols_parser import convert_symbol

from generator.prose.typography import plain_script

_LINK, _LINKED, _LINK_END = "\ufdd0", "\ufdd1", "\ufdd2"
_TAGS = ("em", "strong", "code", "sub", "sup")
_OPEN = {tag: chr(0xFDD3 + 2 * number) for number, tag in enumerate(_TAGS)}
_CLOSE = {tag: chr(ord(mark) + 1) for tag, mark in _OPEN.items()}

_DOLLAR = "\ufdef"
_COMMANDS = {
    "textit": "em", "emph": "em", "textsl": "em", "textbf": "strong", "texttt": "code",
    "textsubscript": "sub", "textsuperscript": "sup", "textrm": "", "textup": "", "textsc": "", "textsf": "",
    "textnormal": "", "text": "", "mbox": "", "uppercase": "", "ensuremath": "$", "url": "url", "href": "href",
    "nolinkurl": "url", "path": "code",
}  # fmt: skip
_SWITCHES = {"em": "em", "it": "em", "itshape": "em", "sl": "em", "bf": "strong", "bfseries": "strong", "tt": "code"}
_NEXT = re.compile(
    rf"\\(?P<command>{'|'.join(_COMMANDS)})\s*(?=\{{)"
    rf"|\{{\\(?P<switch>{'|'.join(_SWITCHES)})(?![a-zA-Z])\s*"
    r"|(?<!\\)(?P<dollars>\$\$?)(?P<math>[^$]+)(?P=dollars)"
)
_SCRIPTED = re.compile(
    rf"[A-Za-z0-9]+(?=\{{+[{_OPEN['sub']}{_OPEN['sup']}])|(?<=[{_CLOSE['sub']}{_CLOSE['sup']}]\}})\}}?[A-Za-z0-9]+"
)
_ACCENT_ON_DOTLESS = re.compile(r"(\\[`'^\"~=.uvH])\s*\{\\([ij])\}")
_ADDRESS = re.compile(r"\\(?:url|href|nolinkurl)\s*\{([^{}]*)\}")
_IN_MATH = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|mathcal|operatorname|mathbb)\s*\{(?P<words>[^{}]*)\}"
    r"|[\^_]\s*(?P<script>\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+|[^\s{}\\])"
    r"|(?P<command>\\[a-zA-Z]+)\s*|(?P<blank>\\[,;:! ]|[\s{}])|(?P<letter>[a-zA-Z])|(?P<other>.)",
    re.DOTALL,
)
_SIGNS = {"-": "\N{MINUS SIGN}", "*": "\N{ASTERISK OPERATOR}", "'": "\N{PRIME}"}


def with_accents(latex: str) -> str:
    r"""The text with accents on \i and \j, as in Mart\'{\i}n, rewritten in the form that pybtex reads."""
    return _ACCENT_ON_DOTLESS.sub(r"\1{\2}", latex)


def addresses(latex: str) -> list[str]:
    r"""The addresses of \url and \href, without LaTeX's escapes."""
    return [plain_address(address) for address in _ADDRESS.findall(latex)]


def plain_address(latex: str) -> str:
    """An address without the braces and backslashes that LaTeX needs in it."""
    return re.sub(r"\\url\s*(?=\{)|\\(?=[_%&#~$])|[{}]", "", latex).strip()


def marked(latex: str) -> str:
    """The text with marks instead of commands and math; it is still LaTeX, for pybtex to read.

    Letters next to an index or an exponent keep their capitals, as in CO$_2$.
    """
    return _SCRIPTED.sub(_protected, _marked(latex).replace("\\$", _DOLLAR))


def _protected(letters: re.Match[str]) -> str:
    closing = "}" if letters[0].startswith("}") else ""
    return f"{closing}{{{letters[0].removeprefix('}')}}}"


def _marked(latex: str) -> str:
    parts: list[str] = []
    position = 0
    while match := _NEXT.search(latex, position):
        parts.append(latex[position : match.start()])
        if match["math"]:
            replaced, position = f"{{{_math(match['math'])}}}", match.end()
        elif match["switch"]:
            content, position = _group(latex, match.start())
            replaced = _tagged(_SWITCHES[match["switch"]], _marked(content[match.end() - match.start() - 1 :]))
        else:
            replaced, position = _command(match["command"], latex, match.end())
        parts.append(replaced)
    return "".join(parts) + latex[position:]


def _command(name: str, latex: str, position: int) -> tuple[str, int]:
    """The replacement of a command whose argument is at `position`, and the position after it."""
    content, end = _group(latex, position)
    kind = _COMMANDS[name]
    if kind == "href":
        if not latex.startswith("{", end):
            return f"\\{name}", position
        address, (content, end) = content, _group(latex, end)
        return _link(address, _marked(content)), end
    if kind == "url":
        return _link(content, _unread(plain_address(content))), end
    return (f"{{{_math(content)}}}" if kind == "$" else _tagged(kind, _marked(content))), end


def _group(latex: str, start: int) -> tuple[str, int]:
    """The text between the brace at `start` and the one that closes it, and the position after that."""
    depth = 0
    for position in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[position], 0)
        if depth == 0:
            return latex[start + 1 : position], position + 1
    return latex[start + 1 :], len(latex)


def _tagged(tag: str, content: str) -> str:
    return f"{{{_OPEN[tag]}{content}{_CLOSE[tag]}}}" if tag else f"{{{content}}}"


def _link(address: str, text: str) -> str:
    return f"{{{_LINK}{_unread(plain_address(address))}{_LINKED}{text}{_LINK_END}}}"


def _unread(address: str) -> str:
    """An address escaped so that pybtex finds no ties, quotes, or dashes of LaTeX in it."""
    quoted = re.sub("[~'\"`^\\\\]", lambda match: f"%{ord(match[0]):02X}", address)
    return re.sub(r"[%_#&$]", r"\\\g<0>", quoted).replace("--", "-{}-")


def _math(latex: str) -> str:
    return "".join(map(_sign, _IN_MATH.finditer(latex)))


def _sign(match: re.Match[str]) -> str:
    """One part of a formula. A command that is not a single sign is left as it is, and is refused later."""
    if match["script"]:
        script = match["script"]
        content = _math(script[1:-1] if script.startswith("{") else script)
        return _tagged("sup" if match[0].startswith("^") else "sub", content)
    if match["command"]:
        code = convert_symbol(match["command"])
        return chr(int(code, 16)) if code else match[0]
    if match["letter"]:
        return _tagged("em", match["letter"])
    return match["words"] or _SIGNS.get(match["other"] or "", match["other"]) or ""


def as_html(html: str) -> str:
    """The HTML of an entry, with markup instead of marks."""
    html = re.sub(f"{_LINK}([^{_LINKED}]*){_LINKED}", lambda match: f'<a href="{match[1]}">', html)
    html = html.replace(_LINK_END, "</a>").replace(_DOLLAR, "$")
    for tag in _TAGS:
        html = html.replace(_OPEN[tag], f"<{tag}>").replace(_CLOSE[tag], f"</{tag}>")
    return html


def as_text(text: str) -> str:
    """The text of an entry without marks, with subscripts and superscripts as plain text."""
    text = re.sub(f"{_LINK}[^{_LINKED}]*{_LINKED}", "", text)
    for tag in ("sub", "sup"):
        written = partial(_plain_script, tag)
        text = re.sub(f"{_OPEN[tag]}([^{_CLOSE[tag]}]*){_CLOSE[tag]}", written, text)
    return _without_marks(text).replace(_DOLLAR, "$")


def _plain_script(tag: str, match: re.Match[str]) -> str:
    return plain_script(tag, _without_marks(match[1]))


def _without_marks(text: str) -> str:
    return re.sub("[\ufdd0-\ufdee]", "", text)
