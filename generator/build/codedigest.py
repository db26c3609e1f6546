"""Digests of the source code that a stage's result depends on, and of no other code.

A digest covers the syntax tree, so that comments, docstrings, and formatting do not count. It also covers every local
module that is imported, directly or indirectly. In the experiment itself, only the statements that a function reaches
count, so that an edit to load_data() is not an edit to build_model().

What a function reaches is determined from names, without running the code. A call at the top level may change every
name that it can access; code that is looked up by a computed name is not followed. Top-level code that may change
another module counts for every function.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import hashlib
import io
import os
import sys
import tokenize
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import msgspec

from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place, ReportError
from generator.core.paths import ROOT
from generator.core.reading import MAX_TEXT_BYTES, read_regular

P = ParamSpec("P")
T = TypeVar("T")

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Module(msgspec.Struct, frozen=True, array_like=True):
    """What is known about a module.

    Attributes:
        digest: of its syntax tree.
        imports: the dotted names that it imports anywhere in its code.
        imports_run: the dotted names that it imports when it is itself imported.
        is_effect: whether importing it may change another module.
        hooks: the dotted names that its decorators and base classes come from.
    """

    digest: str
    imports: tuple[str, ...]
    imports_run: tuple[str, ...]
    is_effect: bool
    hooks: tuple[str, ...]


MAX_KNOWN = 2_000
"""How many modules to cache, keeping those used last: about ten versions of each."""

_known: dict[str, _Module] = {}
"""Cached modules, by the digest of everything they are derived from; the one used last is at the end."""

_THIS = hashlib.sha256(f"{sys.version} ".encode() + Path(__file__).read_bytes()).digest()


@contextlib.contextmanager
def remembering(path: Path) -> Iterator[None]:
    """Caches analyzed modules in the file `path`: reading code takes most of the time of a build without changes.

    A damaged file is ignored.
    """
    _known.update(read_checked(path, dict[str, _Module]) or {})
    before = len(_known)
    yield
    if len(_known) > before:
        write_checked(path, dict(list(_known.items())[-MAX_KNOWN:]))


_look: list[dict[Hashable, object]] = []
"""What the current look at the files has found; empty outside of `one_look`."""


@contextlib.contextmanager
def one_look() -> Iterator[None]:
    """Within, every file is looked at once, however many digests it is part of.

    For keys that are computed together: nothing that takes long may run within, lest a digest become outdated.
    """
    if _look:
        yield
        return
    _look.append({})
    try:
        yield
    finally:
        _look.clear()


def once_a_look(function: Callable[P, T]) -> Callable[P, T]:
    """Calls the function once for the same arguments within `one_look`."""

    @functools.wraps(function)
    def looked_up(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _look:
            return function(*args, **kwargs)
        (found,), call = _look, (function, args, *kwargs.items())
        if call not in found:
            found[call] = function(*args, **kwargs)
        return cast("T", found[call])

    return looked_up


@once_a_look
def module_digests(module: str) -> Mapping[str, str]:
    """Digests of a module of the generator, and of every generator module that it imports, by file."""
    return _closure(_files(module, (ROOT,)), (ROOT,))


@once_a_look
def function_digests(experiment: Path, function: str) -> Mapping[str, str]:
    """Digests of what `function` of the experiment reaches: statements of that file, and whole local modules.

    Raises ReportError when a file is not Python.
    """
    roots = (experiment.parent, ROOT)
    reached = _reached(parse(experiment), function, roots)
    digests = {f"{experiment.name} {function}()": _digest(reached)}
    return digests | _closure(_imported(reached, roots), roots)


def reached_code(path: Path, function: str) -> list[ast.stmt]:
    """The statements that `function` of a file depends on: of that file, and of whole modules beside it."""
    roots = (path.parent,)
    reached = _reached(parse(path), function, (*roots, ROOT))
    modules = _paths(path, _closure(_imported(reached, roots), roots), roots) - {path}
    return [*reached, *(node for module in sorted(modules) for node in parse(module).body)]


def local_files(experiment: Path) -> frozenset[Path]:
    """The experiment and every local file that it imports, at any depth."""
    roots = (experiment.parent, ROOT)
    return _paths(experiment, _closure(_imported(parse(experiment).body, roots), roots), roots)


@once_a_look
def known_files(experiment: Path, function: str) -> frozenset[Path]:
    """The code files that cannot change what `function` does unless its digests change.

    They are the experiment, the files that have a digest there, and files imported only because the experiment is.
    """
    roots = (experiment.parent, ROOT)
    names = {name for name in function_digests(experiment, function) if not name.endswith("()")}
    run = [part for node in _executed(parse(experiment)) for part in _run(node)]
    waiting = [file for part in run for name in _import_names(part, ()) for file in _files(name, roots)]
    while waiting:
        path = waiting.pop()
        if (name := _name(path, roots)) not in names:
            names.add(name)
            module = _module(_read(path), path, _package(path, roots))
            waiting += [file for imported in module.imports_run for file in _files(imported, roots)]
    return _paths(experiment, names, roots)


def _paths(experiment: Path, names: Iterable[str], roots: tuple[Path, ...]) -> frozenset[Path]:
    places = (root / name for name in names for root in roots)
    return frozenset({experiment, *filter(Path.is_file, places)})


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file. Raises ReportError with the line when it cannot be read or is not Python."""
    return _parsed(_read(path), path)


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_TEXT_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        step = "The paper's folder holds paper.toml, article.md, and experiment.py."
        if path.is_relative_to(ROOT / "generator"):
            step = "It is part of the generator: check that you may read it, and build again."
        raise ReportError(f"The code cannot be read: {reason}", Place(path), step) from None


