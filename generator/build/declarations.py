"""Finds what a paper's code declares, sets, and imports: measures, figures, tables, and constants. No code is run."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from generator.build import codedigest
from generator.core.diagnostics import suggestion
from generator.core.errors import Place, ReportError
from generator.core.paths import ROOT
from generator.model.experiment import FUNCTIONS, missing_function
from generator.records.analysis import Declared, Kind, Width
from generator.records.results import Number
from generator.results import code_values
from generator.results.own_values import ANALYSIS as OWN

ANALYSIS = "analysis.py"

_TAKES: Mapping[Kind, tuple[str, ...]] = {
    "measure": ("run",),
    "figure": ("results", "axes"),
    "table": ("results",),
}
"""The arguments that the functions are called with."""

_PUBLIC = (*_TAKES, "dataset")
"""What an author's code can import from the generator."""

_SETTING_NAMES = {
    *("__getattr__", "exec", "globals", "locals", "setattr", "vars"),
    *("__import__", "import_module", "modules"),
}
"""Names and attributes by which a module may get names that its syntax does not show.

They set names, or give the module itself, as `sys.modules[__name__]`. `__name__` alone does not: most use it to ask
whether the file is run.
"""

_PATHS_CHANGED = re.compile(rb"\bsys\b.*\bpath\b|\bmeta_path\b|\baddsitedir\b")
"""Matches code that may change where packages are looked for."""

_SENTENCE_END = re.compile(r"(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)(?<!\bapprox)\.\s+(?=[A-Z])|\.$|\n\s*\n")


def declared(folder: Path) -> tuple[Declared, ...]:
    """The marked functions of the paper's analysis.py, in order; empty without that file.

    Raises ReportError when the file is not Python, when a name is used twice, or when a function cannot be called.
    """
    path = folder / ANALYSIS
    if not path.exists():
        return ()
    tree = codedigest.parse(path)
    marks, found = _marks(tree), list[Declared]()
    _check_top(tree, marks, path)
    _check_known(tree, path)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [_declared(node, kind, mark, path) for mark, kind in _marked(node, marks)]
    _check_names(tree, found, path)
    return tuple(found)


def constants(folder: Path) -> dict[str, Number]:
    """The constants of experiment.py, and of analysis.py those with other names, by name."""
    each = [code_values.constants(codedigest.parse(path)) for path in reversed(modules(folder))]
    return {name: value for one in each for name, value in one.items()}


def variables(folder: Path) -> set[str]:
    """The names that the same files set at their top level, but not as constants."""
    each = [code_values.variables(codedigest.parse(path)) for path in modules(folder)]
    return set().union(*each) - constants(folder).keys()


def missing_imports(folder: Path) -> Iterator[ReportError]:
    """Imports of packages that are not installed, at the top level of experiment.py and analysis.py.

    An import that no function uses does not run the experiment again, but the article prints the code as it is. Nothing
    is examined if the code can change where packages are looked for.
    """
    paths = modules(folder)
    own = {path for one in paths for path in codedigest.local_files(one) if not path.is_relative_to(ROOT / "generator")}
    if any(_PATHS_CHANGED.search(path.read_bytes()) for path in own):
        return
    for path in paths:
        for node in codedigest.parse(path).body:
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                named = [node.module]
            for top in dict.fromkeys(name.partition(".")[0] for name in named):
                if not _is_found(top, folder):
                    step = f"Correct the name, or install its package, often of this name: .venv/bin/pip install {top}"
                    yield ReportError(f"There is no module {top} to import.", Place(path, node.lineno), step)


def missing_functions(folder: Path) -> Iterator[ReportError]:
    """The functions that experiment.py must have and neither defines nor imports.

    Nothing is told if its names cannot be known without running it.
    """
    path = folder / "experiment.py"
    tree = codedigest.parse(path)
    nodes, names = list(ast.walk(tree)), {*_bound(tree)}
    has_star = any(isinstance(node, ast.alias) and node.name == "*" for node in nodes)
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    used |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    if not has_star and not (names | used) & _SETTING_NAMES:
        lines = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
        yield from (missing_function(name, lines, path) for name in FUNCTIONS if name not in names)


def _is_found(module: str, folder: Path) -> bool:
    with suppress(ValueError):  # a module without a specification, which is there
        return (PathFinder.find_spec(module, [str(folder)]) or find_spec(module)) is not None
    return True


def modules(folder: Path) -> list[Path]:
    """The author's files that are there."""
    return [path for name in ("experiment.py", ANALYSIS) if (path := folder / name).exists()]


@dataclass(frozen=True)
class Mentions:
    """Names in the code of figures and tables, by which they may access results.

    Attributes:
        names: every attribute and every word of a text.
        is_open: whether the author's measures may be accessed unnamed, as in `for name in results.analysis`.
    """

    names: frozenset[str]
    is_open: bool


def mentions(folder: Path, functions: Iterable[str], measures: Collection[str]) -> Mentions:
    """What the code that these functions of analysis.py depend on mentions; `measures` are the author's measures."""
    code = [node for name in functions for node in codedigest.reached_code(folder / ANALYSIS, name)]
    texts = {id(node.value) for statement in code for node in ast.walk(statement) if isinstance(node, ast.Expr)}
    nodes = [node for statement in code for node in ast.walk(statement) if id(node) not in texts]  # without docstrings
    return Mentions(frozenset(word for node in nodes for word in _words(node)), _is_open(nodes, {*measures}))


