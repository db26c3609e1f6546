"""Records, in the process of a task, what the author's code reads: files, listings of folders, and variables.

An audit hook sees what Python opens: open() and everything built on it (json, NumPy, Pillow, pandas, zipfile), os.open,
os.listdir and os.scandir (and therefore glob and pathlib), extension modules, ctypes, and SQLite. os.stat and what is
built on it (os.path.exists, Path.is_file), os.access, and os.environ raise no audit event, so they are replaced. So is
the import statement, to learn which packages are used. A hook cannot be removed, so it is only installed in a process
that ends with its task. Libraries that read in C or C++ are followed as far as generator.data.native_readers can.

generator.data.read_log decides what counts as an input. What dataset.load() reads does not: keys contain its digest.

The following is not seen:

- sizes and times of files; whether a name in a listed folder belongs to a file or a folder (os.DirEntry);
- what other programs and processes read; only the fact that the author's code started one is recorded;
- readers in C or C++ without a place in Python to follow them: pyarrow (Parquet, Feather), OpenCV, PyTables, netCDF4,
  soundfile, faces for Pillow's ImageFont.truetype; links from one HDF5 file to another; databases that SQL attaches; of
  TensorFlow: tf.raw_ops, checkpoints (tf.train), saved models' variables, tf.lookup.TextFileInitializer,
  tf.data.experimental.SqlDataset, and Dataset.load;
- packages that an imported package uses in turn, and packages that were looked for but are not installed;
- shared memory, the network, and the clock;
- variables that a library reads, and a copy of all variables; only the fact that the author's code took one is
  recorded.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import importlib.metadata
import linecache
import os
import shutil
import sys
import threading
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from generator.data.read_log import LIBRARY, ReadLog, caller, environment_caller
from generator.data.reads import Scope

_IMPORT = "<frozen importlib"
_METADATA = importlib.metadata.__file__
_SOURCE = {tokenize.__file__, linecache.__file__}
"""The modules through which tracebacks, warnings, and AutoGraph read code; what they read is not an input."""

_active: ReadLog | None = None
_thread = threading.local()


@contextlib.contextmanager
def recording(scope: Scope) -> Iterator[ReadLog]:
    """Records what is read while the block runs, in all threads of this process.

    Raises ReportError at the end when a file has changed since it was read.
    """
    global _active
    _install()
    _active = log = ReadLog(scope)
    try:
        yield log
    finally:
        _active = None
    log.check()


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Reads of this thread inside the block are not recorded."""
    before, _thread.paused = getattr(_thread, "paused", False), True
    try:
        yield
    finally:
        _thread.paused = before


def note_read(path: object) -> None:
    """Records that a library is about to read a file, which raises no audit event."""
    _tell(lambda log: log.read(path))


def note_written(path: object) -> None:
    """Records that a library is about to write a file, which raises no audit event."""
    _tell(lambda log: log.wrote(path))


def note_listed(path: object) -> None:
    """Records that a library is about to list a folder, which raises no audit event."""
    _tell(lambda log: log.listed(path))


def note_started(program: object) -> None:
    """Records that a program or a process is about to be started, which raises no audit event."""
    _tell(lambda log: log.started(program))


def _tell(what: Callable[[ReadLog], None]) -> None:
    log = _active
    if log is None or getattr(_thread, "paused", False):
        return
    with paused(), log.lock:  # digesting a file opens it
        try:
            what(log)
        except Exception as error:  # raised here, it would look like the author's error
            log.faults.append(error)


def _machinery() -> Literal["code", "metadata"] | None:
    """What Python itself is reading, if anything: code, or the metadata of installed packages."""
    frame = caller(lambda _: False)
    name = frame.f_code.co_filename if frame else ""
    if name.startswith(_IMPORT) or name in _SOURCE:
        return "code"
    of_library = (LIBRARY, "<frozen")
    frame = caller(lambda file: not _is_of_metadata(file) and file.startswith(of_library))
    return "metadata" if frame and _is_of_metadata(frame.f_code.co_filename) else None


def _is_of_metadata(file: str) -> bool:
    """Whether code looks for packages: Python's own, or the packages that take its place once Dask is imported."""
    return file == _METADATA or any(f"{os.sep}{name}{os.sep}" in file for name in ("importlib_metadata", "zipp"))


# --- the audit hook ------------------------------------------------------------------------------


