r"""Converts LaTeX equations to MathML for the page, and to drawings for the PDF, whose engine does not support MathML.

latex2mathml reads LaTeX leniently: it prints commands that it does not know. Here an unknown command is an error for
both targets, so that an equation that is correct on the page is also correct in the PDF. `generator.article.math_tree`
corrects the output of latex2mathml, and both targets are made from the same tree.
"""

from __future__ import annotations

import base64
import re
import unicodedata
import warnings
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from latex2mathml import commands
from latex2mathml.commands import MATRICES
from latex2mathml.converter import MOVABLE_LIMIT_TEXTS, Converter
from latex2mathml.symbols_parser import SYMBOLS
from latex2mathml.tokenizer import tokenize

from generator.article.math_tree import for_page, for_print, mended
from generator.core.errors import Place, ReportError
from generator.core.formatting import integer
from generator.render import fonts

if TYPE_CHECKING:
    from ziamath.zmath import Math

ENVIRONMENTS = frozenset(name.removeprefix("\\") for name in MATRICES) - {"align"} | {"aligned"}

MAX_SHOWN = 200
"""How many characters of an equation's LaTeX a message quotes."""

_CORRECT = "Correct its LaTeX."
_IN_BRACES = r"Use \operatorname{name} for the name of an operator."
_NO_STRIKING = "Striking out a term is not supported. Say so in words."
_NO_SHIFTING = "Moving or cropping a part is not supported. Remove this command."
_STYLE = "Remove it: the style sheet decides how an article looks."
_WRITE_OUT = "Write out what it stands for."
_REFUSED = {
    **dict.fromkeys(("href", "class", "style", "color", "textcolor", "colorbox", "fcolorbox"), _STYLE),
    **dict.fromkeys((*(name[1:] for name in commands.MSTYLE_SIZES), "verb", "unicode", "TeX", "LaTeX"), _STYLE),
    **dict.fromkeys(("newcommand", "renewcommand", "newenvironment", "def", "DeclareMathOperator"), _WRITE_OUT),
    **dict.fromkeys(("bra", "ket", "braket"), r"Write \langle, \rangle and |."),
    **dict.fromkeys(("cancel", "bcancel", "xcancel", "sout"), _NO_STRIKING),
    **dict.fromkeys(("boxed", "fbox"), "Say in the text what matters most, without a box."),
    **dict.fromkeys(("clap", "llap", "rlap", "mathclap", "mathllap", "mathrlap", "smash", "sideset"), _NO_SHIFTING),
    **dict.fromkeys(("raise", "lower", "moveleft", "moveright", "vcenter", "skew", "rule"), _NO_SHIFTING),
    **dict.fromkeys(("shoveleft", "shoveright", "hfil", "displaylines", "eqalign", "eqalignno"), "Use aligned."),
    **dict.fromkeys(("mathbin", "mathclose", "mathop", "mathopen", "mathord", "mathpunct", "mathrel"), _IN_BRACES),
    **dict.fromkeys(("hline", "hdashline"), "Tables in equations have no lines; use a table in the article."),
    **dict.fromkeys(("dddot", "ddddot"), r"Write \dot or \ddot, or a derivative as a fraction."),
    **dict.fromkeys(("widecheck", "underbar"), r"Write \check or \underline."),
    "nolimits": r"In a line of text, limits are set beside the operator: write \textstyle before it.",
    "tag": "To number an equation, write $$ … $$ (eq:name).",
}
"""Commands that do not belong in an equation, or that one of the targets cannot draw, and what to write instead."""

MAX_CHARACTERS, MAX_DEPTH, MAX_DRAWN = 3_000, 40, 20_000
"""Limits on an equation's LaTeX, the depth of its tree, and the elements that ziamath lays out.

At these limits, an equation takes a few seconds.
"""

_DRAWN_TWICE = {"math", "mrow", "mtr", "mtd", "mpadded", "mphantom"}
"""Elements whose children ziamath lays out twice, so that the time doubles with each level of nesting."""

_ARITY = {
    "mfrac": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "mroot": 2,
    "msubsup": 3,
    "munderover": 3,
}
_TEXT = r"\\(text(?:bf|it|md|normal|rm|sf|tt|up)?|emph|mbox|hbox)(?![a-zA-Z])\s*(\{[^{}]*\})?"
_NAME = re.compile(r"\\operatorname(\*|withlimits)?(?![a-zA-Z])\s*")
_STAND_IN = 0xE000
"""The first of the private-use characters that replace operator names, which latex2mathml does not fully support."""

_SIZE = 100.0
"""The font size at which an equation is drawn. It has no effect, because all measures are converted to em."""


class _RefusedError(ValueError):
    """Why an equation cannot be typeset, and what to write instead."""

    def __init__(self, why: str, instead: str = _CORRECT) -> None:
        super().__init__(why)
        self.instead = instead


