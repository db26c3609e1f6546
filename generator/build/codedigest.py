"""Digests of code: of the source that a stage's result depends on, and of no other.

A digest covers the syntax tree, so that comments, docstrings, and formatting do not count, and every local module that
is imported, transitively. Of the experiment itself only the statements that a function reaches count, so that an edit
to load_data() is not an edit to build_model(). What a function reaches follows from names, and not from running it: a
call at the top level may change every name that it can access, and code that is looked up by a computed name is not
followed.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place, ReportError
from generator.core.paths import ROOT
from generator.core.reading import MAX_TEXT_BYTES, read_regular

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_Module = tuple[str, tuple[str, ...]]
_known: dict[str, _Module] = {}
"""What was derived from modules, by the digest of everything it depends on."""

_THIS = f"{sys.version} ".encode() + Path(__file__).read_bytes()


@contextlib.contextmanager
def remembering(path: Path) -> Iterator[None]:
    """Caches what was derived from modules in the file `path`: reading code is most of a build without changes.

    A damaged file is ignored.
    """
    _known.update(read_checked(path, dict[str, _Module]) or {})
    before = len(_known)
    yield
    if len(_known) > before:
        write_checked(path, _known)


def module_digests(module: str) -> dict[str, str]:
    """Digests of a module of the generator and of all of the generator that it imports, by file."""
    return _closure(_files(module, (ROOT,)), (ROOT,))


def function_digests(experiment: Path, function: str) -> dict[str, str]:
    """Digests of what `function` of the experiment reaches: in that file, and whole local modules.

    Raises ReportError when a file is not Python.
    """
    roots = (experiment.parent, ROOT)
    reached = _reached(parse(experiment), function, roots)
    digests = {f"{experiment.name} {function}()": _digest(reached)}
    return digests | _closure(_imported(reached, roots), roots)


def local_files(experiment: Path) -> frozenset[Path]:
    """The files that keys know as the experiment's code: itself, and every local file it imports."""
    roots = (experiment.parent, ROOT)
    names = _closure(_imported(parse(experiment).body, roots), roots)
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
        step = "The paper's folder holds paper.toml, article.md and experiment.py."
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
    except SyntaxError:  # none is declared, or one that parsing refuses by name
        encoding = "utf-8"
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        place = Place(path, source[: error.start].count(b"\n") + 1)
        what = f"The file is not in {encoding.upper()}: it has the byte 0x{source[error.start]:02x}"
        raise ReportError(what, place, "Save it as UTF-8.") from None


def _digest(statements: Iterable[ast.stmt]) -> str:
    text = "\n".join(ast.dump(_without_docstrings(statement)) for statement in statements)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_docstrings(tree: ast.stmt) -> ast.stmt:
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


# --- local modules -------------------------------------------------------------------------------


def _closure(files: Iterable[Path], roots: tuple[Path, ...]) -> dict[str, str]:
    """Digests of `files` and of every local file they import, by path below its root."""
    digests: dict[str, str] = {}
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        name = _name(path, roots)
        if name not in digests:
            digests[name], imports = _module(_read(path), path, _package(path, roots))
            waiting += [file for module in imports for file in _files(module, roots)]
    return dict(sorted(digests.items()))


def _module(source: bytes, path: Path, package: tuple[str, ...]) -> _Module:
    """The digest of a module, and what it imports; computed once, since most keys reach the same modules."""
    name = hashlib.sha256(b"\0".join([_THIS, ".".join(package).encode(), source])).hexdigest()
    if name not in _known:
        tree = _parsed(source, path)
        body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
        _known[name] = _digest(body), _names_imported(tree.body, package)
    return _known[name]


def _name(path: Path, roots: tuple[Path, ...]) -> str:
    return next(path.relative_to(root).as_posix() for root in roots if path.is_relative_to(root))


def _package(path: Path, roots: tuple[Path, ...]) -> tuple[str, ...]:
    """The dotted package that holds a file, against which its relative imports are read."""
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


def _files(module: str, roots: tuple[Path, ...]) -> list[Path]:
    """The files that importing a dotted name runs, as far as they are local: packages, then the module.

    The last part of the name may be no module but something in one.
    """
    parts = module.split(".")
    found = []
    for depth in range(1, len(parts) + 1):
        stem = Path(*parts[:depth])
        places = [root / file for root in roots for file in (stem / "__init__.py", stem.with_suffix(".py"))]
        found += [place for place in places if place.is_file()][:1]
    return found


# --- what a function reaches ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Statement:
    """A top-level statement of a module.

    Attributes:
        node: its syntax tree.
        binds: names that it binds or may change.
        uses: names that it reads.
    """

    node: ast.stmt
    binds: frozenset[str]
    uses: frozenset[str]


def _reached(tree: ast.Module, function: str, roots: tuple[Path, ...]) -> list[ast.stmt]:
    """The top-level statements that running `function` depends on, in order.

    A statement that binds no name is run for its effect, so that everything depends on it.
    """
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    run = [node for node in body if not _is_main_guard(node)]
    names_of = {node.name: _loaded(node) for node in run if isinstance(node, _DEFINITIONS)}
    foreign = {name for node in run for name in _foreign(node, roots)}
    statements = [_Statement(node, _bound(node, names_of, foreign), _loaded(node)) for node in run]
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


def _foreign(node: ast.stmt, roots: tuple[Path, ...]) -> Iterator[str]:
    """Names bound by importing what is not local: a package's own state is not followed."""
    for part in ast.walk(node):
        if isinstance(part, ast.Import | ast.ImportFrom):
            for alias, name in zip(part.names, _import_names(part, ()), strict=True):
                if not _files(name, roots):
                    yield alias.asname or alias.name.split(".")[0]


def _bound(node: ast.stmt, names_of: Mapping[str, frozenset[str]], foreign: Set[str]) -> frozenset[str]:
    """The names that a top-level statement binds or may change; none when it is run for an effect of any kind.

    A call may change what it is given, and what the functions called use, which are `names_of` them.
    """
    bound = frozenset([node.name] if isinstance(node, _DEFINITIONS) else _stored(node))
    run = list(_run(node))
    if any(isinstance(part, ast.Expr) and not isinstance(part.value, ast.Constant) for part in run):
        return frozenset()
    if not any(map(_calls, run)):
        return bound
    changed, waiting = set[str](), {part.id for part in run if isinstance(part, ast.Name)}
    while waiting:
        name = waiting.pop()
        if name not in changed | foreign:
            changed.add(name)
            waiting |= names_of.get(name, frozenset())
    return (bound | changed) - {"_"}


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that run when it does: of a function that it defines, decorators and defaults."""
    yield node
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for field, value in ast.iter_fields(node):
        if not (is_function and field == "body"):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from _run(part)


def _calls(part: ast.AST) -> bool:
    """Whether it calls something: as a call, a decorator, or the hooks of a class that is inherited from."""
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
    """`if __name__ == "__main__":` does not run when the experiment is imported."""
    return isinstance(node, ast.If) and ast.dump(node.test) == ast.dump(_MAIN)


_MAIN = ast.parse('__name__ == "__main__"', mode="eval").body
