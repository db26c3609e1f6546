"""Calls of an author's code: whatever goes wrong in one is told with the author's file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.core.authored import failure
from generator.core.errors import ReportError


@contextmanager
def telling(path: Path, what: str) -> Iterator[None]:
    """Turns an exception that the code in a file raises, or a library on its behalf, into a ReportError."""
    try:
        yield
    except ReportError:
        raise
    except (Exception, SystemExit) as error:
        raise failure(what, error, path) from error
