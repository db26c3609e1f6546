"""Finds what the code sets: a module's constants, and which values are settings rather than results.

Constants are names at the top level that are set once, to a number, a text, or a tuple of numbers. They are read from
the syntax tree, so that what is printed is what the code says. A constant has no name here if it is computed, if it is
a list, which may grow, or if its name is set again anywhere in the module. Hyperparameters are read by `model`.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterator

from generator.records.results import Number, Path
from generator.records.run import MAX_INTEGER

_OF_SUMMARY = ("parameters", "kind", "shape")
"""Values of a layer from the summary; all others come from its configuration."""


def constants(tree: ast.Module) -> dict[str, Number]:
    """The constants of a module by name, in the order in which they are set."""
    times = Counter(name for statement in tree.body for name in _names_set(statement))
    if "*" in times:  # a star import may set any of the names
        return {}
    assigned = (pair for statement in tree.body for pair in _assigned(statement))
    found = {name: _literal(value) for name, value in assigned if times[name] == 1}
    return {name: value for name, value in found.items() if value is not None}


def variables(tree: ast.Module) -> set[str]:
    """The names that a module sets at its top level and that are no constants."""
    return {name for statement in tree.body for name, _ in _assigned(statement)} - constants(tree).keys()


def is_setting(path: Path) -> bool:
    """Whether a value with this name is set by the code, as a constant or a hyperparameter, rather than a result."""
    match path:
        case ("code", *_) | ("model", "optimizer" | "loss", *_):
            return True
        case ("model", "layers", _, name, *_):
            return name not in _OF_SUMMARY
        case ("variants", _, *own):
            return is_setting(tuple(own))
    return False


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value


def _names_set(statement: ast.stmt) -> Iterator[str]:
    """Every name that a statement may set, change, or delete in the module, once for each occurrence."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case ast.Global(names=declared):
                yield from declared
            case ast.MatchMapping(rest=str() as name):
                yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name


def _literal(value: ast.expr) -> Number | None:
    try:
        literal = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    match literal:
        case (_, *_) if isinstance(literal, tuple) and all(_is_number(each) for each in literal):
            return literal
        case bool():
            return literal
        case str() if literal and literal.isprintable():
            return literal
        case int() | float() if _is_number(literal):
            return literal
    return None


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return (isinstance(value, int) and abs(value) <= MAX_INTEGER) or (isinstance(value, float) and math.isfinite(value))