def _parsed(source: bytes, path: Path) -> ast.Module:
    _check_encoding(source, path)
    try:
        return ast.parse(source, str(path))
    except (SyntaxError, ValueError) as error:
        place = Place(path, getattr(error, "lineno", None))
        reason = getattr(error, "msg", str(error))
        raise ReportError(f"This is not Python: {reason}", place, "Fix this line and build again.") from None


def _check_encoding(source: bytes, path: Path) -> None:
    """Python allows any bytes in a comment, but the listing could not print them."""
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(source).readline)[0]
    except SyntaxError:  # not UTF-8 and undeclared, or an unknown encoding, which parsing will name
        encoding = "utf-8"
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        place = Place(path, source[: error.start].count(b"\n") + 1)
        what = f"The file is not in {encoding.upper()}: it has the byte 0x{source[error.start]:02x}"
        raise ReportError(what, place, "Save it as UTF-8.") from None


def _digest(statements: Iterable[ast.stmt]) -> str:
    text = "\n".join(ast.dump(_without_texts(statement)) for statement in statements)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_texts(tree: ast.stmt) -> ast.stmt:
    """The statement without docstrings of any kind; its suites keep at least one statement."""
    for node in ast.walk(tree):
        for name, suite in ast.iter_fields(node):
            if isinstance(suite, list) and any(map(_is_text, suite)):
                setattr(node, name, [part for part in suite if not _is_text(part)] or [ast.Pass()])
    return tree


def _is_text(node: object) -> bool:
    """Whether a statement is nothing but a string: a docstring, also one of a variable, which stands after it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


# --- local modules -------------------------------------------------------------------------------


def _closure(files: Iterable[Path], roots: tuple[Path, ...]) -> dict[str, str]:
    """Digests of `files` and of every local file they import, by path below its root."""
    digests: dict[str, str] = {}
    followed, waiting = set[Path](), list(files)
    while waiting:
        path = waiting.pop()
        if path not in followed:
            followed.add(path)
            name, digest, imported = _local_module(path, roots)
            digests[name] = digest
            waiting += imported
    return dict(sorted(digests.items()))


@once_a_look
def _local_module(path: Path, roots: tuple[Path, ...]) -> tuple[str, str, tuple[Path, ...]]:
    """A local file's path below its root, its digest, and the local files that it imports."""
    module = _module(_read(path), path, _package(path, roots))
    files = dict.fromkeys(file for imported in module.imports for file in _files(imported, roots))
    return _name(path, roots), module.digest, tuple(files)


