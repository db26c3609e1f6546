"""Conditions in one form: two that say the same have the same form, however they are written.

Order, whitespace and parentheses do not count, nor does on which side of a comparison a term stands: `a > b`, `(b) < a`
and `a - b > 0` are one. What a condition means, and whether it holds, is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import TemplateSyntaxError, nodes

from generator.prose.expressions import UnknownError, parsed
from generator.prose.names import path_of

OPPOSITES = {
    "gt": "lteq", "lteq": "gt", "lt": "gteq", "gteq": "lt", "eq": "ne", "ne": "eq", "in": "notin", "notin": "in",
}  # fmt: skip
"""The comparison that `not` makes of each."""

_MIRRORED = {"lt": "gt", "lteq": "gteq"}
_SYMMETRIC = ("eq", "ne")

Terms = dict[str, float]
"""A sum: the factor of each term by its form; that of a constant is by the empty form."""


def form_of(condition: str) -> str:
    """The form of a condition, or its own text if it cannot be read."""
    try:
        return form(parsed(condition))
    except (UnknownError, TemplateSyntaxError):
        return condition


def form(node: nodes.Node, is_denied: bool = False) -> str:
    """The form of a condition, or of its opposite if it is denied."""
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
    """A condition of several parts.

    Attributes:
        word: whether all of the parts must hold, or any.
        parts: each with whether it is denied.
    """

    word: Literal["all", "any"]
    parts: Sequence[tuple[nodes.Node, bool]]


def joined(node: nodes.Node, is_denied: bool = False) -> Joined | None:
    """The parts of a condition, or of its opposite if it is denied; None if it has one part.

    Parts that are joined by the same word are parts of the whole: `a or (b or c)` has three. A chain of comparisons
    asks for all of them. Of a denied condition it is the other way round.
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
    first = next(iter(sorted(name for name in difference if name)), "")
    if operator in _MIRRORED or (operator in _SYMMETRIC and difference.get(first, 0) < 0):
        operator, difference = _MIRRORED.get(operator, operator), _sum({}, difference, -1)
    return f"{operator} {sorted(difference.items())}"


def _terms(node: nodes.Node) -> Terms:
    match node:
        case nodes.Const(value=int() | float() as number) if not isinstance(number, bool):
            return {"": float(number)}
        case nodes.Add():
            return _sum(_terms(node.left), _terms(node.right), 1)
        case nodes.Sub():
            return _sum(_terms(node.left), _terms(node.right), -1)
        case nodes.Neg():
            return _sum({}, _terms(node.node), -1)
        case nodes.Pos():
            return _terms(node.node)
        case _:
            return {_written(node): 1.0}


def _sum(first: Terms, second: Terms, factor: int) -> Terms:
    names = dict.fromkeys([*first, *second])
    total = {name: first.get(name, 0.0) + factor * second.get(name, 0.0) for name in names}
    return {name: value for name, value in total.items() if value}


def _written(node: nodes.Node) -> str:
    """A name by its parts, and anything else as its tree."""
    path = path_of(node)
    return repr(node) if path is None else ".".join(map(str, path))
