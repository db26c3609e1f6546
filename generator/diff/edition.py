"""Reads an edition from its folder: results.json as a record, and the page.

Editions are permanent, but generators change: if an edition cannot be read, the error names the field at fault and the
generator that wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from generator import __version__
from generator.core.errors import Place, UsageError
from generator.core.reading import MAX_SITE_FILE_BYTES, read_regular
from generator.records.document import FORMAT, Document
from generator.records.publication import EDITIONS

RESULTS, PAGE = "results.json", "index.html"
MAX_NUMBER = 1e100
"""The largest absolute value of a result: means and spreads of larger ones do not fit in a 64-bit float."""

STEP = "Name an edition's folder, or build the edition again."


class _Written(msgspec.Struct):
    """The part of any results.json that says which generator wrote it."""

    format: int = 0
    edition: dict[str, object] = {}


@dataclass(frozen=True)
class ReadEdition:
    """An edition, read from its files.

    Attributes:
        results: results.json.
        page: the HTML of its page.
        place: place of that page.
    """

    results: Document
    page: str
    place: Place | str = PAGE


def read_edition(folder: Path) -> ReadEdition:
    """The edition in `folder`.

    Raises UsageError when there is none, or when it cannot be read.
    """
    return parsed(*((_content(folder / name), Place(folder / name)) for name in (RESULTS, PAGE)))


def editions_beside(folder: Path) -> str:
    """A line with the editions that a site has, if `folder` would be another of them; otherwise empty."""
    others = folder.parent.glob("*") if folder.parent.name == EDITIONS else ()
    numbers = sorted(int(path.name) for path in others if path.name.isdecimal())
    return f"The editions here are: {', '.join(map(str, numbers))}." if numbers else ""


FileContent = tuple[bytes, Place | str]
"""The content of a file, and its place."""


def parsed(results: FileContent, page: FileContent) -> ReadEdition:
    """The edition with this results.json and index.html.

    Raises UsageError when one is damaged, or in a format that this generator does not know.
    """
    try:
        return ReadEdition(read_results(*results), page[0].decode(), page[1])
    except UnicodeDecodeError:
        raise UsageError("It is damaged: not UTF-8 text", page[1], STEP) from None


def read_results(content: bytes, where: Place | str) -> Document:
    """results.json as a record; raises as `parsed` does."""
    try:
        written = msgspec.json.decode(content, type=_Written)
        if written.format != FORMAT:
            raise UsageError(f"Its format is {written.format}, and this generator reads {FORMAT}", where, STEP)
        results = msgspec.json.decode(content, type=Document)
    except msgspec.ValidationError as error:
        what = f"This generator, {__version__}, cannot read it: {_lower(str(error))}"
        raise UsageError(what, where, f"{_author(content)}{STEP}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"It is damaged: {_lower(str(error))}", where, STEP) from None
    for name, stated in results.values.items():
        if isinstance(stated.value, int | float) and abs(stated.value) > MAX_NUMBER:
            raise UsageError(f"It is damaged: {name} is larger than {MAX_NUMBER}", where, STEP)
    return results


def _author(content: bytes) -> str:
    try:
        return f"Generator {msgspec.json.decode(content, type=_Written).edition.get('generator', '?')} wrote it. "
    except msgspec.DecodeError:
        return ""


def _content(path: Path) -> bytes:
    try:
        return read_regular(path, MAX_SITE_FILE_BYTES)
    except FileNotFoundError:
        raise UsageError(f"There is no edition here: {path.name} is missing", Place(path.parent), STEP) from None
    except OSError as error:
        raise UsageError(f"It cannot be read: {error.strerror}", Place(path), STEP) from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
