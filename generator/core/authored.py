"""Imports the modules that an author writes, and reports what fails in them with the author's file and line."""

from __future__ import annotations

import builtins
import contextlib
import difflib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from generator.core.errors import Place, ReportError
from generator.core.shortage import FREE_MEMORY, MEMORY, is_of_memory

# Colors, and where an operation of a graph was created, with its names: a traceback in the middle of a message.
_AROUND = re.compile(
    r"\x1b\[[0-9;]*m|^Detected at node .*$|^\s*File \".*$|\{\{function_node .*?\}\}|\[\[\{\{node .*?\]\]"
    r"|\[Op:\w+\](?: name: *$)?",
    re.MULTILINE,
)

_NOT_IMPORTED = re.compile(r"cannot import name '(\w+)'")


def imported(path: Path, name: str) -> ModuleType:
    """The module in a file of the paper's folder; it can import other modules of that folder."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a .py file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True  # a paper's folder contains only what its author put there
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.modules[name] = module  # as an import does: dataclasses look up the names of their annotations here
    spec.loader.exec_module(module)
    return module


def failure(what: str, error: BaseException, path: Path) -> ReportError:
    """The message for an exception that the author's code in a file, or a library on its behalf, raised."""
    if is_of_memory(error):
        return ReportError(f"{what}. {MEMORY}: {reason(error)}", place_of(error, path), FREE_MEMORY)
    return ReportError(f"{what}: {reason(error)}", place_of(error, path), f"Fix {path.name} and build again.")


def reason(error: BaseException) -> str:
    """An exception in one line, without the context that TensorFlow and Keras add."""
    try:
        said = str(error)
    except Exception:  # an exception of the author's may fail at this, too
        said = ""
    plain = _AROUND.sub("", said).split("Arguments received by")[0]
    told = f"{type(error).__name__}: {' '.join(plain.split())}".removesuffix(": ")
    near = _nearest(error)
    return f"{told.rstrip('.')}. Did you mean {near}?" if near else told


def _nearest(error: BaseException) -> str | None:
    """The name nearest to one that does not exist, as Python suggests it below a traceback."""
    with contextlib.suppress(Exception):  # an object of the author's may fail when it is asked for its names
        name, known = _sought(error)
        if name not in known:  # a property that exists may raise the exception, too
            public = [one for one in known if name.startswith("_") or not one.startswith("_")]
            return next(iter(difflib.get_close_matches(name, public, 1)), None)
    return None


def _sought(error: BaseException) -> tuple[str, list[str]]:
    """The name that an exception is about, and the names that there are; both empty for any other exception."""
    match error:
        case AttributeError():
            return str(error.name or ""), dir(error.obj)
        case ImportError() if missing := _NOT_IMPORTED.match(str(error)):
            return missing[1], dir(sys.modules[str(error.name)])
        case NameError():
            *_, (frame, _) = traceback.walk_tb(error.__traceback__)
            return str(error.name or ""), list(map(str, [*frame.f_locals, *frame.f_globals, *vars(builtins)]))
    return "", []


def place_of(error: BaseException, path: Path) -> Place:
    """The innermost line of the author's folder in the traceback of an exception."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(Path(error.filename), error.lineno)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(path.parent)]
    return Place(Path(ours[-1].filename), ours[-1].lineno) if ours else Place(path)


@contextlib.contextmanager
def telling(path: Path, what: str) -> Iterator[None]:
    """Turns an exception that the code in a file raises, or a library on its behalf, into a ReportError."""
    try:
        yield
    except ReportError:
        raise
    except (Exception, SystemExit) as error:
        raise failure(what, error, path) from error