def _module(source: bytes, path: Path, package: tuple[str, ...]) -> _Module:
    """The digest of a module, and what it imports; computed once, since most keys reach the same modules."""
    name = hashlib.sha256(b"\0".join([_THIS, ".".join(package).encode(), source])).hexdigest()
    module = _known.pop(name) if name in _known else _worked_out(_parsed(source, path), package)
    _known[name] = module  # at the end, as the one used last
    return module


def _worked_out(tree: ast.Module, package: tuple[str, ...]) -> _Module:
    body, executed = [node for node in tree.body if not _is_text(node)], _executed(tree)
    run = [part for node in executed for part in _run(node)]
    is_effect, hooks = _effects(run, _Names.of(executed, package))
    imports = _names_imported(tree.body, package)  # before _digest removes docstrings from the tree
    imports_run = tuple(dict.fromkeys(name for part in run for name in _import_names(part, package)))
    return _Module(_digest(body), imports, imports_run, is_effect, tuple(sorted(hooks)))


def _name(path: Path, roots: tuple[Path, ...]) -> str:
    return next(path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root))


def _package(path: Path, roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The package that contains a file, as a tuple of names, for resolving its relative imports."""
    return Path(_name(path, roots)).parent.parts


def _imported(statements: Iterable[ast.stmt], roots: tuple[Path, ...]) -> list[Path]:
    """The local files that `statements` import, at any depth."""
    return [path for name in _names_imported(statements, ()) for path in _files(name, roots)]


def _names_imported(statements: Iterable[ast.stmt], package: tuple[str, ...]) -> tuple[str, ...]:
    nodes = (node for statement in statements for node in ast.walk(statement))
    return tuple(dict.fromkeys(name for node in nodes for name in _import_names(node, package)))


def _import_names(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names)


@once_a_look
def _files(module: str, roots: tuple[Path, ...]) -> tuple[Path, ...]:
    """The local files that importing a dotted name runs: packages first, then the module.

    The last part of the name may name something in a module rather than a module.
    """
    package, _, _ = module.rpartition(".")
    around = _files(package, roots) if package else ()
    if around and around[-1].name != "__init__.py":
        return around  # what follows a module names something in it
    file = _file(module, roots)
    return (*around, file) if file else around


def _file(name: str, roots: tuple[Path, ...]) -> Path | None:
    """The file of the package or module with this dotted name, if it is local."""
    stem = name.replace(".", "/")
    places = (f"{root}/{stem}{end}" for root in roots for end in ("/__init__.py", ".py"))
    return next((Path(place) for place in places if os.path.isfile(place)), None)  # noqa: PTH113  # faster than a Path


# --- what a function reaches ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Statement:
    """A top-level statement of a module.

    Attributes:
        node: its syntax tree.
        binds: names that it binds or may change; empty if it may have any other effect.
        uses: names that it reads.
    """

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str]


@dataclass(frozen=True)
class _Names:
    """What the names of a module refer to.

    Attributes:
        mentions: for each name, the names used by the statements that bind it.
        imported: dotted names of imports anywhere in the module, by the name each import binds.
        has_star: whether there is a star import, whose names are unknown here.
    """

    mentions: Mapping[str, frozenset[str]]
    imported: Mapping[str, str]
    has_star: bool

    @staticmethod
    def of(body: list[ast.stmt], package: tuple[str, ...]) -> _Names:
        mentions = dict[str, frozenset[str]]()
        for node in body:
            for name in [node.name] if isinstance(node, _DEFINITIONS) else _stored(node):
                mentions[name] = mentions.get(name, frozenset()) | _loaded(node) | set(_aliases(node))
        parts = [part for node in body for part in ast.walk(node) if isinstance(part, ast.Import | ast.ImportFrom)]
        imported = [pair for part in parts for pair in _imported_names(part, package)]
        imported.sort(key=lambda pair: not _is_stateless(pair[1]))  # of two with one name, the changeable one wins
        return _Names(mentions, dict(imported), any(map(_is_star, parts)))

    def reached(self, names: Iterable[str]) -> frozenset[str]:
        """`names`, and all names that they depend on."""
        found, waiting = set[str](), set(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting |= self.mentions.get(name, frozenset())
        return frozenset(found)

    def is_foreign(self, name: str) -> bool:
        """Whether `name` may refer to something in another module that can be changed."""
        is_unknown = self.has_star and name not in self.mentions and not hasattr(builtins, name)
        is_imported = name in self.imported and not _is_stateless(self.imported[name])
        return is_imported or name in _REACHING or is_unknown


_REACHING = {"__import__", "eval", "exec", "globals", "locals", "vars"}
"""Built-in functions that can access more than their arguments."""

_STATELESS = (
    *("collections", "cmath", "dataclasses", "enum", "functools", "itertools", "json", "logging", "math", "operator"),
    *("os.environ.get", "os.fspath", "os.getenv", "os.path", "pathlib", "re", "typing", "builtins"),
    *("numpy.arange", "numpy.array", "numpy.float32", "numpy.float64", "numpy.linspace", "numpy.random.default_rng"),
)
"""Modules and functions that can be called without changing the results of other code."""

_PLAIN = {
    *("abs", "bool", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "round", "set"),
    *("sorted", "str", "sum", "tuple", "zip"),
}
"""Built-in functions that can be called without changing the results of other code."""


def _imported_names(node: ast.Import | ast.ImportFrom, package: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and the dotted name that each refers to."""
    for alias, name in zip(node.names, _import_names(node, package), strict=True):
        is_root = isinstance(node, ast.Import) and not alias.asname
        root = alias.name.split(".")[0]
        yield (root, root) if is_root else (alias.asname or alias.name, name)


def _is_stateless(name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in _STATELESS)


def _reached(tree: ast.Module, function: str, roots: tuple[Path, ...]) -> list[ast.stmt]:
    """The top-level statements that running `function` depends on, in order.

    A statement that binds no name is run for its effect, so everything depends on it.
    """
    statements = _statements(tree, roots)
    names, reached = {function}, set[int]()
    while True:
        new = {
            index
            for index, statement in enumerate(statements)
            if index not in reached and (not statement.binds or statement.binds & names)
        }
        if not new:
            return [statements[index].node for index in sorted(reached)]
        reached |= new
        names = names.union(*(statements[index].uses for index in new))


def _statements(tree: ast.Module, roots: tuple[Path, ...]) -> list[_Statement]:
    body = _executed(tree)
    names = _Names.of(body, ())
    statements = []
    for node in body:
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            statements += _defaults(node, names, roots)
            statements.append(_Statement(node, frozenset([node.name]), _loaded(node)))
        else:
            statements.append(_Statement(node, _bound(node, names, roots), _loaded(node)))
    return statements


def _defaults(node: ast.FunctionDef, names: _Names, roots: tuple[Path, ...]) -> list[_Statement]:
    """The defaults of a function that have an effect when it is defined. Its body does not run then."""
    values = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    run = [ast.Assign([ast.Name(node.name, ast.Store())], value, lineno=node.lineno) for value in values]
    bound = [_Statement(default, _bound(default, names, roots), _loaded(default)) for default in run]
    return [statement for statement in bound if statement.binds != {node.name}]


def _executed(tree: ast.Module) -> list[ast.stmt]:
    """The statements that importing a module runs."""
    return [node for node in tree.body if not (_is_text(node) or _is_main_guard(node))]


def _bound(node: ast.stmt, names: _Names, roots: tuple[Path, ...]) -> frozenset[str]:
    """The names that a top-level statement binds or may change; empty if it may have any other effect.

    A call may change its arguments, and whatever the called functions use. A change in another module can affect any
    code, so it counts as an effect.
    """
    bound = frozenset([node.name] if isinstance(node, _DEFINITIONS) else _stored(node))
    run = list(_run(node))
    if any(isinstance(part, ast.Expr) and not isinstance(part.value, ast.Constant) for part in run):
        return frozenset()
    own = roots[:1]
    if any(map(_is_star, run)) or _changes_others(_effects(run, names), own) or _imports_effects(run, roots):
        return frozenset()
    if any(map(_calls, run)):
        given = {part.id for part in run if isinstance(part, ast.Name)}
    else:
        given = {name for target in _changed_in_place(run) for name in _root(target)}
    return (bound | {name for name in names.reached(given) if name not in names.imported}) - {"_"}


# --- what a statement does to other modules --------------------------------------------------------


def _effects(run: list[ast.AST], names: _Names) -> tuple[bool, frozenset[str]]:
    """Whether the parts of a statement may change another module, and the dotted names that its hooks come from.

    Hooks are decorators and base classes. Hooks from an installed package are taken to affect only what they decorate
    or what inherits from them.
    """
    decorators = [item for part in run if isinstance(part, _DEFINITIONS) for item in part.decorator_list]
    classes = [part for part in run if isinstance(part, ast.ClassDef)]
    hooks = [*decorators, *(base for part in classes for base in [*part.bases, *(key.value for key in part.keywords)])]
    touched = [part for part in run if isinstance(part, ast.Call) and part not in decorators]
    touched = [call for call in touched if not _is_stateless(_dotted(call.func, names))]
    targets = _changed_in_place(run)
    entered = (part.context_expr for part in run if isinstance(part, ast.withitem))
    managers = [manager for manager in entered if not isinstance(manager, ast.Call)]
    reached = names.reached(name for part in [*touched, *targets, *managers] for name in _mentioned(part))
    is_hidden = any(not [*_root(target)] for target in targets)
    registered = names.reached(name for part in hooks for name in _mentioned(part))
    behind = frozenset(names.imported[name] for name in registered if name in names.imported)
    return is_hidden or any(map(names.is_foreign, reached)), behind


def _changes_others(effects: tuple[bool, Iterable[str]], own: tuple[Path, ...]) -> bool:
    is_effect, hooks = effects
    return is_effect or any(_files(name, own) for name in hooks)


def _imports_effects(run: list[ast.AST], roots: tuple[Path, ...]) -> bool:
    """Whether the parts import a module of the paper that changes others on import, directly or through its imports."""
    own = roots[:1]
    waiting = [file for part in run for name in _import_names(part, ()) for file in _files(name, own)]
    seen = set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            module = _module(_read(path), path, _package(path, roots))
            if _changes_others((module.is_effect, module.hooks), own):
                return True
            waiting += [file for name in module.imports_run for file in _files(name, own)]
    return False


def _changed_in_place(run: Iterable[ast.AST]) -> list[ast.expr]:
    """The targets changed in place: items and attributes that are set or deleted, and targets of += and the like."""
    found: list[ast.expr] = []
    for part in run:
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store | ast.Del):
            found.append(part)
        elif isinstance(part, ast.AugAssign):
            found.append(part.target)
    return found


