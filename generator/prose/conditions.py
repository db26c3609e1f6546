"""Normalizes conditions: two that say the same have the same form, however they are written.

Order, whitespace, and parentheses do not matter, nor does the side of a comparison on which a term is: `a > b`, `(b) <
a`, and `a - b > 0` have one form, and so do `2 * a > 2 * b` and `a > b`. The mean of a difference is the difference of
the means: `h.difference.mean` is `h.trained.mean - h.untrained.mean`, and `variants.v.difference.h.mean` is
`variants.v.h.mean - h.mean`. This module does not evaluate conditions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from jinja2 import TemplateSyntaxError, nodes

from generator.prose.expressions import UnknownError, parsed
from generator.prose.names import path_of
from generator.records.results import Path

OPPOSITES = {
    "gt": "lteq", "lteq": "gt", "lt": "gteq", "gteq": "lt", "eq": "ne", "ne": "eq", "in": "notin", "notin": "in",
}  # fmt: skip
"""The opposite of each comparison, for `not`."""

_MIRRORED = {"lt": "gt", "lteq": "gteq"}
_SYMMETRIC = ("eq", "ne")

Terms = dict[str, Fraction]
"""A sum: the factor of each term, by the form of the term; the constant has the empty form."""


def form_of(condition: str) -> str:
    """The form of a condition, or its own text if it cannot be parsed."""
    try:
        return form(parsed(condition))
    except (UnknownError, TemplateSyntaxError):
        return condition


def form(node: nodes.Node, is_denied: bool = False) -> str:
    """The form of a condition, or of its opposite if `is_denied`."""
    if isinstance(node, nodes.Not):
        return form(node.node, not is_denied)
    if several := joined(node, is_denied):
        forms = sorted({form(part, is_part_denied) for part, is_part_denied in several.parts})
        return forms[0] if len(forms) == 1 else f"{several.word}({', '.join(forms)})"
    if isinstance(node, nodes.Compare):
        return _comparison(node.expr, node.ops[0], is_denied)
    return f"{'not ' if is_denied else ''}{_written(node)}"


@dataclass(frozen=True)
class Joined:
    """A condition with several parts.

    Attributes:
        word: whether all parts must hold, or any.
        parts: the parts, each with whether it is denied.
    """

    word: Literal["all", "any"]
    parts: Sequence[tuple[nodes.Node, bool]]


def joined(node: nodes.Node, is_denied: bool = False) -> Joined | None:
    """The parts of a condition, or of its opposite if `is_denied`; None if it has one part.

    Nested parts joined by the same word are flattened: `a or (b or c)` has three parts. All comparisons in a chain must
    hold. If the condition is denied, `all` becomes `any`, and the reverse.
    """
    match node:
        case nodes.Not():
            return joined(node.node, not is_denied)
        case nodes.And() | nodes.Or():
            word: Literal["all", "any"] = "any" if isinstance(node, nodes.And) == is_denied else "all"
            sides = [(side, joined(side, is_denied)) for side in (node.left, node.right)]
            parts = [inner.parts if inner and inner.word == word else [(side, is_denied)] for side, inner in sides]
            return Joined(word, [*parts[0], *parts[1]])
        case nodes.Compare() if len(node.ops) > 1:
            ends = [node.expr, *(operand.expr for operand in node.ops)]
            links = [nodes.Compare(left, [right], lineno=1) for left, right in zip(ends, node.ops, strict=False)]
            return Joined("any" if is_denied else "all", [(link, is_denied) for link in links])
        case _:
            return None


def _comparison(left: nodes.Node, operand: nodes.Operand, is_denied: bool) -> str:
    operator = OPPOSITES[operand.op] if is_denied else operand.op
    if operator in ("in", "notin"):
        return f"{_written(left)} {operator} {_written(operand.expr)}"
    difference = _sum(_terms(left), _terms(operand.expr), -1)
    unit = difference.get(next(iter(sorted(name for name in difference if name)), ""), Fraction(1))
    if operator in _MIRRORED or (operator in _SYMMETRIC and unit < 0):
        operator, difference = _MIRRORED.get(operator, operator), _scaled(difference, Fraction(-1))
    scaled = _scaled(difference, 1 / abs(unit))
    return f"{operator} {[(name, str(factor)) for name, factor in sorted(scaled.items())]}"


def _terms(node: nodes.Node) -> Terms:
    match node:
        case nodes.Const(value=int() | float() as number) if not isinstance(number, bool) and math.isfinite(number):
            return {"": Fraction(repr(number))} if number else {}
        case nodes.Add():
            return _sum(_terms(node.left), _terms(node.right), 1)
        case nodes.Sub():
            return _sum(_terms(node.left), _terms(node.right), -1)
        case nodes.Neg():
            return _scaled(_terms(node.node), Fraction(-1))
        case nodes.Pos():
            return _terms(node.node)
        case nodes.Mul() | nodes.Div():
            return _product(node)
        case _:
            return _named(node)


def _product(node: nodes.Mul | nodes.Div) -> Terms:
    """A sum times a constant, or divided by one other than zero; any other product is a single term."""
    left, right = _terms(node.left), _terms(node.right)
    if isinstance(node, nodes.Mul) and left.keys() <= {""}:
        return _scaled(right, left.get("", Fraction(0)))
    if right.keys() <= {""} and (isinstance(node, nodes.Mul) or right):
        factor = right.get("", Fraction(0))
        return _scaled(left, factor if isinstance(node, nodes.Mul) else 1 / factor)
    return {_written(node): Fraction(1)}


def _named(node: nodes.Node) -> Terms:
    path = path_of(node)
    return _of_mean(path) if path and path[-1] == "mean" else {_written(node): Fraction(1)}


def _of_mean(path: Path) -> Terms:
    """The terms of a mean; the mean of a difference is the difference of two means."""
    match path:
        case ("variants", variant, "difference", *rest):
            return _sum(_of_mean(("variants", variant, *rest)), _of_mean(tuple(rest)), -1)
        case (*measure, "difference", "mean"):
            trained, untrained = (_of_mean((*measure, part, "mean")) for part in ("trained", "untrained"))
            return _sum(trained, untrained, -1)
        case _:
            return {".".join(map(str, path)): Fraction(1)}


def _scaled(terms: Terms, factor: Fraction) -> Terms:
    return {name: value * factor for name, value in terms.items() if factor}


def _sum(first: Terms, second: Terms, factor: int) -> Terms:
    names = dict.fromkeys([*first, *second])
    total = {name: first.get(name, Fraction(0)) + factor * second.get(name, Fraction(0)) for name in names}
    return {name: value for name, value in total.items() if value}


def _written(node: nodes.Node) -> str:
    """A name with its parts joined by dots; anything else as its tree."""
    path = path_of(node)
    return repr(node) if path is None else ".".join(map(str, path))
