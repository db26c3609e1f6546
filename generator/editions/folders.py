"""A folder gives way to another in one step: whoever looks sees all of the old one or all of the new one.

The new folder is made beside the old one, of the same files (hard links, so that it costs next to nothing), changed
there, brought to the disk, and then the two are exchanged by one call of the system: renameat2(2) with RENAME_EXCHANGE
on Linux, renamex_np(2) with RENAME_SWAP on macOS. Two renames would leave a moment without any folder, and a process
killed in it would leave it so. What others write into the old folder meanwhile is brought along. What a killed publish
leaves beside the folder, the next one removes. What may not be removed, since there are another user's files in it,
stays there and holds nothing back.

Nothing may be mounted in the folder: what is mounted there belongs to another, and would go with the old folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import os
import re
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generator.core.errors import Place, ReportError, UsageError
from generator.core.files import sync
from generator.core.lock import locked

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h, and RENAME_SWAP of macOS's sys/stdio.h
_Stamps = Mapping[Path, tuple[int, int]]
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


@dataclass(frozen=True)
class Draft:
    """A copy of a site, to be changed.

    Attributes:
        folder: the copy.
        publish: makes it the site, with a message where one is kept; returns what is left of the old one, or None.
            After an error the site is as it was.
    """

    folder: Path
    publish: Callable[[str], Path | None]


@contextlib.contextmanager
def replaced(target: Path) -> Iterator[Draft]:
    """A draft of `target`, which need not exist yet. Unless the draft is published, nothing has changed afterwards.

    Raises ReportError when another publish is at work there, UsageError when `target` cannot be such a folder, and
    OSError.
    """
    target = target.resolve()
    if (target.exists() and not target.is_dir()) or (mounted := _mounted(target)) == target:
        step = "Name a folder, new or published to before, that can be exchanged for another as a whole."
        raise UsageError("A site cannot be published here: it is a file or a mount point", Place(target), step)
    if mounted:
        step = "Unmount it, or publish to another folder."
        raise UsageError("A site cannot be published around a mount point", Place(mounted), step)
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.with_name(f".{target.name}.lock"), "publish"):
        new = _free(target)
        try:
            before = _stamps(target)
            _copy(target, new)
            yield Draft(new, partial(_publish, new, target, before))
        finally:
            _remove(new)


def _free(target: Path) -> Path:
    """A name beside `target` that nothing has, once what an earlier publish left there is removed."""
    names = (target.with_name(f".{target.name}.publishing{number or ''}") for number in itertools.count())
    return next(name for name in names if _remove(name) is None)


def _mounted(folder: Path) -> Path | None:
    """A place at or below `folder` where something is mounted, if there is one; of a bind mount, only the list tells.

    Source: proc_pid_mountinfo(5); the fifth field is the place, with blanks and backslashes as octal numbers.
    """
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:  # macOS has no such list, and no bind mounts
        inner = (Path(path, name) for path, names, _ in os.walk(folder) for name in names)
        return next(filter(os.path.ismount, (folder, *inner)), None)
    fields = (re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), line.split()[4]) for line in lines)
    places = (Path(os.fsdecode(field)) for field in fields)
    return next((place for place in places if place.is_relative_to(folder)), None)


def _copy(source: Path, new: Path) -> None:
    """The same tree at `new`: folders made again, and the very same files in them, links and foreign ones too."""
    new.mkdir()
    if not source.exists():
        return
    with os.scandir(source) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _copy(Path(entry.path), new / entry.name)
            else:
                _link(Path(entry.path), new / entry.name)
    shutil.copystat(source, new)


def _link(source: Path, new: Path) -> None:
    try:
        os.link(source, new, follow_symlinks=False)
    except (OSError, NotImplementedError):  # no links here, or not to this file: it is another's, or mounted there
        shutil.copy2(source, new, follow_symlinks=False)
        if not new.is_symlink():
            sync(new)


def _stamps(folder: Path) -> _Stamps:
    """What tells a file from another that takes its place, for every file in `folder`."""
    names = (Path(path, name) for path, _, names in os.walk(folder) for name in names)
    return {name.relative_to(folder): stamp for name in names if (stamp := _stamp(name))}


def _stamp(path: Path) -> tuple[int, int] | None:
    """A file's number in its file system and the time of its last change; None where there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _publish(new: Path, target: Path, before: _Stamps, message: str) -> Path | None:
    """Puts `new` in the place of `target`, with everything on the disk; a folder keeps no `message`."""
    for folder, _, _ in os.walk(new):
        sync(Path(folder))
    if target.exists() and any(target.iterdir()):
        exchange(new, target)
        _carry_over(new, target, before)
    else:
        new.rename(target)
    with contextlib.suppress(OSError):  # it is published: what fails now must not say that it is not
        sync(target.parent)
    return _remove(new)


def _carry_over(old: Path, target: Path, before: _Stamps) -> None:
    """Brings along what others wrote into the old folder since it was copied, where it is not the publisher's."""
    for name, stamp in _stamps(old).items():
        if stamp != before.get(name) and _stamp(target / name) == before.get(name):
            with contextlib.suppress(OSError):  # it is published, and this is no part of it
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                (old / name).replace(target / name)


def exchange(first: Path, second: Path) -> None:
    """Lets two folders of one file system change places, in one step.

    Raises ReportError where the system or the file system has no such step, and OSError.
    """
    code = _exchange(os.fsencode(first), os.fsencode(second))
    if code == 0:
        return
    if code in _UNSUPPORTED:
        step = "Publish to a branch, or to a folder on another file system."
        what = "Its file system cannot exchange two folders in one step, so that a publish could leave half a site"
        raise ReportError(what, Place(second), step)
    raise OSError(code, os.strerror(code), str(second))


def _exchange(first: bytes, second: bytes) -> int:
    """Calls the system; returns its error's number, 0 when there is none."""
    library = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            failed = library.renamex_np(first, second, _EXCHANGE)
        else:
            failed = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _EXCHANGE)
    except AttributeError:  # an older system library
        return errno.ENOSYS
    return ctypes.get_errno() if failed else 0


def _remove(folder: Path) -> Path | None:
    """Removes a folder, also one that may not be written in, as far as may be; returns it if any of it is left.

    Where something is mounted nothing is removed.
    """
    if folder.is_dir() and not _mounted(folder):
        _open(folder)
        for path, names, _ in os.walk(folder):
            for name in names:
                _open(Path(path, name))
        shutil.rmtree(folder, ignore_errors=True)
    return folder if os.path.lexists(folder) else None


def _open(folder: Path) -> None:
    """Lets its owner work in a folder."""
    with contextlib.suppress(OSError):  # it is another's
        if not folder.is_symlink():
            folder.chmod(folder.stat().st_mode | stat.S_IRWXU)