def _dotted(node: ast.expr, names: _Names) -> str:
    """The dotted name of something imported or built in; empty for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    is_builtin = node.id in _PLAIN and node.id not in names.mentions
    root = names.imported.get(node.id, f"builtins.{node.id}" if is_builtin else "")
    return ".".join([root, *reversed(parts)]) if root else ""


def _mentioned(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _aliases(node: ast.AST) -> Iterator[str]:
    """The names that imports in `node` bind, at any depth."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in part.names)


def _is_star(part: ast.AST) -> bool:
    return isinstance(part, ast.ImportFrom) and part.names[0].name == "*"


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that run with it; of a function definition, only its decorators and defaults."""
    yield node
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for field, value in ast.iter_fields(node):
        if not (is_function and field == "body"):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from _run(part)


def _calls(part: ast.AST) -> bool:
    """Whether the part calls something: a call, a decorated definition, or a class with bases, which may have hooks."""
    if isinstance(part, ast.ClassDef) and (part.bases or part.keywords):
        return True
    return isinstance(part, ast.Call) or (isinstance(part, _DEFINITIONS) and bool(part.decorator_list))


def _loaded(node: ast.AST) -> frozenset[str]:
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _stored(node: ast.stmt) -> Iterator[str]:
    """Names bound by a statement, and names whose items or attributes it sets."""
    for part in ast.walk(node):
        if isinstance(part, _DEFINITIONS):
            yield part.name
        elif isinstance(part, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in part.names)
        elif isinstance(part, ast.Name | ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store | ast.Del):
            yield from _root(part)


def _root(target: ast.expr) -> Iterator[str]:
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _is_main_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`, which does not run when the experiment is imported."""
    return isinstance(node, ast.If) and ast.dump(node.test) == ast.dump(_MAIN)


_MAIN = ast.parse('__name__ == "__main__"', mode="eval").body
