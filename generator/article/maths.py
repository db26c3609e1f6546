r"""Equations: LaTeX becomes MathML for the page, and a drawing for the PDF, whose engine has no MathML.

latex2mathml reads LaTeX leniently: what it does not know, it prints. Here that is an error, for both targets,
so that an equation which is right on the page is right on paper.
"""

from __future__ import annotations

import base64
import re
import warnings
from functools import cache
from html import escape, unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.commands import MATRICES
from latex2mathml.converter import Converter

from generator.core.errors import Place, ReportError

ENVIRONMENTS = frozenset(name.removeprefix("\\") for name in MATRICES) - {"align"} | {"aligned"}
REFUSED = ("href", "style", "class", "newcommand", "renewcommand", "newenvironment", "tag")
"""Commands that would set links, styles or numbers, which are not the business of an equation."""

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
_SIZE = 100.0
"""The size at which an equation is drawn. Its measures are then told in em, so the size does not show."""


def mathml(latex: str, display: bool, place: Place) -> str:
    """The equation as MathML, with its LaTeX as alternative text.

    Raises:
        ReportError: the equation, which stands at `place`, cannot be read.
    """
    try:
        return _mathml(latex.strip(), display)
    except ValueError as error:
        raise _refused(latex, error, place) from None


def drawing(latex: str, display: bool, place: Place) -> str:
    """The equation as an image, an SVG in a data: URI, on the baseline of the text and in units of its size.

    Raises:
        ReportError: the equation, which stands at `place`, cannot be read or drawn.
    """
    try:
        _mathml(latex.strip(), display)
        return _drawing(latex.strip(), display)
    except ValueError as error:
        raise _refused(latex, error, place) from None


def _refused(latex: str, why: ValueError, place: Place) -> ReportError:
    return ReportError(f"The equation ${latex.strip()}$ cannot be set: {why}.", place, "Correct its LaTeX.")


@cache
def _mathml(latex: str, display: bool) -> str:
    _check_source(latex)
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(_simplified(latex))
    except Exception as error:  # latex2mathml raises what it meets, from its own errors to IndexError
        raise ValueError(str(error) or _in_words(type(error).__name__)) from None
    tree.set("alttext", latex)
    for element in tree.iter():
        _check_element(element)
        element.text = unescape(element.text or "")
    return tostring(tree, encoding="unicode")


@cache
def _drawing(latex: str, display: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how ziamath finds its own font
        from ziamath.config import config  # here, because it takes a while to load and few articles need it
        from ziamath.zmath import Latex

    config.svg2 = False  # plain paths, which every SVG engine draws alike
    try:
        drawn = Latex(latex, size=_SIZE, inline=not display, margin=0)
        svg = drawn.svg()
    except Exception as error:  # so does ziamath
        raise ValueError(f"it cannot be drawn, {error}") from None
    width, height = drawn.getsize()
    measures = {"width": width, "height": height, "vertical-align": drawn.getyofst()}
    style = ";".join(f"{name}:{measure / _SIZE:.4f}em" for name, measure in measures.items())
    data = base64.b64encode(svg.encode()).decode()
    return f'<img class="math" alt="{escape(latex)}" src="data:image/svg+xml;base64,{data}" style="{style}">'


def _simplified(latex: str) -> str:
    """With the one environment spelt differently that both libraries only know by another name."""
    return re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{align*}", latex)


def _check_source(latex: str) -> None:
    if not latex:
        raise ValueError("it is empty")
    braces = re.findall(r"(?<!\\)(?:\\\\)*([{}])", latex)
    depth = 0
    for brace in braces:
        depth += 1 if brace == "{" else -1
        if depth < 0:
            raise ValueError("a } has no {")
    if depth:
        raise ValueError("a { has no }")
    for command in REFUSED:
        if re.search(rf"\\{command}(?![a-zA-Z])", latex):
            raise ValueError(f"\\{command} is not allowed")
    for name in re.findall(r"\\begin\{([^}]*)\}", latex):
        if name not in ENVIRONMENTS:
            raise ValueError(f'there is no environment "{name}" that leaves numbers to the article')


def _check_element(element: Element) -> None:
    text = element.text or ""
    if re.match(r"\\[a-zA-Z]", text):
        raise ValueError(f"{text} is not known")
    if element.tag == "mtext" and re.search("[<&]", unescape(text)):
        raise ValueError("< and & cannot stand in its text")
    if len(element) != _ARITY.get(element.tag, len(element)):
        raise ValueError("a part of a fraction, an index or a root is missing")


def _in_words(name: str) -> str:
    """NoAvailableTokensError as "no available tokens"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.removesuffix("Error")).lower()
