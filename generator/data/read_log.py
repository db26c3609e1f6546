"""Records what the author's code has read so far, limited to what counts as an input.

These are not inputs: the Python installation, the system's libraries and settings, git's folder, the settings of Keras
(which are reset) and Matplotlib, the output folder, the generator, code files whose digests are in the stage's key, and
what the run itself wrote or set first. Those code files are compared with their digests instead. Variables, programs,
packages, and checks of whether something exists count only if the author's own code makes them. Events come from
generator.data.tracing, which also lists what it cannot see.
"""

from __future__ import annotations

import contextlib
import glob
import importlib.metadata
import importlib.util
import os
import site
import sys
import sysconfig
import threading
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType

from generator.core.errors import ReportError
from generator.core.paths import ROOT
from generator.data.reads import Scope, Stamp, file_digest, folder_digest, kind_of, stamp, value_digest
from generator.records.preview import FAILURE
from generator.records.reads import Reads

SYSTEM = (
    *("/proc", "/sys", "/etc", "/System"),
    *(f"{root}/{name}" for root in ("", "/usr", "/usr/local") for name in ("lib", "lib32", "lib64", "libexec")),
    *(f"/usr/share/{name}" for name in ("ca-certificates", "fontconfig", "fonts", "i18n", "locale", "mime")),
    *("/usr/share/terminfo", "/usr/local/share/fonts", *zoneinfo.TZPATH),
)
"""The system's settings and libraries, and what libraries look up for themselves. Devices are recognized by kind."""

LIBRARY = str(Path(os.__file__).parent)
_ENVIRONMENT = {os.getenv.__code__.co_filename, Mapping.get.__code__.co_filename}
_ASKING = tuple(ask.__code__.co_filename for ask in (os.path.exists, os.path.lexists, os.walk, glob.glob))
_ASKING += (str(Path(LIBRARY, "pathlib")),)
"""The modules through which code checks whether something exists."""
_IN_PASSING = {"realpath", "_joinrealpath", "resolve", "mkdir", "makedirs"}
"""Functions of these modules that check paths for their own purposes: for links, or for folders to create."""
_KEYED = {*sys.stdlib_module_names, "generator"}
"""Modules whose versions or digests are in keys."""
_OURS = {__file__, str(Path(__file__).with_name("tracing.py"))}


class ReadLog:
    """What has been read so far. Paths are as in the events.

    Events come from several threads. Code that reports one, or reads what was reported, must hold `lock`.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.lock = threading.RLock()
        self.faults: list[Exception] = []
        self._code: dict[str, str | None] = {}
        self._files: dict[str, tuple[str | None, Stamp | None]] = {}
        self._before: dict[str, tuple[str | None, Stamp | None]] = {}
        self._folders: dict[str, str | None] = {}
        self._variables: dict[str, str | None] = {}
        self._places: dict[str, str | None] = {}
        self._programs, self._modules = set[str](), set[str]()
        self._is_copied = False
        self._written, self._made, self._set = set[str](), set[str](), set[str]()
        self._is_known: dict[str, bool] = {}
        self._known = tuple(f"{folder}{os.sep}" for folder in _left_out(scope))
        self._system = tuple(f"{folder}{os.sep}" for folder in SYSTEM if not scope.home.is_relative_to(folder))

    def reads(self) -> Reads:
        """The reads as a record, in an order that does not depend on threads."""
        name = self.scope.name
        with self.lock:
            places = {path: kind for path, kind in self._places.items() if path not in {*self._files, *self._folders}}
            return Reads(
                files={name(path): digest for path, (digest, _) in sorted(self._files.items())},
                folders={name(path): digest for path, digest in sorted(self._folders.items())},
                places={name(path): kind for path, kind in sorted(places.items())},
                variables=dict(sorted(self._variables.items())),
                packages=installed(filter(self._may_be_installed, self._modules)),
                programs=tuple(sorted(self._programs)),
                is_environment_copied=self._is_copied,
            )

    def check(self) -> None:
        """Raises ReportError for a file that something else changed since it was read, and for errors in recording.

        Code must match the key, both when it was read and now.
        """
        with self.lock:
            faults, code, written = list(self.faults), dict(self._code), set(self._written)
            files = {path: seen for path, seen in self._files.items() if path not in written}
        if faults:
            raise faults[0]
        for path, digest in code.items():
            if {digest, file_digest(path)} != {self.scope.code[path]}:
                what = f"{self.scope.name(path)} changed while the build was running"
                raise ReportError(what, next="Build again: the result may depend on either version.")
        for path, (digest, before) in files.items():
            if stamp(path) != before and file_digest(path) != digest:
                what = f"{self.scope.name(path)}, which the paper's code reads, changed while it was running"
                raise ReportError(what, next="Build again: the result may depend on either version.")

    # --- events

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
        """What the file already contains is an input if it is read later."""
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
        """Python reads a file as code, for an import or for a traceback."""
        text = _absolute(os.fsdecode(path))  # type: ignore[arg-type]  # as the event has it
        if text.endswith(".pyc"):
            with contextlib.suppress(ValueError):  # it has no source
                text = importlib.util.source_from_cache(text)
        if text not in self.scope.code:
            self.read(text)
        elif text not in self._code:
            self._code[text] = file_digest(text)

    def asked(self, path: object) -> None:
        """Code has checked whether something exists."""
        if (frame := _asking()) is None or not self._is_authors(frame) or (counted := self._counted(path)) is None:
            return
        is_known = counted in self._places or counted in self._written or self._is_own(counted)
        if not is_known and not self.scope.home.is_relative_to(counted):
            self._places[counted] = kind_of(counted)

    def used(self, module: str) -> None:
        """Code imports a module, perhaps not for the first time."""
        name = module.partition(".")[0]
        if name not in self._modules and name not in _KEYED and self._is_authors(caller(_is_library)):
            self._modules.add(name)

    def _may_be_installed(self, module: str) -> bool:
        return getattr(sys.modules.get(module), "__file__", None) not in self.scope.code

    def started(self, program: object) -> None:
        if self._is_authors(caller(_is_library)):
            self._programs.add(Path(os.fsdecode(program)).name)  # type: ignore[arg-type]  # the hook's arguments have no types

    def variable(self, name: str, value: str | None) -> None:
        if name not in self._set and name not in self._variables and name != FAILURE:
            self._variables[name] = value_digest(value)

    def is_variable_of_author(self, name: str) -> bool:
        """Whether the author's code is reading a variable that it did not set."""
        return name not in self._set and self._is_authors(environment_caller())

    def copied_environment(self) -> None:
        """All variables were read at once, so it is unknown which ones matter."""
        self._is_copied = True

    def set_variable(self, name: str) -> None:
        self._set.add(name)

    # --- what counts

    def _counted(self, path: object) -> str | None:
        """The absolute path of a file or folder that may be an input."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None  # a descriptor of something opened earlier
        text = _absolute(os.fsdecode(path))
        if text not in self._is_known:
            places = (f"{text}{os.sep}", f"{os.path.realpath(text)}{os.sep}")
            is_known = any(place.startswith(self._known) for place in places)
            self._is_known[text] = is_known or places[0].startswith(self._system) or "__pycache__" in text
        return None if self._is_known[text] else text

    def _is_own(self, path: str) -> bool:
        """Whether the path is in a folder that the run made."""
        return bool(self._made) and f"{path}{os.sep}".startswith(tuple(self._made))

    def _is_authors(self, frame: FrameType | None) -> bool:
        name = frame.f_code.co_filename if frame else "<"
        return not name.startswith("<frozen") and not _absolute(name).startswith(self._known)


def _seen(path: str) -> tuple[str | None, Stamp | None]:
    before = stamp(path)  # taken first, so that a change while the file is being digested is noticed
    return file_digest(path), before


def _is_special(path: str) -> bool:
    """Whether the path is a folder, a device, or a pipe."""
    return stamp(path) is None and Path(path).exists()


def _is_library(file: str) -> bool:
    """Whether the file is in Python's standard library."""
    return file.startswith((LIBRARY, "<frozen")) and "site-packages" not in file


