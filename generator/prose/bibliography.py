"""The references: reads references.bib, and writes each cited entry the way pybtex's unsrt style does.

The prose decides which entries are cited, and in which order. Only cited entries are checked for the fields that their
kind needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from pybtex.backends.html import Backend as HtmlBackend
from pybtex.backends.plaintext import Backend as TextBackend
from pybtex.database import BibliographyData, Entry
from pybtex.database.input.bibtex import LowLevelParser, Parser, UndefinedMacro, month_names
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError
from pybtex.style.template import FieldIsMissing
from pybtex.utils import CaseInsensitiveDict

from generator.core.diagnostics import refuse, suggestion
from generator.core.errors import Place, ReportError
from generator.core.formatting import integer
from generator.core.reading import read_author_text
from generator.prose import biblatex, bibtex_markup
from generator.prose.citation_numbers import numbers
from generator.prose.foreign_syntax import UNPRINTABLE, character_named
from generator.prose.reference_style import ReferenceStyle
from generator.records.article import Reference

ADDRESS_FIELDS = ("url", "doi", "eprint", "pubmed")
"""Fields that become addresses. pybtex copies them unchanged, so LaTeX's escapes are removed here."""

MAX_VALUE_CHARACTERS, MAX_BRACES = 20_000, 20
"""Limits on the length of a field's value and on the nesting of its braces, for cited entries."""

TYPES = tuple(sorted(re.findall(r"\bget_([a-z]+)_template\b", " ".join(dir(ReferenceStyle)))))
"""The kinds of entries that the style can write."""


@dataclass(frozen=True)
class Bibliography:
    """The entries of a .bib file.

    Attributes:
        path: the path of the file.
        data: the entries as pybtex reads them; its keys are case-insensitive.
        lines: the line on which each entry begins, by key; a key is known if it is in here.
        undefined: the errors of entries that use a name that no @string defines, by key; warnings unless they are
            cited.
    """

    path: Path
    data: BibliographyData
    lines: Mapping[str, int]
    undefined: Mapping[str, ReportError] = field(default_factory=dict)


def read(path: Path) -> Bibliography:
    """Reads a .bib file.

    Raises:
        ReportError: the file cannot be read, is not BibTeX, or has two entries with the same key.
    """
    return parse(read_author_text(path), path)


def parse(text: str, path: Path) -> Bibliography:
    """Reads the text of the .bib file at `path`.

    Raises:
        ReportError: the text is not BibTeX, has characters that cannot be printed, or has two entries with the same
            key.
    """
    if match := UNPRINTABLE.search(text):
        place = Place(path, text.count("\n", 0, match.start()) + 1)
        raise ReportError(f"This line has {character_named(match[0])}, which cannot be printed.", place, "Remove it.")
    reader = Parser()
    lines: dict[str, int] = {}
    undefined: dict[str, ReportError] = {}
    for kind, key, fields, line in _entries(text, path, undefined):
        try:
            reader.process_entry(kind, key, [(name, [*map(bibtex_markup.with_accents, v)]) for name, v in fields])
        except PybtexError as error:
            twice = next((other for other in lines if other.lower() == key.lower()), None)
            what = f'The key "{key}" is already on line {lines[twice]}.' if twice else f'In "{key}": {error}.'
            raise ReportError(what, Place(path, line), "Use each key once, and each field once per entry.") from None
        lines[key] = line
        _clean(reader.data.entries[key])
    return Bibliography(path, reader.data, lines, undefined)


def _entries(text: str, path: Path, undefined: dict[str, ReportError]) -> Iterator[tuple[str, str, Any, int]]:
    """The kind, key, fields, and line of each entry; errors about undefined names are added to `undefined`."""
    names = {**month_names, **{name.lower(): name for name in month_names.values()}}

    def note(error: PybtexSyntaxError) -> None:
        if not isinstance(error, UndefinedMacro) or scanner.current_entry_key is None:
            raise error
        undefined[scanner.current_entry_key] = _undefined(error, path)

    scanner = LowLevelParser(text, macros=CaseInsensitiveDict(names), handle_error=note)
    line, seen = 1, 0
    try:
        for kind, content in scanner:
            line, seen = line + text.count("\n", seen, scanner.command_start), scanner.command_start
            if kind.lower() not in ("string", "preamble"):
                yield kind, *content, line
    except PybtexSyntaxError as error:
        if isinstance(error, UndefinedMacro):
            raise _undefined(error, path) from None
        kind, _, problem = str(error).partition(": ")
        begun = text.count("\n", 0, scanner.command_start) + 1
        what = f"The entry that begins on line {begun} cannot be read: {problem or kind}."
        next = "Look for a missing comma, brace, or quotation mark."
        raise ReportError(what, Place(path, error.lineno), next) from None


def _undefined(error: UndefinedMacro, path: Path) -> ReportError:
    name = str(error).partition(": ")[2]
    place = Place(path, error.lineno)
    return ReportError(f'"{name}" is not defined.', place, f"Write {{{name}}} for the text itself.")


def _clean(entry: Entry) -> None:
    """Converts an entry to BibTeX's kinds and fields, and removes LaTeX's escapes from its addresses."""
    biblatex.normalize(entry)
    for name in ADDRESS_FIELDS:
        if name in entry.fields:
            address = bibtex_markup.plain_address(entry.fields[name])
            entry.fields[name] = re.sub(r"^https?://(dx\.)?doi\.org/", "", address) if name == "doi" else address


def warnings(bibliography: Bibliography, cited: Iterable[str]) -> list[str]:
    """A line for the terminal for each uncited entry that uses an undefined name, and so could not be cited."""
    told = (error for key, error in bibliography.undefined.items() if key not in set(cited))
    return [f"warning: {error.where}: {error.what} {error.next}" for error in told]