def mathml(latex: str, display: bool, place: Place) -> str:
    """The equation as MathML, with its LaTeX as alternative text.

    Raises:
        ReportError: the equation, which is at `place`, cannot be read.
    """
    try:
        return _mathml(latex.strip(), display)
    except ValueError as error:
        raise _refused(latex, error, place) from None


def drawing(latex: str, display: bool, place: Place) -> str:
    """The equation as an image (an SVG in a data: URI), aligned with the baseline of the text and sized in em.

    Raises:
        ReportError: the equation, which is at `place`, cannot be read or drawn.
    """
    try:
        return _drawing(latex.strip(), display)
    except ValueError as error:
        raise _refused(latex, error, place) from None


def _refused(latex: str, why: ValueError, place: Place) -> ReportError:
    instead = why.instead if isinstance(why, _RefusedError) else _CORRECT
    shown = latex.strip() if len(latex) <= MAX_SHOWN else f"{latex.strip()[:MAX_SHOWN]}…"
    return ReportError(f"The equation ${shown}$ cannot be typeset: {why}.", place, instead)


@cache
def _mathml(latex: str, display: bool) -> str:
    tree = for_page(_tree(latex, display))
    tree.set("alttext", latex)
    return tostring(tree, encoding="unicode")


@cache
def _drawing(latex: str, display: bool) -> str:
    drawn = drawn_by_ziamath(latex, display)
    width, height = drawn.getsize()
    measures = {"width": width, "height": height, "vertical-align": drawn.getyofst()}
    style = ";".join(f"{name}:{measure / _SIZE:.4f}em" for name, measure in measures.items())
    data = base64.b64encode(drawn.svg().encode()).decode()
    return f'<img class="math" alt="{escape(latex)}" src="data:image/svg+xml;base64,{data}" style="{style}">'


def drawn_by_ziamath(latex: str, display: bool) -> Math:
    """The equation as ziamath draws it, at a font size of 100.

    Raises ValueError when it cannot be read or drawn.
    """
    tree = for_print(_tree(latex, display))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # caused by how ziamath finds its font
        from ziamath.config import config  # imported here because it loads slowly and few articles need it
        from ziamath.zmath import Math

    config.svg2 = False  # plain paths, which all SVG engines draw the same way
    try:
        return Math(tree, size=_SIZE, margin=0)
    except Exception as error:  # ziamath raises its own errors, but also IndexError and others
        raise ValueError(f"it cannot be drawn, {error or _in_words(type(error).__name__)}") from None


def _tree(latex: str, display: bool) -> Element:
    """The equation as a tree, the input of `for_page` and `for_print`.

    Raises ValueError when it cannot be read, is too large, or has a character that the equation font lacks.
    """
    _check_source(latex)
    source, names = _with_stand_ins(_simplified(latex))
    _check_commands(source)
    try:
        # Limits are placed later: latex2mathml places them correctly only at the top level of an equation.
        tree = Converter(display="inline").convert_to_element(source)
    except Exception as error:  # latex2mathml raises its own errors, but also IndexError and others
        raise ValueError(str(error) or _in_words(type(error).__name__)) from None
    if _depth(tree) > MAX_DEPTH:
        raise _too_large()
    for element in tree.iter():
        _check_element(element)
    tree = mended(tree, display, names)
    _check_glyphs(tree)
    if _drawn(for_print(tree)) > MAX_DRAWN:
        raise _too_large()
    return tree


def _too_large() -> _RefusedError:
    """The error for an equation that would take minutes to draw, or would overflow Python's stack."""
    return _RefusedError("it is too large, or nested too deeply", "Split it into several equations.")


def _depth(element: Element) -> int:
    return 1 + max(map(_depth, element), default=0)


def _drawn(element: Element) -> int:
    """How many elements ziamath lays out for this one, counting repetitions."""
    return 1 + (2 if element.tag in _DRAWN_TWICE else 1) * sum(map(_drawn, element))


def _simplified(latex: str) -> str:
    """The LaTeX with `aligned` replaced by `align*`, the only name by which latex2mathml knows it."""
    return re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{align*}", latex)


def _with_stand_ins(latex: str) -> tuple[str, dict[str, tuple[str, bool]]]:
    """The LaTeX with a private-use character for each operator name.

    By character, the mapping has the name and whether it has limits.
    """
    names: dict[str, tuple[str, bool]] = {}
    while found := _NAME.search(latex):
        end = _end_of_group(latex, found.end())
        stand_in = chr(_STAND_IN + len(names))
        names[stand_in] = (_operator_name(latex[found.end() + 1 : end]), bool(found[1]))
        latex = f"{latex[: found.start()]}{stand_in}{latex[end + 1 :]}"
    return latex, names


def _end_of_group(latex: str, start: int) -> int:
    """The index of the brace that closes the one at `start`."""
    depth = 0
    for match in re.finditer(r"\\.|[{}]", latex[start:]):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match[0] == "}":
            return start + match.start()
        if match.start() == 0 and match[0] != "{":
            break
    raise _RefusedError(r"the name of \operatorname is missing", r"Write it in braces: \operatorname{name}.")


