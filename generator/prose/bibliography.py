"""The references: reads references.bib, and writes each cited entry the way pybtex's unsrt style does.

Which entries are cited, and in which order, is decided by the prose. Only entries that are cited are checked
for the fields that their kind needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from pybtex.backends.html import Backend as HtmlBackend
from pybtex.backends.plaintext import Backend as TextBackend
from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import LowLevelParser, Parser, month_names
from pybtex.exceptions import PybtexError
from pybtex.scanner import PybtexSyntaxError
from pybtex.style.formatting.unsrt import Style
from pybtex.style.template import FieldIsMissing
from pybtex.utils import CaseInsensitiveDict

from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.files import read_author_text
from generator.records.article import Reference

ADDRESS_FIELDS = ("url", "doi", "eprint", "pubmed")
"""Fields that become addresses: pybtex takes them as they are, so what LaTeX needs in them is undone here."""

TYPES = tuple(sorted(re.findall(r"\bget_([a-z]+)_template\b", " ".join(dir(Style)))))
"""The kinds of entries that the style can write."""


@dataclass(frozen=True)
class Bibliography:
    """The entries of a .bib file.

    Attributes:
        path: of the file.
        data: the entries as pybtex reads them; it does not tell capitals from small letters in keys.
        lines: line on which each entry begins, by key: whether a key is known.
    """

    path: Path
    data: BibliographyData
    lines: Mapping[str, int]


def read(path: Path) -> Bibliography:
    """Reads a .bib file.

    Raises:
        ReportError: the file cannot be read, is not BibTeX, or has two entries of one key.
    """
    return parse(read_author_text(path), path)


def parse(text: str, path: Path) -> Bibliography:
    """Reads the text of a .bib file that is from `path`.

    Raises:
        ReportError: the text is not BibTeX, or has two entries of one key.
    """
    reader = Parser()
    lines: dict[str, int] = {}
    for kind, key, fields, line in _entries(text, path):
        try:
            reader.process_entry(kind, key, fields)
        except PybtexError as error:
            twice = next((other for other in lines if other.lower() == key.lower()), None)
            what = f'The key "{key}" is already on line {lines[twice]}.' if twice else f'In "{key}": {error}.'
            raise ReportError(what, Place(path, line), "Give each entry a key, and each field, once.") from None
        lines[key] = line
        _clean_addresses(reader.data.entries[key])
    return Bibliography(path, reader.data, lines)


def _entries(text: str, path: Path) -> Iterator[tuple[str, str, Any, int]]:
    """Kind, key, fields and line of each entry."""
    scanner = LowLevelParser(text, macros=CaseInsensitiveDict(month_names))
    try:
        for kind, content in scanner:
            if kind.lower() not in ("string", "preamble"):
                yield kind, *content, _line(scanner)
    except PybtexSyntaxError as error:
        kind, _, problem = str(error).partition(": ")
        what = f"The entry that begins on line {_line(scanner)} cannot be read: {problem or kind}."
        next = "Look for a missing comma, brace or quotation mark."
        if kind.startswith("undefined string"):
            what = f'"{problem}" is the name of no text.'
            next = f"Write {{{problem}}} for the text itself."
        raise ReportError(what, Place(path, error.lineno), next) from None


def _line(scanner: LowLevelParser) -> int:
    return int(scanner.text.count("\n", 0, scanner.command_start)) + 1


def _clean_addresses(entry: Entry) -> None:
    for name in ADDRESS_FIELDS:
        if name in entry.fields:
            address = re.sub(r"\\url\s*(?=\{)|\\(?=[_%&#~$])|[{}]", "", entry.fields[name]).strip()
            entry.fields[name] = re.sub(r"^https?://(dx\.)?doi\.org/", "", address) if name == "doi" else address


def references(bibliography: Bibliography, cited: Iterable[str]) -> tuple[Reference, ...]:
    """The cited entries that exist, numbered from 1 in the order given.

    Raises:
        ReportError: an entry cannot be written: a field is missing, its kind is unknown, it holds LaTeX that
            cannot be translated, or an address that is refused; all such mistakes at once.
    """
    mistakes: list[ReportError] = []
    written: list[Reference] = []
    for number, key in enumerate((key for key in cited if key in bibliography.lines), 1):
        try:
            written.append(_reference(bibliography, key, number))
        except ReportError as error:
            mistakes.append(error)
    refuse(mistakes)
    return tuple(written)


def unknown_key(bibliography: Bibliography, key: str, place: Place) -> ReportError:
    """The mistake of citing what is not in the bibliography."""
    what = f'"{key}" is not in {bibliography.path.name}.'
    return ReportError(what, place, suggestion(key, bibliography.lines))


def _reference(bibliography: Bibliography, key: str, number: int) -> Reference:
    place = Place(bibliography.path, bibliography.lines[key])
    entry = bibliography.data.entries[key]
    _check_entry(entry, key, place)
    try:
        text = _style().format_entry(str(number), entry, bib_data=bibliography.data).text
    except FieldIsMissing as error:
        what = f'"{key}" has no {error.field_name}, which every {entry.type} needs.'
        raise ReportError(what, place, f"Add a line: {error.field_name} = {{...}},") from None
    plain = re.sub(r"\s+", " ", text.render(TextBackend())).strip()
    addresses = "".join(entry.fields.get(name, "") for name in ADDRESS_FIELDS)
    left = re.search(r"\\[a-zA-Z]*|[{}]", plain)
    if left and left[0] not in addresses:
        what = f'"{key}" holds {left[0]}, which cannot be translated from LaTeX.'
        raise ReportError(what, place, "Write the character itself, or take it out.")
    return Reference(key=key, id=f"ref-{key}", number=number, html=text.render(_Backend()), text=plain)


def _check_entry(entry: Entry, key: str, place: Place) -> None:
    if entry.type not in TYPES:
        what = f'"{key}" is of the kind "{entry.type}", which is not known.'
        raise ReportError(what, place, suggestion(entry.type, TYPES))
    address = entry.fields.get("url", "")
    if address and not re.match(r"https?://", address, re.IGNORECASE):
        what = f'The address of "{key}" is refused: {address}'
        raise ReportError(what, place, "Write an address that begins with https:// or http://.")


@cache
def _style() -> Any:
    return Style()


class _Backend(HtmlBackend):  # type: ignore[misc]  # pybtex has no types
    """pybtex's HTML with characters in place of entities, and everything escaped."""

    symbols = {"ndash": "\N{EN DASH}", "newblock": " ", "nbsp": "\N{NO-BREAK SPACE}"}  # noqa: RUF012

    def format_str(self, text: str) -> str:
        return escape(text)

    def format_protected(self, text: str) -> str:
        return text

    def format_href(self, url: str, text: str, external: bool = False) -> str:
        return f'<a href="{escape(url)}">{text}</a>' if text else ""
