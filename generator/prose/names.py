"""Finds the names that an expression uses, by which a number is bound to its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes

from generator.prose.expressions import UnknownError, parsed
from generator.records.results import Path


def names_read(tree: nodes.Node) -> Iterator[Path]:
    """The names that an expression uses, each as the path of its parts, as far as they are literal.

    `layers[n].size` uses `layers` and `n`; which layer that is, is known only when the expression is evaluated.
    """
    if path := path_of(tree):
        yield path
        return
    for child in tree.iter_child_nodes():
        yield from names_read(child)


def paths_in(expression: str) -> tuple[Path, ...]:
    """The names that an expression uses; none if it cannot be parsed."""
    try:
        return tuple(names_read(parsed(expression)))
    except (UnknownError, TemplateSyntaxError):
        return ()


def texts_in(expression: str) -> tuple[str, ...]:
    """The literal texts and numbers that an expression may print as they are; none if it cannot be parsed.

    Numbers used in arithmetic are not included, nor is anything that only decides which value is printed.
    """
    try:
        return tuple(_texts(parsed(expression)))
    except (UnknownError, TemplateSyntaxError):
        return ()


_CHOICES = (nodes.CondExpr, nodes.And, nodes.Or, nodes.List, nodes.Tuple, nodes.Pair, nodes.Concat)


def _texts(node: nodes.Node, is_choice: bool = False) -> Iterator[str]:
    match node:
        case nodes.Const(value=str() as text):
            yield text
        case nodes.Const(value=int() | float() as number) if is_choice and not isinstance(number, bool):
            yield str(number)
    for child in node.iter_child_nodes(exclude=_NOT_PRINTED.get(type(node))):
        yield from _texts(child, isinstance(node, _CHOICES))


_NOT_PRINTED: Mapping[type[nodes.Node], tuple[str, ...]] = {
    nodes.Getitem: ("arg",), nodes.CondExpr: ("test",), nodes.Pair: ("key",),
}  # fmt: skip


def path_of(node: nodes.Node) -> Path | None:
    """The parts of a literal name; None for any other node."""
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr(attr=part) | nodes.Getitem(arg=nodes.Const(value=str() | int() as part)):
            owner = path_of(node.node)
            return None if owner is None else (*owner, part)
        case nodes.Getitem(arg=nodes.Neg(node=nodes.Const(value=int() as part))):
            owner = path_of(node.node)
            return None if owner is None else (*owner, -part)
        case _:
            return None