def _operator_name(latex: str) -> str:
    """The name of an operator: letters, digits, and hyphens. \\, and similar commands become thin spaces."""
    plain = re.sub(r"\\(?:text|mathrm|mathit)\s*\{([^{}]*)\}", r"\1", latex.strip())
    plain = re.sub(r"\\[,:;> ]|\\(?:thin)?space(?![a-zA-Z])|~|\s+", "\u2009", plain).replace("\\!", "")
    if not re.fullmatch(r"(?:[^\W_]|[\u2009-])+", plain):
        raise _RefusedError(
            rf"\operatorname{{{latex}}} is not a name",
            r"A name has letters, digits, hyphens, and spaces, as in arg\,min.",
        )
    return plain


def _check_source(latex: str) -> None:
    if not latex:
        raise ValueError("it is empty")
    if len(latex) > MAX_CHARACTERS:
        raise _RefusedError(f"it has {integer(len(latex))} characters", "Divide it into equations of a few lines.")
    if private := re.search("[\ue000-\uf8ff]", latex):
        raise ValueError(f"U+{ord(private[0]):04X} is not a character of any script")
    braces = re.findall(r"(?<!\\)(?:\\\\)*([{}])", latex)
    depth = 0
    for brace in braces:
        depth += 1 if brace == "{" else -1
        if depth < 0:
            raise ValueError("a } has no {")
    if depth:
        raise ValueError("a { has no }")
    for command in re.findall(r"\\([a-zA-Z]+)", latex):
        if command in _REFUSED:
            raise _RefusedError(f"\\{command} is not allowed", _REFUSED[command])
    for name in re.findall(r"\\begin\{([^}]*)\}", latex):
        if name not in ENVIRONMENTS:
            raise ValueError(f'there is no unnumbered environment "{name}"')
    if re.search(r"\\begin\{array\}\s*\{[^}]*\|", latex):
        raise _RefusedError("its array has a line between columns", _REFUSED["hline"])
    _check_text(latex)


def _check_text(latex: str) -> None:
    for command, group in re.findall(_TEXT, latex):
        if not group:
            raise _RefusedError(
                f"the text of \\{command} has braces inside, or none around it", "Put it in one pair of braces."
            )
        if found := re.search(r"\$|\\[a-zA-Z]+|\\[^%&#_$ {}]", re.sub(r"\\[%&#_$]", "", group)):
            step = f"End \\{command}{{…}} before it, and begin another after it."
            raise _RefusedError(f"{found[0]} cannot be used in its text", step)


@cache
def _known_commands() -> frozenset[str]:
    named = {value for value in vars(commands).values() if isinstance(value, str)}
    listed = {*commands.CONVERSION_MAP, *commands.LOCAL_FONTS, *commands.GLOBAL_FONTS, *commands.FUNCTIONS}
    return frozenset({*named, *listed, *SYMBOLS, *MOVABLE_LIMIT_TEXTS})


def _check_commands(latex: str) -> None:
    """Refuses what latex2mathml would print or ignore: unknown commands, and line breaks outside tables."""
    for token in tokenize(re.sub(_TEXT, "", latex)):
        if re.fullmatch(r"\\[a-zA-Z]+", token) and token not in _known_commands():
            raise ValueError(f"{token} is not known")
    if r"\\" in re.sub(r"\\begin\{(.*?)\}.*\\end\{\1\}", "", latex, flags=re.DOTALL) and "\\substack" not in latex:
        raise _RefusedError(r"\\ is outside a table", r"Write the lines in \begin{aligned} … \end{aligned}.")


def _check_element(element: Element) -> None:
    text = element.text or ""
    if text.startswith("\\"):
        raise ValueError(f"{text} is not known")
    if element.tag == "mtext":
        if re.search("[<&]", unescape(text)):
            raise ValueError("< and & cannot be used in its text")
        element.text = re.sub(r"\\([%&#_$])", r"\1", text)
    if element.tag in ("mi", "mo") and any(unicodedata.combining(char) for char in unescape(text)):
        raise ValueError(f"an accent, U+{ord(unescape(text)[0]):04X}, has no letter")
    if len(element) != _ARITY.get(element.tag, len(element)):
        raise ValueError("a part of a fraction, an index, or a root is missing")


def _check_glyphs(tree: Element) -> None:
    for char in sorted(set("".join(tree.itertext()))):
        if not fonts.has_all(fonts.MATH_FACE, char):
            name = unicodedata.name(char, "unnamed")
            raise _RefusedError(
                f"the equation font has no {char} (U+{ord(char):04X}, {name.lower()})", "Use another character."
            )


def _in_words(name: str) -> str:
    """The name of an exception in words: "no available tokens" for NoAvailableTokensError."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.removesuffix("Error")).lower()
