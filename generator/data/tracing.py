"""Records, in the process of a task, what the author's code reads: files, listings of folders, variables.

An audit hook sees what Python opens: open() and everything that is built on it (json, NumPy, Pillow,
pandas, zipfile), os.open, os.listdir, os.scandir and with them glob and pathlib, extension modules, ctypes and SQLite.
A hook cannot be removed, so it is only ever installed in a process that ends with its task. Libraries that read in C
or C++ are followed as far as generator.data.native_readers goes.

generator.data.read_log decides what counts as an input. What dataset.load() reads does not: keys have its digest.

Not seen are:

- questions whether a file is there, or how large it is: os.stat, os.path.exists, Path.is_file;
- what other programs and processes read; that the author's code started one is recorded;
- readers in C or C++ without a place in Python to follow them: pyarrow (Parquet, Feather), OpenCV, PyTables, netCDF4,
  soundfile, faces for Pillow's ImageFont.truetype; links from one HDF5 file to another; of TensorFlow: tf.raw_ops,
  checkpoints (tf.train), saved models' variables, tf.lookup.TextFileInitializer and Dataset.load;
- memory shared with others, the network, the clock;
- variables that a library reads, and a loop over the names of all variables.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import linecache
import os
import sys
import threading
import tokenize
from collections.abc import Callable, Iterator
from typing import Any, Literal

from generator.data.read_log import LIBRARY, ReadLog, caller
from generator.data.reads import Scope

_IMPORT = "<frozen importlib"
_METADATA = importlib.metadata.__file__
_SOURCE = {tokenize.__file__, linecache.__file__}
"""The modules by which tracebacks, warnings and AutoGraph look at code; what they look at is not an input."""

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
    """What this thread reads meanwhile is not recorded."""
    before, _thread.paused = getattr(_thread, "paused", False), True
    try:
        yield
    finally:
        _thread.paused = before


def note_read(path: object) -> None:
    """Records that a library is about to read a file, which no audit event tells."""
    _tell(lambda log: log.read(path))


def note_written(path: object) -> None:
    """Records that a library is about to write a file, which no audit event tells."""
    _tell(lambda log: log.wrote(path))


def note_listed(path: object) -> None:
    """Records that a library is about to list a folder, which no audit event tells."""
    _tell(lambda log: log.listed(path))


def _tell(what: Callable[[ReadLog], None]) -> None:
    log = _active
    if log is None or getattr(_thread, "paused", False):
        return
    with paused():  # to digest a file is to open it
        try:
            what(log)
        except Exception as error:  # raised here, it would seem to be the author's
            log.faults.append(error)


def _machinery() -> Literal["code", "metadata"] | None:
    """What Python itself is reading, if it is: code, or what is written of installed packages."""
    frame = caller(lambda _: False)
    name = frame.f_code.co_filename if frame else ""
    if name.startswith(_IMPORT) or name in _SOURCE:
        return "code"
    of_library = (LIBRARY, "<frozen")
    frame = caller(lambda file: file != _METADATA and file.startswith(of_library))
    return "metadata" if frame and frame.f_code.co_filename == _METADATA else None


# --- the audit hook ------------------------------------------------------------------------------


def _opened(log: ReadLog, path: object, mode: object, flags: int) -> None:
    if machinery := _machinery():
        if machinery == "code":
            log.imported(path)
        return
    access = flags & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
    is_new = flags & (os.O_TRUNC | os.O_EXCL)
    if access == os.O_RDONLY or (access == os.O_RDWR and not is_new):
        log.read(path)
    if access != os.O_RDONLY:
        (log.wrote if is_new or access == os.O_RDWR else log.appended)(path)


def _listed(log: ReadLog, path: object = None) -> None:
    if not _machinery():
        log.listed(path)


_HANDLERS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.rename": lambda log, source, target, *_: log.moved(source, target),
    "os.link": lambda log, source, target, *_: log.moved(source, target),
    "os.symlink": lambda log, _, target, *__: log.wrote(target),
    "os.remove": lambda log, path, *_: log.wrote(path),
    "os.mkdir": lambda log, path, *_: log.made(path),
    "import": lambda log, _, file, *__: log.read(file),
    "ctypes.dlopen": lambda log, file: log.read(file) if file and os.sep in os.fsdecode(file) else None,
    "sqlite3.connect": lambda log, file: log.read(file) if file != ":memory:" else None,
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


class _Environment(os._Environ):  # type: ignore[type-arg]  # of str or of bytes
    """os.environ, or os.environb, that tells what is read; it becomes the class of those that are there already."""

    def __getitem__(self, name: Any) -> Any:
        value = self._data.get(self.encodekey(name))  # type: ignore[attr-defined]  # typeshed keeps it to itself
        told = None if value is None else os.fsdecode(value)
        _tell(lambda log: log.variable(os.fsdecode(name), told))
        return super().__getitem__(name)

    def __setitem__(self, name: Any, value: Any) -> None:
        _tell(lambda log: log.set_variable(os.fsdecode(name)))
        super().__setitem__(name, value)

    def __delitem__(self, name: Any) -> None:
        _tell(lambda log: log.set_variable(os.fsdecode(name)))
        super().__delitem__(name)


_installed = False


def _install() -> None:
    """Installs the hook, once in a process."""
    global _installed
    if _installed:
        return
    _installed = True
    from generator.data import native_readers  # imports TensorFlow, which a task imports anyway

    native_readers.follow()
    os.environ.__class__ = _Environment
    if os.supports_bytes_environ:
        os.environb.__class__ = _Environment
    sys.addaudithook(_hook)
