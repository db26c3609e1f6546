"""Finds the measures, figures, and tables that analysis.py declares. Its code is parsed, not run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from generator.build import codedigest
from generator.core.errors import Place, ReportError
from generator.records.analysis import Declared, Kind, Width

ANALYSIS = "analysis.py"

_TAKES: Mapping[Kind, tuple[str, ...]] = {
    "measure": ("run",),
    "figure": ("results", "axes"),
    "table": ("results",),
}
"""The arguments that the functions are called with."""


def declared(folder: Path) -> tuple[Declared, ...]:
    """The marked functions of the paper's analysis.py, in order; empty without that file.

    Raises ReportError when the file is not Python, when a name is used twice, or when a function cannot be called.
    """
    path = folder / ANALYSIS
    if not path.exists():
        return ()
    tree = codedigest.parse(path)
    marks, found = _marks(tree), list[Declared]()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [_declared(node, kind, mark, path) for mark, kind in _marked(node, marks)]
    _check_top(tree, marks, path)
    _check_names(tree, found, path)
    return tuple(found)


def mentions(folder: Path) -> set[str]:
    """Every attribute name and string in analysis.py and in the paper's modules it imports: some may name results."""
    path = folder / ANALYSIS
    local = codedigest.local_files(path) if path.exists() else ()
    own = (file for file in local if file.is_relative_to(folder))
    nodes = [node for file in own for node in ast.walk(codedigest.parse(file))]
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _marks(tree: ast.Module) -> dict[str, Kind]:
    """The kind that each decorator marks, by the name that the decorator has in this module."""
    called: dict[str, Kind] = {}
    for node in tree.body:
        match node:
            case ast.ImportFrom(module="generator", names=names):
                called |= {
                    alias.asname or alias.name: kind for alias in names for kind in get_args(Kind) if alias.name == kind
                }
            case ast.Import(names=names):
                for alias in names:
                    if alias.name == "generator":
                        called |= {f"{alias.asname or alias.name}.{kind}": kind for kind in get_args(Kind)}
    return called


def _declared(node: ast.FunctionDef | ast.AsyncFunctionDef, kind: Kind, mark: ast.expr, path: Path) -> Declared:
    place, takes = Place(path, node.lineno), _TAKES[kind]
    required = [*node.args.posonlyargs, *node.args.args][: len(takes)]
    given = len(node.args.posonlyargs) + len(node.args.args)
    without_default = given - len(node.args.defaults) + sum(one is None for one in node.args.kw_defaults)
    is_callable = (len(required) == len(takes) or node.args.vararg) and without_default <= len(takes)
    if isinstance(node, ast.AsyncFunctionDef) or not is_callable:
        what = f"The {kind} {node.name}() cannot be called as {node.name}({', '.join(takes)})"
        raise ReportError(what, place, f"Write def {node.name}({', '.join(takes)}):")
    words = re.split(r"\.\s+(?=[A-Z])|\.$|\n\s*\n", ast.get_docstring(node) or "")[0].removesuffix(".")
    return Declared(node.name, kind, node.lineno, " ".join(words.split()), _width(mark, kind, place))


def _width(mark: ast.expr, kind: Kind, place: Place) -> Width:
    """The width given to @figure, or the default. Refuses any other arguments of a decorator."""
    if not isinstance(mark, ast.Call):
        return "column"
    match kind, mark.args, mark.keywords:
        case "figure", [], []:
            return "column"
        case "figure", [], [ast.keyword(arg="width", value=ast.Constant(value="column" | "text" as width))]:
            return "text" if width == "text" else "column"
    step = 'Write @figure(width="text") for a figure as wide as the text.' if kind == "figure" else f"Write @{kind}."
    raise ReportError(f"@{ast.unparse(mark)} is not a valid decorator", place, step)


def _marked(node: ast.AST, marks: Mapping[str, Kind]) -> Iterator[tuple[ast.expr, Kind]]:
    """The decorators that mark a function, each with the kind that it marks."""
    for mark in getattr(node, "decorator_list", ()):
        if kind := marks.get(ast.unparse(mark.func if isinstance(mark, ast.Call) else mark)):
            yield mark, kind


def _check_top(tree: ast.Module, marks: Mapping[str, Kind], path: Path) -> None:
    """Refuses a marked function below the top level, where the build would not find it."""
    for node in ast.walk(tree):
        if node not in tree.body and any(_marked(node, marks)):
            place = Place(path, getattr(node, "lineno", None))
            raise ReportError("A marked function is not at the top level of the file", place, "Move it there.")


def _check_names(tree: ast.Module, found: list[Declared], path: Path) -> None:
    """Refuses a second function with the name of a marked one, which it would replace."""
    marked = {one.name for one in found}
    lines: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in marked:
            if node.name in lines:
                what = f"The name {node.name} is used twice: on line {lines[node.name]} and here"
                raise ReportError(what, Place(path, node.lineno), "Give one of the two functions another name.")
            lines[node.name] = node.lineno
