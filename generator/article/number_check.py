"""Refuses what a number of its kind cannot mean: a count in percent, or an accuracy compared with 95.

Both would be computed without an error: the first prints 6,000,000%, and the second always holds or never does.
"""

from __future__ import annotations

from decimal import Decimal

from jinja2 import nodes

from generator.core.errors import Place, ReportError
from generator.prose.expressions import parsed, parts_of, suffix
from generator.prose.names import path_of
from generator.records.results import Path
from generator.results.number_kinds import NumberKind, number_kind

_FITTING: dict[str, NumberKind] = {
    "percent": "share", "points": "share", "seconds": "time", "integer": "count", "words": "count", "counted": "count",
}  # fmt: skip
"""By filter, the kind of number that it is for."""

_FILTERS: dict[NumberKind, str] = {"share": "percent", "count": "integer", "time": "seconds", "loss": "number(2)"}
"""By kind of number, the filter to write."""


def check(expression: str, shown: str, place: Place) -> None:
    """Checks an expression or a condition whose names all exist; `shown` is how messages quote it.

    Raises:
        ReportError: it has a filter, or a bound, that does not fit the kind of the result.
    """
    tree = parsed(expression)
    for node in parts_of(tree, nodes.Filter):
        path, wanted = _result(node.node), _FITTING.get(node.name)
        kind = number_kind(path) if path else None
        if path and kind and wanted and kind != wanted:
            what = f"{shown}: {_written(path)} is a {kind}, but {node.name} is for a {wanted}."
            raise ReportError(what, place, f"Write {_written(path)} | {_FILTERS[kind]}.")
    for node in parts_of(tree, nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        for left, right in zip(sides, sides[1:], strict=False):
            _check_bound(left, right, shown, place)
            _check_bound(right, left, shown, place)


def _check_bound(side: nodes.Node, limit: nodes.Node, shown: str, place: Place) -> None:
    """Raises ReportError if a share, or a difference of two, is compared with a number that it cannot exceed."""
    number = _number(limit)
    if number is None or abs(number) <= 1 or not _is_share(side):
        return
    bound, share = (f"{one.normalize():f}" for one in (number, number / 100))
    step = f"Write {share} for {bound}%." if abs(number) <= 100 else "Compare it with a number between 0 and 1."
    raise ReportError(f"{shown} compares a share, which is at most 1, with {bound}.", place, step)


def _is_share(node: nodes.Node | None) -> bool:
    if isinstance(node, nodes.Sub):
        return _is_share(node.left) and _is_share(node.right)
    path = _result(node)
    return path is not None and number_kind(path) == "share"


def _number(node: nodes.Node) -> Decimal | None:
    match node:
        case nodes.Const(value=int() | float() as number) if not isinstance(number, bool):
            return Decimal(str(number))
        case nodes.Neg(node=nodes.Const(value=int() | float() as number)) if not isinstance(number, bool):
            return -Decimal(str(number))
    return None


def _result(node: nodes.Node | None) -> Path | None:
    """The name of a result, also of its absolute value; a rounded time may well be a number of seconds."""
    while isinstance(node, nodes.Filter) and node.name == "abs":
        node = node.node
    return path_of(node) if node else None


def _written(path: Path) -> str:
    """A name as an expression writes it."""
    return str(path[0]) + "".join(map(suffix, path[1:]))