def references(bibliography: Bibliography, cited: Iterable[str]) -> tuple[Reference, ...]:
    """The cited entries that exist, numbered from 1 in the order given.

    Raises:
        ReportError: an entry cannot be written, because a field is missing, its kind is unknown, its LaTeX cannot be
            translated, or an address is refused; all such errors at once.
    """
    faults: list[ReportError] = []
    written: list[Reference] = []
    for key, number in numbers(cited, bibliography.lines).items():
        try:
            written.append(_reference(bibliography, key, number))
        except ReportError as error:
            faults.append(error)
    refuse(faults)
    return tuple(written)


def unknown_key(bibliography: Bibliography, key: str, place: Place) -> ReportError:
    """The error for a cited key that is not in the bibliography."""
    what = f'"{key}" is not in {bibliography.path.name}.'
    return ReportError(what, place, suggestion(key, bibliography.lines))


def _reference(bibliography: Bibliography, key: str, number: int) -> Reference:
    place = Place(bibliography.path, bibliography.lines[key])
    entry = bibliography.data.entries[key]
    if key in bibliography.undefined:
        raise bibliography.undefined[key]
    _check_entry(entry, key, place)
    try:
        text = _style().format_entry(str(number), _marked(entry), bib_data=bibliography.data).text
        authors = _authors(entry)
    except FieldIsMissing as error:
        what = f'"{key}" has no {error.field_name}, which every {entry.original_type.lower()} needs.'
        raise ReportError(what, place, f"Add a line: {error.field_name} = {{...}},") from None
    except (UnicodeError, PybtexError):
        what = f'"{key}" contains a backslash or brace that belongs to no command.'
        raise ReportError(what, place, "Write the character itself, or remove it.") from None
    plain = bibtex_markup.as_text(re.sub(r"\s+", " ", text.render(TextBackend()))).strip()
    _check_translated(entry, key, plain, place)
    html = bibtex_markup.as_html(text.render(_Backend()))
    return Reference(key, f"ref-{key}", number, html=html, text=plain, authors=authors)


def _marked(entry: Entry) -> Entry:
    """A copy of the entry, with marks instead of its markup."""
    copy = Entry(entry.type, entry.fields, entry.persons)
    copy.key = entry.key
    for name, value in entry.fields.items():
        if name not in ADDRESS_FIELDS:
            copy.fields[name] = bibtex_markup.marked(value)
    return copy


def _authors(entry: Entry) -> str:
    """The name of the entry in a sentence: "A", "A and B", or "A et al."; the title if there are no names."""
    persons = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [_plain(" ".join([*person.prelast_names, *person.last_names])) for person in persons]
    if len(names) > 2 or "others" in names[1:]:
        return f"{names[0]} et al."
    return " and ".join(names) or _plain(bibtex_markup.marked(entry.fields.get("title", "")))


def _plain(latex: str) -> str:
    return bibtex_markup.as_text(Text.from_latex(latex).render(TextBackend()))


def _check_translated(entry: Entry, key: str, plain: str, place: Place) -> None:
    addresses = "".join(entry.fields.get(name, "") for name in ADDRESS_FIELDS)
    left = re.search(r"\\(?:[a-zA-Z]+|\S?)|[{}]", plain)
    if left and left[0] not in addresses:
        given = re.search(re.escape(left[0]), " ".join(entry.fields.values()), re.IGNORECASE)
        what = f'"{key}" contains {(given or left)[0]}, which cannot be translated from LaTeX.'
        raise ReportError(what, place, "Write the character itself, or remove it.")


def _check_size(name: str, value: str, key: str, place: Place) -> None:
    """Refuses a value that would take too long to read, or would overflow Python's stack."""
    if len(value) > MAX_VALUE_CHARACTERS:
        what = f'The {name} of "{key}" has more than {integer(MAX_VALUE_CHARACTERS)} characters.'
        raise ReportError(what, place, "Shorten it.")
    depth = deepest = 0
    for brace in re.findall("[{}]", value):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_BRACES:
        what = f'The {name} of "{key}" has braces nested {deepest} deep.'
        raise ReportError(what, place, f"Nest at most {MAX_BRACES}.")


def _check_entry(entry: Entry, key: str, place: Place) -> None:
    persons = {role: " and ".join(map(str, named)) for role, named in entry.persons.items()}
    for name, value in {**entry.fields, **persons}.items():
        _check_size(name, value, key, place)
    if entry.type not in TYPES:
        what = f'"{key}" has the unknown kind "{entry.type}".'
        raise ReportError(what, place, suggestion(entry.type, TYPES))
    linked = [address for value in entry.fields.values() for address in bibtex_markup.addresses(value)]
    for address in [entry.fields.get("url", ""), *linked]:
        if address and not re.match(r"https?://", address, re.IGNORECASE):
            what = f'The address of "{key}" is refused: {address}'
            raise ReportError(what, place, "Write an address that begins with https:// or http://.")


@cache
def _style() -> Any:
    return ReferenceStyle()


class _Backend(HtmlBackend):  # type: ignore[misc]  # pybtex has no types
    """pybtex's HTML backend, with characters instead of entities, and with all text escaped."""

    symbols = {"ndash": "\N{EN DASH}", "newblock": " ", "nbsp": "\N{NO-BREAK SPACE}"}  # noqa: RUF012

    def format_str(self, text: str) -> str:
        return escape(text)

    def format_protected(self, text: str) -> str:
        return text

    def format_href(self, url: str, text: str, external: bool = False) -> str:
        return f'<a href="{escape(url)}">{text}</a>' if text else ""