def _opened(log: ReadLog, path: object, mode: object, flags: int) -> None:
    access = flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
    if machinery := _machinery():
        if machinery == "code" and access == os.O_RDONLY:  # Python may also write bytecode
            log.imported(path)
        return
    is_new = flags & (os.O_TRUNC | os.O_EXCL)
    if access == os.O_RDONLY or (access == os.O_RDWR and not is_new):
        log.read(path)
    if access != os.O_RDONLY:
        (log.wrote if is_new or access == os.O_RDWR else log.appended)(path)


def _renamed(log: ReadLog, source: object, target: object, *_: object) -> None:
    if not _machinery():  # bytecode is written to a temporary name and then renamed
        log.moved(source, target)


def _listed(log: ReadLog, path: object = None) -> None:
    if not _machinery() and not _is_removing():
        log.listed(_place(path) if isinstance(path, int) else path)


def _is_removing() -> bool:
    """Whether a folder is listed only to remove it with everything in it."""
    frame = caller(lambda _: False)
    return frame is not None and frame.f_code.co_filename == shutil.__file__ and "rmtree" in frame.f_code.co_name


def _database(name: Any) -> str | None:
    """The file of a database, whose name may be a URI; None for one in memory."""
    text = os.fsdecode(name)
    uri = urlsplit(text)
    if text == ":memory:" or "mode=memory" in uri.query:
        return None
    return unquote(uri.path) if uri.scheme == "file" else text


_HANDLERS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.rename": _renamed,
    "os.link": lambda log, source, target, *_: log.moved(source, target),
    "os.symlink": lambda log, _, target, *__: log.wrote(target),
    "os.remove": lambda log, path, *_: log.wrote(path),
    "os.mkdir": lambda log, path, *_: log.made(path),
    "import": lambda log, _, file, *__: log.read(file),
    "ctypes.dlopen": lambda log, file: log.read(file) if file and os.sep in os.fsdecode(file) else None,
    "sqlite3.connect": lambda log, file: log.read(_database(file)),
    "subprocess.Popen": lambda log, program, *_: log.started(program),
    "os.system": lambda log, line: log.started(os.fsdecode(line).split()[0]),
    "os.posix_spawn": lambda log, program, *_: log.started(program),
    "os.fork": lambda log: log.started(sys.executable),
}


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _HANDLERS and _active is not None:
        handler = _HANDLERS[event]
        _tell(lambda log: handler(log, *arguments))


# --- the environment -----------------------------------------------------------------------------


@dataclass
class _Walk:
    """An iteration over the names of all variables, such as dict(os.environ) makes.

    Attributes:
        last: the latest name.
        seen: names whose values were read right after the name.
        asked: the values of those that the author's code read.
        is_whole: whether `seen` contains all names before the latest.
    """

    last: Any = None
    seen: set[str] = field(default_factory=set)
    asked: dict[str, str | None] = field(default_factory=dict)
    is_whole: bool = True


class _Environment(os._Environ):  # type: ignore[type-arg]  # of str or of bytes
    """os.environ, or os.environb, recording what is read; it replaces the class of the existing objects."""

    def __getitem__(self, name: Any) -> Any:
        value = self._data.get(self.encodekey(name))  # type: ignore[attr-defined]  # typeshed does not declare it
        told = None if value is None else os.fsdecode(value)
        given = [told]
        _tell(lambda log: given.append(_variable(log, name, told)))
        if given[-1] == told:
            return super().__getitem__(name)
        if given[-1] is None:
            raise KeyError(name)
        return self.decodevalue(os.fsencode(given[-1]))

    def __iter__(self) -> Iterator[Any]:
        """Yields names. If all values are read in turn, there is no telling which of them matter."""
        walks, walk = _walks(), _Walk()
        walks.append(walk)
        try:
            for name in super().__iter__():
                walk.is_whole = walk.is_whole and (walk.last is None or os.fsdecode(walk.last) in walk.seen)
                walk.last = name
                yield name
        finally:
            walks.remove(walk)
            _thread.walked_at = _at()
            _tell(lambda log: _walked(log, walk))

    def __setitem__(self, name: Any, value: Any) -> None:
        _tell(lambda log: log.set_variable(os.fsdecode(name)))
        super().__setitem__(name, value)

    def __delitem__(self, name: Any) -> None:
        _tell(lambda log: log.set_variable(os.fsdecode(name)))
        super().__delitem__(name)


def _at() -> tuple[int, object, int] | None:
    """Identifies the instruction that is reading variables."""
    frame = environment_caller()
    return (id(frame), frame.f_code, frame.f_lasti) if frame else None