def _is_open(nodes: Sequence[ast.AST], measures: Set[str]) -> bool:
    """Whether `analysis` is accessed without one of the measures after it, or in a text without one."""
    accesses = [node for node in nodes if isinstance(node, ast.Attribute | ast.Subscript)]
    following = {id(node.value): _accessed(node) for node in accesses}
    keys = {id(node.slice) for node in accesses if isinstance(node, ast.Subscript)}
    texts = (_words(node) for node in nodes if isinstance(node, ast.Constant) and id(node) not in keys)
    after = (following.get(id(node), frozenset()) for node in accesses if OWN in _accessed(node))
    return any(not words & measures for words in (*after, *(words for words in texts if OWN in words)))


def _accessed(node: ast.Attribute | ast.Subscript) -> frozenset[str]:
    """The name of an attribute, or of a key that is a text."""
    key = node if isinstance(node, ast.Attribute) else node.slice
    return _words(key) if key is node or isinstance(key, ast.Constant) else frozenset()


def _words(node: ast.AST) -> frozenset[str]:
    """The names that an attribute or a text may access; empty for other parts of an expression."""
    match node:
        case ast.Attribute(attr=name):
            return frozenset([name])
        case ast.Constant(value=str(text)):
            return frozenset([text, *(re.split(r"\W+", text) if re.fullmatch(r"[\w.-]+", text) else ())])
    return frozenset()


def _marks(tree: ast.Module) -> dict[str, Kind]:
    """The kind that each decorator marks, by the name that the decorator has in this module."""
    return {name: kind for node in tree.body for name, kind in _marks_in(node).items()}


def _marks_in(node: ast.AST) -> dict[str, Kind]:
    """Those that a single import brings."""
    kinds = get_args(Kind)
    match node:
        case ast.ImportFrom(module="generator", names=names):
            return {alias.asname or alias.name: kind for alias in names for kind in kinds if alias.name == kind}
        case ast.Import(names=names):
            called = [alias.asname or alias.name for alias in names if alias.name == "generator"]
            return {f"{name}.{kind}": kind for name in called for kind in kinds}
    return {}


def _declared(node: ast.FunctionDef | ast.AsyncFunctionDef, kind: Kind, mark: ast.expr, path: Path) -> Declared:
    place, takes = Place(path, node.lineno), _TAKES[kind]
    required = [*node.args.posonlyargs, *node.args.args][: len(takes)]
    given = len(node.args.posonlyargs) + len(node.args.args)
    without_default = given - len(node.args.defaults) + sum(one is None for one in node.args.kw_defaults)
    is_callable = (len(required) == len(takes) or node.args.vararg) and without_default <= len(takes)
    if isinstance(node, ast.AsyncFunctionDef) or not is_callable:
        what = f"The {kind} {node.name}() cannot be called as {node.name}({', '.join(takes)})"
        raise ReportError(what, place, f"Write def {node.name}({', '.join(takes)}):")
    words = _SENTENCE_END.split(ast.get_docstring(node) or "")[0].removesuffix(".")
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
    """Refuses marks that the build would not find, or not understand: functions and imports below the top level,
    marked classes, and functions with two marks.
    """
    for node in ast.walk(tree):
        place, found = Place(path, getattr(node, "lineno", None)), list(_marked(node, marks))
        if node not in tree.body and (found or _marks_in(node)):
            what = "A marked function" if found else "An import from the generator"
            raise ReportError(f"{what} is not at the top level of the file", place, "Move it there.")
        if found and isinstance(node, ast.ClassDef):
            raise ReportError(f"{node.name} is a class, not a function", place, "Mark a function instead.")
        if len(found) > 1:
            step = "Remove one of the marks, or write two functions."
            raise ReportError(f"{node.name}() has two marks", place, step)  # type: ignore[attr-defined]  # it is marked


def _check_known(tree: ast.Module, path: Path) -> None:
    """Refuses names that the generator does not have, and decorators that nothing in the module defines."""
    known = {*dir(builtins), *_bound(tree)}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "generator":
            for alias in node.names:
                if alias.name not in (*_PUBLIC, "*", "__version__"):
                    what = f"The generator has no {alias.name}"
                    raise ReportError(what, Place(path, node.lineno), suggestion(alias.name, _PUBLIC))
        for mark in getattr(node, "decorator_list", ()):
            root: ast.expr = mark
            while isinstance(root, ast.Call | ast.Attribute):
                root = root.func if isinstance(root, ast.Call) else root.value
            if isinstance(root, ast.Name) and root.id not in known:
                step = f"Import it, as in: from generator import {', '.join(get_args(Kind))}."
                raise ReportError(f"@{ast.unparse(mark)} is not defined", Place(path, mark.lineno), step)


def _bound(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines or imports; every name if it imports with a star."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name="*"):
                yield from (part.id for part in ast.walk(tree) if isinstance(part, ast.Name))
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def _check_names(tree: ast.Module, found: list[Declared], path: Path) -> None:
    """Refuses a second function with the name of a marked one, which it would replace."""
    marked = {one.name for one in found}
    lines: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in marked:
            if node.name in lines:
                what = f"The name {node.name} is used twice: on line {lines[node.name]} and here"
                raise ReportError(what, Place(path, node.lineno), "Rename one of the two functions.")
            lines[node.name] = node.lineno
