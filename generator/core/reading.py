"""Reads files that others write, within limits: only regular files, and only up to a sensible size.

A pipe may never end, a device does not, and a file of any size may be where text is expected. The errors here only say
what was found instead of a file; callers say what that means. The store reads its own files without this module.
"""

from __future__ import annotations

import errno
import os
import stat
from importlib.util import decode_source
from pathlib import Path
from typing import BinaryIO

from generator.core.errors import Place, ReportError

MIB = 2**20
MAX_TEXT_BYTES = 16 * MIB
"""Limit for a file that is written by hand; the longest books have a tenth of that."""

MAX_PICTURE_BYTES = 64 * MIB
MAX_FONT_BYTES = 64 * MIB
MAX_DATA_BYTES = 8 * 1024 * MIB
"""Limit for one file of data, which has to fit in memory."""

MAX_SITE_FILE_BYTES = 256 * MIB
"""Limit for a file of a published site, which may come from anyone."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def read_regular(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes.

    Raises OSError, which says what is there if it is not a file, or that the file is too large.
    """
    with open_regular(path, most) as file:
        content = file.read(most + 1)
    if len(content) > most:  # it grew, or its file system does not report sizes
        raise _too_large(path, most)
    return content


def open_regular(path: Path, most: int) -> BinaryIO:
    """A regular file of at most `most` bytes, open for reading. Raises OSError as `read_regular` does."""
    _check(_status(path), path, most)  # before opening, which may already wait, or move a tape
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    file = os.fdopen(handle, "rb")
    try:
        _check(os.fstat(handle), path, most)  # the file may have been replaced in between
    except OSError:
        file.close()
        raise
    return file


def read_author_text(path: Path) -> str:
    """The text of a file that an author writes, without the byte order mark that some editors add.

    Raises ReportError when the file cannot be read or is not UTF-8.
    """
    try:
        content = read_regular(path, MAX_TEXT_BYTES)
    except OSError as error:
        step = "Create the file, or correct its name."
        raise ReportError(f"The file cannot be read: {error.strerror}.", Place(path), step) from None
    return decoded_text(content, path)


def read_code(path: Path) -> str:
    """The text of a Python file, in the encoding that it declares, with normalized line ends.

    Raises OSError as `read_regular` does, and SyntaxError or UnicodeDecodeError when Python could not read it either.
    """
    return decode_source(read_regular(path, MAX_TEXT_BYTES))


def decoded_text(content: bytes, path: Path) -> str:
    """The text in the content of a file at `path`, with normalized line ends. Raises ReportError if not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ReportError("The file is not UTF-8 text.", Place(path, line), "Save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except ValueError:  # the name contains NUL or half of a surrogate pair
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link that points back to itself", str(path)) from None
        raise


def _check(status: os.stat_result, path: Path, most: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
        number = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(number, f"it is {kind}, not a file", str(path))
    if status.st_size > most:
        raise _too_large(path, most)


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {most // MIB} MiB", str(path))