def _walks() -> list[_Walk]:
    if not hasattr(_thread, "walks"):
        _thread.walks = []
    return _thread.walks  # type: ignore[no-any-return]  # what a thread keeps has no static type


def _variable(log: ReadLog, name: Any, value: str | None) -> str | None:
    """Records that a variable is read, and returns the value to use."""
    text = os.fsdecode(name)
    walk = next((walk for walk in _walks() if walk.last == name), None)
    if walk is not None:
        walk.seen.add(text)
    if not log.is_variable_of_author(text):
        return value
    if getattr(_thread, "walked_at", None) == _at():  # dict() and ** take all names first, and then each value
        log.copied_environment()
        return value
    if walk is None and log.scope.variables is not None:
        value = log.scope.variables.get(text)
    if walk is None:
        log.variable(text, value)
    else:
        walk.asked[text] = value
    return value


def _walked(log: ReadLog, walk: _Walk) -> None:
    """Records which variables an iteration read, or that it read all."""
    if walk.is_whole and len(walk.asked) > 1 and os.fsdecode(walk.last) in walk.seen:
        log.copied_environment()
    else:
        for name, value in walk.asked.items():
            log.variable(name, value)


# --- calls without audit events ------------------------------------------------------------------


def _follow_questions() -> None:
    """Follows checks of whether something exists."""
    for name in ("stat", "lstat", "access"):
        _replace(name, lambda log, path: log.asked(path))


def _replace(name: str, tell: Callable[[ReadLog, object], None]) -> None:
    """Wraps a function of os so that it first reports the path it is given."""
    call = getattr(os, name)

    @functools.wraps(call)
    def told(path: Any, *arguments: Any, dir_fd: int | None = None, **options: Any) -> Any:
        _tell(lambda log: tell(log, path if dir_fd is None else _place(dir_fd, path)))
        return call(path, *arguments, **({} if dir_fd is None else {"dir_fd": dir_fd}), **options)

    setattr(os, name, told)
    for able in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
        able |= {told} if call in able else set()


def _follow_descriptors() -> None:
    """Follows os.open with an open folder, which the event of os.open does not name."""
    open_ = os.open

    @functools.wraps(open_)
    def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is None:
            return open_(path, flags, mode)
        _tell(lambda log: _opened(log, _place(dir_fd, path), None, flags))
        with paused():
            return open_(path, flags, mode, dir_fd=dir_fd)

    os.open = opened
    os.supports_dir_fd.add(opened)


def _place(folder: int, path: Any = "") -> str:
    """The path of an open folder, or of something in it."""
    text = os.fsdecode(path)
    if os.path.isabs(text):  # noqa: PTH117  # the author's path, unchanged
        return text
    if sys.platform == "linux":
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)  # noqa: PTH115, PTH118
    import fcntl

    found = fcntl.fcntl(folder, fcntl.F_GETPATH, b"\0" * 1024)  # macOS only
    return os.path.join(os.fsdecode(found.rstrip(b"\0")), text)  # noqa: PTH118  # keeps the path unchanged


def _follow_imports() -> None:
    """Follows which packages are imported."""
    import_, import_module = builtins.__import__, importlib.import_module

    def imported(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if level == 0:
            _tell(lambda log: log.used(name))
        return import_(name, globals, locals, fromlist, level)

    def imported_by_name(name: str, package: str | None = None) -> Any:
        if not name.startswith("."):
            _tell(lambda log: log.used(name))
        return import_module(name, package)

    builtins.__import__, importlib.import_module = imported, imported_by_name


def _follow_processes() -> None:
    """Follows the processes that multiprocessing starts, by any method."""
    start = BaseProcess.start

    def started(self: BaseProcess) -> None:
        note_started(sys.executable)
        start(self)

    BaseProcess.start = started  # type: ignore[method-assign]  # replaced on purpose


def _unlock() -> None:
    """Replaces the lock in a forked process, where the thread that may hold it does not exist."""
    if _active is not None:
        _active.lock = threading.RLock()


_installed = False


def _install() -> None:
    """Installs the hook, once per process."""
    global _installed
    if _installed:
        return
    _installed = True
    from generator.data import native_readers  # imports TensorFlow, which a task imports anyway

    native_readers.follow()
    _follow_questions()
    _follow_descriptors()
    _follow_imports()
    _follow_processes()
    os.register_at_fork(after_in_child=_unlock)
    os.environ.__class__ = _Environment
    if os.supports_bytes_environ:
        os.environb.__class__ = _Environment
    sys.addaudithook(_hook)