def _absolute(path: str) -> str:
    """The absolute path, without following links: a link that points elsewhere counts as a change."""
    return os.path.abspath(path)  # noqa: PTH100


def _left_out(scope: Scope) -> set[str]:
    """The folders whose files are covered in other ways, or are not inputs; also with links resolved."""
    home = Path("~").expanduser()
    places = {site.getusersitepackages(), *site.getsitepackages()}
    places |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places |= {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    places |= {sys.executable, LIBRARY, str(ROOT / "generator"), str(ROOT / "templates"), str(scope.out)}
    places |= {str(scope.home / ".git")}
    places |= {str(home / name) for name in (".keras/keras.json", ".cache/matplotlib", ".config/matplotlib")}
    if sys.prefix != sys.base_prefix and not scope.home.is_relative_to(sys.prefix):
        places.add(sys.prefix)
    return places | {os.path.realpath(place) for place in places}


def installed(modules: Iterable[str]) -> dict[str, str | None]:
    """The versions of the distributions that contain these modules, by distribution, if any does."""
    modules = set(modules)
    named = {module for module in modules if module in _record(module)}
    others = modules - named
    found = importlib.metadata.packages_distributions() if others else {}  # takes as long as a small task
    brought = {name for module in others for name in found.get(module, ())}
    return {name: importlib.metadata.version(name) for name in sorted(named | brought)}


def _record(name: str) -> set[str]:
    """The top-level names of a distribution; empty if there is no such distribution."""
    try:
        listed = importlib.metadata.distribution(name).read_text("RECORD") or ""
    except importlib.metadata.PackageNotFoundError:
        return set()
    return {line.partition("/")[0] for line in listed.splitlines()}


def _asking() -> FrameType | None:
    """The frame of the code that checks whether something exists; None if Python does so as part of something else."""
    frame = caller(lambda _: False)
    while frame and frame.f_code.co_filename.startswith(_ASKING):
        if frame.f_code.co_name in _IN_PASSING:
            return None
        frame = frame.f_back
    return frame


def environment_caller() -> FrameType | None:
    """The frame of the code that reads variables."""
    return caller(lambda file: file in _ENVIRONMENT)


def caller(is_between: Callable[[str], bool]) -> FrameType | None:
    """The frame of the calling code, above frames of recording, of generated code, and of files in between."""
    frame: FrameType | None = sys._getframe(1)
    while frame and (_is_ours_or_generated(name := frame.f_code.co_filename) or is_between(name)):
        frame = frame.f_back
    return frame


def _is_ours_or_generated(file: str) -> bool:
    """Whether code belongs to recording, or was generated from text, as for data classes: its caller is what counts."""
    return file in _OURS or (file.startswith("<") and not file.startswith("<frozen"))
