"""Keeps what the author's code has read so far, as far as it counts as an input.

Left out are the Python installation, the system's folders, git's, the settings of Keras (which are reset) and
Matplotlib, what is built, the generator, modules that keys have a digest of, and what the run itself wrote or set
first. Events come from generator.data.tracing, which also says what it does not see.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from generator.core.errors import ReportError
from generator.core.paths import ROOT
from generator.data.reads import Scope, Stamp, file_digest, folder_digest, stamp, value_digest
from generator.records.preview import FAILURE
from generator.records.reads import Reads

SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/run", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/System")
LIBRARY = str(Path(os.__file__).parent)
_ENVIRONMENT = {os.getenv.__code__.co_filename, Mapping.get.__code__.co_filename}
_OURS = {__file__, str(Path(__file__).with_name("tracing.py"))}


class ReadLog:
    """What has been read so far; paths are as they came with an event."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.faults: list[Exception] = []
        self._files: dict[str, tuple[str | None, Stamp | None]] = {}
        self._before: dict[str, tuple[str | None, Stamp | None]] = {}
        self._folders: dict[str, str | None] = {}
        self._variables: dict[str, str | None] = {}
        self._programs: dict[str, None] = {}
        self._written, self._made, self._set = set[str](), set[str](), set[str]()
        self._is_known: dict[str, bool] = {}
        self._known = tuple(f"{folder}{os.sep}" for folder in _left_out(scope))
        self._system = tuple(f"{folder}{os.sep}" for folder in SYSTEM if not scope.home.is_relative_to(folder))

    def reads(self) -> Reads:
        """The record of it, in an order that does not depend on threads."""
        name = self.scope.name
        return Reads(
            files={name(path): digest for path, (digest, _) in sorted(self._files.items())},
            folders={name(path): digest for path, digest in sorted(self._folders.items())},
            variables=dict(sorted(self._variables.items())),
            programs=tuple(sorted(self._programs)),
        )

    def check(self) -> None:
        """Raises ReportError for a file that something else changed since it was read, and what went wrong here."""
        if self.faults:
            raise self.faults[0]
        for path, (digest, before) in self._files.items():
            if path not in self._written and stamp(path) != before and file_digest(path) != digest:
                what = f"{self.scope.name(path)} changed while experiment.py, which reads it, was running"
                raise ReportError(what, next="Build again; the result depends on neither version of the file.")

    # --- what the events tell

    def read(self, path: object) -> None:
        counted = self._counted(path)
        if counted is None or counted in self._files or self._is_own(counted):
            return
        if counted in self._before:
            self._files[counted] = self._before[counted]
        elif counted not in self._written and not _is_special(counted):
            self._files.setdefault(counted, _seen(counted))

    def wrote(self, path: object) -> None:
        if (counted := self._counted(path)) is not None:
            self._written.add(counted)

    def appended(self, path: object) -> None:
        """What is there already is an input if it is read later."""
        counted = self._counted(path)
        if counted is not None and counted not in self._written and counted not in self._files:
            if stamp(counted):
                self._before.setdefault(counted, _seen(counted))
            self._written.add(counted)

    def moved(self, source: object, target: object) -> None:
        if (counted := self._counted(source)) is not None and f"{counted}{os.sep}" in self._made:
            self._made.add(f"{self._counted(target)}{os.sep}")
        self.read(source)
        self.wrote(source)
        self.wrote(target)

    def listed(self, path: object) -> None:
        counted = self._counted("." if path is None else path)
        if counted is not None and counted not in self._folders and not self._is_own(counted):
            self._folders.setdefault(counted, folder_digest(counted, self.scope.out))

    def made(self, path: object) -> None:
        if (counted := self._counted(path)) is not None and not Path(counted).exists():
            self._made.add(f"{counted}{os.sep}")

    def imported(self, path: object) -> None:
        """A file that Python reads as code, for an import or for a traceback."""
        text = _absolute(os.fsdecode(path))  # type: ignore[arg-type]  # as the event has it
        if text.endswith(".pyc"):
            with contextlib.suppress(ValueError, NotImplementedError):  # it lies beside no source
                text = importlib.util.source_from_cache(text)
        if text not in self.scope.code:
            self.read(text)

    def started(self, program: object) -> None:
        if self._is_authors(caller(_is_library)):
            self._programs[Path(os.fsdecode(program)).name] = None  # type: ignore[arg-type]  # the hook's arguments have no types

    def variable(self, name: str, value: str | None) -> None:
        if name in self._set or name in self._variables or name == FAILURE:
            return
        if self._is_authors(caller(lambda file: file in _ENVIRONMENT)):
            self._variables[name] = value_digest(value)

    def set_variable(self, name: str) -> None:
        self._set.add(name)

    # --- what counts

    def _counted(self, path: object) -> str | None:
        """The absolute path of a file or folder that may be an input."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None  # a descriptor, of what was opened before
        text = _absolute(os.fsdecode(path))
        if text not in self._is_known:
            places = (f"{text}{os.sep}", f"{os.path.realpath(text)}{os.sep}")
            is_known = any(place.startswith(self._known) for place in places)
            self._is_known[text] = is_known or places[0].startswith(self._system) or "__pycache__" in text
        return None if self._is_known[text] else text

    def _is_own(self, path: str) -> bool:
        """Whether it lies in a folder that the run made."""
        return bool(self._made) and f"{path}{os.sep}".startswith(tuple(self._made))

    def _is_authors(self, frame: FrameType | None) -> bool:
        name = frame.f_code.co_filename if frame else "<"
        return not name.startswith("<frozen") and not _absolute(name).startswith(self._known)


def _seen(path: str) -> tuple[str | None, Stamp | None]:
    before = stamp(path)  # taken first: a change while the file is digested is a change
    return file_digest(path), before


def _is_special(path: str) -> bool:
    """Whether it is a folder, a device or a pipe."""
    return stamp(path) is None and Path(path).exists()


def _is_library(file: str) -> bool:
    """Whether it is of Python's own library."""
    return file.startswith((LIBRARY, "<frozen")) and "site-packages" not in file


def _absolute(path: str) -> str:
    """Without following links: one that is turned elsewhere is a change."""
    return os.path.abspath(path)  # noqa: PTH100


def _left_out(scope: Scope) -> set[str]:
    """The folders whose files are known otherwise, or are not inputs; links in them followed, too."""
    home = Path("~").expanduser()
    places = {site.getusersitepackages(), *site.getsitepackages()}
    places |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places |= {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    places |= {LIBRARY, str(ROOT / "generator"), str(ROOT / "templates"), str(scope.out)}
    places |= {str(scope.home / ".git")}
    places |= {str(home / name) for name in (".keras/keras.json", ".cache/matplotlib", ".config/matplotlib")}
    if sys.prefix != sys.base_prefix and not scope.home.is_relative_to(sys.prefix):
        places.add(sys.prefix)
    return places | {os.path.realpath(place) for place in places}


def caller(is_between: Callable[[str], bool]) -> FrameType | None:
    """The frame of the code that asked, above those of recording and those that are between."""
    frame = sys._getframe(1)
    while frame and (frame.f_code.co_filename in _OURS or is_between(frame.f_code.co_filename)):
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return frame
