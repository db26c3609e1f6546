"""paper.toml: everything about a paper that is neither prose nor code.

Reading it is the first step of every build. It is checked in full before anything else starts: the error for an unknown
key or a wrong type gives the line and the nearest known name. What the values mean is up to the stages that use them.
"""

from __future__ import annotations

import contextlib
import datetime
import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from generator.core.errors import Place, ReportError, UsageError
from generator.core.reading import read_author_text
from generator.records.base import Record
from generator.records.condition import Variant
from generator.records.dataset import DataSettings
from generator.records.explorer import ExplorerSettings
from generator.records.published import Published
from generator.records.run import Count, TrainingSettings

WHICH_FOLDER = "Name the folder that holds paper.toml, article.md, and experiment.py: PAPER=folder, or --paper folder."
Overrides = Mapping[str, str | int]
"""Replacements for values of paper.toml, by dotted name: the text of --set, or the number of --replicates."""

Text = Annotated[str, msgspec.Meta(min_length=1)]
VariantName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
_ENGLISH = re.compile(r"en(-[a-z]{2}|-[0-9]{3})?", re.IGNORECASE)
"""The language of the generator's own words: English of any region (BCP 47)."""

_CAPITAL = re.compile(r"([\w-]+)\s*=\s*(True|False)\b")
"""A key, and true or false as Python writes them, also in an inline table."""

_UNQUOTED = re.compile(r"""\s*([\w.-]+)\s*=\s*([A-Za-z][^"#\\]*?)\s*(#.*)?""")
"""A key, and text that should stand in quotes."""

_DATED = re.compile(r"\s*((?:[\w-]+\.)*date)\s*=.*")
"""A line that sets a date."""

_ENDLESS = {"Unterminated string": '"', "Expected \"'''\"": "'''", 'Expected "\'"': "'"}
"""What tomllib says of text that does not end, and the mark that would end it."""

_CURLY = re.compile("=[ []*[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]")
"""A value that begins with a typographic quotation mark."""

_ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?(/[\w.~%@:+-]+)*/?")


class Original(Record, frozen=True):
    """The published article that this paper reproduces.

    Attributes:
        title: title of the article.
        author: author, as named in the byline.
        date: of publication.
        citation: key in references.bib.
    """

    title: str
    author: str
    date: datetime.date
    citation: str


class FigureSettings(Record, frozen=True):
    """The [figures] table.

    Attributes:
        image: index in the test set, from 0, of the image whose feature maps are shown.
    """

    image: Annotated[int, msgspec.Meta(ge=0)] = 0


class MeasureSettings(Record, frozen=True):
    """The [measures] table.

    Attributes:
        channels: about how many channels to set to zero in turn, evenly spaced over all convolutions; None: all.
    """

    channels: Count | None = None


class Column(Record, frozen=True):
    """A column of the table that compares the variants.

    Attributes:
        title: its heading.
        value: an expression, as in the prose, that uses values every condition has.
        best: whether to mark the highest or the lowest value, if it differs significantly from all others; None: mark
            none.
    """

    title: Text
    value: Text
    best: Literal["most", "least"] | None = None


class Comparison(Record, frozen=True):
    """The [comparison] table: what the table and the figure of the variants show.

    Attributes:
        main: title of the main condition.
        columns: the columns, in order.
    """

    main: Text = "main condition"
    columns: tuple[Column, ...] = ()


class PdfSettings(Record, frozen=True):
    """The [pdf] table.

    Attributes:
        paper: sheet size.
    """

    paper: Literal["A4", "letter"] = "A4"


class FontSettings(Record, frozen=True):
    """The [fonts] table.

    Attributes:
        fallback: font files, relative to the paper's folder, or families bundled with Matplotlib.
    """

    fallback: tuple[str, ...] = ()


class SiteSettings(Record, frozen=True):
    """The [site] table.

    Attributes:
        url: full address of the folder where the page will be published; empty: unknown.
        repository: full address of the repository that contains the paper; empty: unknown.
    """

    url: str = ""
    repository: str = ""


class Paper(Record, frozen=True):
    """The contents of paper.toml.

    Attributes:
        title: title of the article.
        authors: at least one; the name of a group is in braces, as in BibTeX.
        date: of the paper.
        language: BCP 47 tag; the PDF is hyphenated by American rules for en-US, and otherwise by British rules.
        description: for the page's metadata; empty: use the abstract.
        license: of the paper; empty: unspecified.
        original: the article that is reproduced; None: there is none.
        data: the declared dataset; None: load_data() gets its own.
        training: how replicates are trained.
        variants: other conditions, by name.
        comparison: how the main condition and its variants are compared.
        measures: how much of the network is measured.
        figures: what they show.
        explorer: how the network in the page takes drawings.
        pdf: how the PDF is set.
        published: numbers to compare with; None: there are none.
        literals: numbers in the prose that do not come from a run, each with a reason.
        fonts: fallbacks for characters that the paper's own fonts lack.
        site: where the page is published.
    """

    title: Text
    authors: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    date: datetime.date
    language: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] = "en-US"
    description: str = ""
    license: str = ""
    original: Original | None = None
    data: DataSettings | None = None
    training: TrainingSettings = TrainingSettings()
    variants: dict[VariantName, Variant] = {}
    comparison: Comparison = Comparison()
    measures: MeasureSettings = MeasureSettings()
    figures: FigureSettings = FigureSettings()
    explorer: ExplorerSettings = ExplorerSettings()
    pdf: PdfSettings = PdfSettings()
    published: Published | None = None
    literals: dict[str, str] = {}
    fonts: FontSettings = FontSettings()
    site: SiteSettings = SiteSettings()

    @property
    def author_names(self) -> tuple[str, ...]:
        """The authors as readers see them, without the braces around groups."""
        return tuple(author[1:-1] if is_group(author) else author for author in self.authors)


def is_group(author: str) -> bool:
    """Whether an author is a group rather than a person: a name in braces, which has no first and last part."""
    return author.startswith("{") and author.endswith("}")


def load_paper(folder: Path, overrides: Overrides) -> Paper:
    """Reads `folder`/paper.toml, with single values replaced by `overrides` ("training.epochs": "1").

    Raises UsageError when the file is missing, is not TOML, or contains a key or value that the records do not allow.
    """
    path = folder / "paper.toml"
    text = _read(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        place = Place(path, int(line[1]) if line else _last_quoted(text, str(error)))
        raise UsageError(f"This is not TOML: {error}", place, _toml_step(text, place.line, str(error))) from None
    except (ValueError, RecursionError) as error:  # a number with thousands of digits, or lists nested too deeply
        what = f"This cannot be read as TOML: {error}"
        raise UsageError(what, Place(path), "Write shorter numbers, and nest lists less deeply.") from None
    if "published" in table:
        table["published"] = tomllib.loads(text, parse_float=Decimal)["published"]  # keeps trailing zeros
    for name, value in overrides.items():
        _override(table, name, value)
    try:
        paper = msgspec.convert(table, Paper)
    except msgspec.ValidationError as error:
        raise _explained(str(error), table, path, text, overrides) from None
    _check_language(paper, path, text, overrides)
    _check_site(paper, path, text, overrides)
    return paper


def _toml_step(text: str, number: int | None, error: str) -> str:
    """What to do about a line (from 1) that is not TOML: text without quotes is what authors write most often."""
    if error.startswith(("Illegal character '\\n'", "Found invalid character '\\n'", *_ENDLESS)):
        return "Close the quotes that this line opens."
    line = text.split("\n")[number - 1] if number else ""
    if dated := _DATED.fullmatch(line):
        return f"Write year, month, and day with hyphens, such as {dated[1]} = 2026-01-31."
    if not error.startswith("Invalid value"):
        return "Fix this line and build again."
    if _CURLY.search(line):
        return 'Write straight quotes: ".'
    if capital := _CAPITAL.search(line):
        return f"Write {capital[1]} = {capital[2].lower()}."
    if unquoted := _UNQUOTED.fullmatch(line):
        return f'Write text in quotes: {unquoted[1]} = "{unquoted[2]}".'
    return "Fix this line and build again."


def _last_quoted(text: str, error: str) -> int | None:
    """The last line (from 1) with a quotation mark, since text that never ends begins there."""
    mark = next((mark for begin, mark in _ENDLESS.items() if error.startswith(begin)), None)
    if mark == '"' and text.count('"""') % 2:
        mark = '"""'
    return max((number for number, line in enumerate(text.split("\n"), 1) if mark and mark in line), default=None)


def _check_language(paper: Paper, path: Path, text: str, overrides: Overrides) -> None:
    """Refuses a language other than English: generated text such as "Figure 1" and "two epochs" is in English."""
    if not _ENGLISH.fullmatch(paper.language):
        place = _place(path, text, overrides, ["language"])
        what = f"language: the generator writes English only, not {paper.language!r}"
        step = 'Write language = "en-US" (or "en-GB"); mark what is in another language, as [Wort]{lang="de"}.'
        raise UsageError(what, place, step)


def _check_site(paper: Paper, path: Path, text: str, overrides: Overrides) -> None:
    """Refuses a site.url or site.repository that is not a web address."""
    examples = {"url": "https://example.org/paper/", "repository": "https://example.org/me/paper"}
    for name, example in examples.items():
        address = getattr(paper.site, name)
        if address and not _ADDRESS.fullmatch(address):
            key = f"site.{name}"
            place = _place(path, text, overrides, ["site", name])
            raise UsageError(f"{key}: {address!r} is not an address", place, f"Write one such as {example}.")


def place_of(path: Path, overrides: Overrides, *keys: str) -> Place | str:
    """Where a value comes from: --set, or its line in paper.toml, or that of the innermost table around it."""
    return _place(path, _read(path), overrides, keys)


def line_of(path: Path, *keys: str) -> int | None:
    """The line of a key in paper.toml, or else of the innermost table around it."""
    place = place_of(path, {}, *keys)
    assert isinstance(place, Place), "nothing is replaced"
    return place.line


def _read(path: Path) -> str:
    if not os.path.lexists(path):
        raise UsageError("File not found", Place(path), WHICH_FOLDER)
    try:
        return read_author_text(path)
    except ReportError as error:  # a fault of paper.toml is a fault of the configuration
        raise UsageError(error.what, error.where, error.next) from None


def _override(table: dict[str, Any], name: str, value: str | int) -> None:
    """Sets the value at a dotted name. Text is read as TOML if possible, and otherwise used as it is."""
    *tables, key = name.split(".")
    for step in tables:
        table = table.setdefault(step, {})
        if not isinstance(table, dict):
            raise UsageError(f"{step} is a value, not a table", f"--set {name}", "Name a key of paper.toml.")
    table[key] = value
    if isinstance(value, str):
        with contextlib.suppress(tomllib.TOMLDecodeError):
            table[key] = tomllib.loads(f"value = {value}")["value"]


def _explained(error: str, table: dict[str, Any], path: Path, text: str, overrides: Overrides) -> UsageError:
    """Turns msgspec's "... - at `$.a.b`" into a message with the line and the nearest known name."""
    what, _, where = error.partition(" - at `")
    if what.startswith("Invalid RFC3339"):
        what = "Expected `date`, got `str`"
    steps = _steps(where, table, error)
    if where.startswith("key`"):
        return UsageError(f'"{steps[-1]}" is not a name', _place(path, text, overrides, steps), _NAMING)
    tables = [step for step in steps if isinstance(step, str)]
    field = re.search(r"(?:unknown|required) field `([^`]+)`", what)
    if not field:
        place = _place(path, text, overrides, [*steps, *_key_in(what)])
        dotted = "" if place == f"--set {'.'.join(tables)}" else f"{'.'.join(tables)}: "
        return UsageError(f"{dotted}{_in_words(what)}", place, _advice(what, tables))
    name = ".".join([*tables, field[1]])
    if "required" in field[0]:
        place = _place(path, text, overrides, steps)
        return UsageError(f"{name} is missing", place, f"Add a line: {field[1]} = ...")
    place = _place(path, text, overrides, [*steps, field[1]])
    return UsageError(f"{name} is not a key of paper.toml", place, _nearest(field[1], tables))


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a date",
    "datetime": "a date with a time",
}
"""What msgspec calls types, in words."""

_EXAMPLES = {
    "int": "5",
    "float": "0.5",
    "str": '"text"',
    "date": "2026-01-31",
    "object": "{ key = 1 }",
    "array": '["text"]',
}
"""A value of a type, in TOML."""


def _in_words(what: str) -> str:
    """A message of msgspec's with names of types in words; TOML has no null."""

    def words(types: re.Match[str]) -> str:
        *others, last = [_TYPES.get(name, name) for name in types[1].split(" | ") if name != "null"]
        return f"{', '.join(others)}{',' * (len(others) > 1)} or {last}" if others else last

    what = re.sub("^Invalid enum value '(.*)'$", r'"\1" is not one of the values of this key', what)
    return re.sub("`([^`]+)`", words, _lower(what))


def _advice(what: str, tables: list[str]) -> str:
    """What to write at the key `tables` instead of a value that it cannot have."""
    kind, expected = _kind_at(tables), re.fullmatch(r"Expected `(\w+)(?: \| null)?`, got `\w+`", what)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return "Write " + " or ".join(f'"{one}"' for one in kind.values) + "."
    if expected and expected[1] in _EXAMPLES:
        return f"Write {_TYPES[expected[1]]}, such as {_EXAMPLES[expected[1]]}."
    return "docs/paper-toml.md says what this key can be."


_NAMING = "Begin it with a letter, and use only letters, digits, hyphens, and underscores."


def _steps(where: str, table: dict[str, Any], error: str) -> list[str | int]:
    """The keys and the indices that lead to a fault.

    For a key of the author's choice, msgspec writes "[...]", so that it has to be found.
    """
    found: list[str | int] = []
    parts = re.findall(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]", f"{where}[...]" if where.startswith("key`") else where)
    for name, index in parts:
        found.append(name or (int(index) if index.isdigit() else _key_at_fault(table, found, error)))
    return found


def _key_at_fault(table: dict[str, Any], steps: Sequence[str | int], error: str) -> str:
    """The first key, in the table that `steps` lead to, whose value gives this error without the others."""
    owner: Any = table
    for step in steps:
        owner = owner[step]
    everything: dict[str, Any] = dict(owner)
    for key, value in everything.items():
        owner.clear()
        owner[key] = value
        try:
            msgspec.convert(table, Paper)
        except msgspec.ValidationError as alone:
            if str(alone) == error:
                break
    owner.clear()
    owner.update(everything)
    return key


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _nearest(name: str, tables: list[str]) -> str:
    known = _fields(tables)
    close = difflib.get_close_matches(name, known, 1)
    return f"Did you mean {'.'.join([*tables, close[0]])}?" if close else f"The keys here are {', '.join(known)}."


def _fields(tables: list[str]) -> list[str]:
    """The keys allowed in the table at the path `tables`."""
    kind = _kind_at(tables)
    return [field.name for field in kind.fields] if isinstance(kind, msgspec.inspect.StructType) else []


def _kind_at(tables: list[str]) -> msgspec.inspect.Type:
    """The type of the table or the value at the path `tables`."""
    kind: msgspec.inspect.Type = msgspec.inspect.type_info(Paper)
    for step in tables:
        if isinstance(kind, msgspec.inspect.StructType):
            kind = _record({field.name: field.type for field in kind.fields}[step])
        elif isinstance(kind, msgspec.inspect.DictType):
            kind = _record(kind.value_type)
    return kind


def _record(kind: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """The record inside `record | None` or `tuple[record, ...]`, else the type itself."""
    if isinstance(kind, msgspec.inspect.UnionType):
        return next((_record(part) for part in kind.types if not isinstance(part, msgspec.inspect.NoneType)), kind)
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return _record(kind.item_type)
    return kind


def _key_in(what: str) -> list[str]:
    """The key at the start of a message from one of our own records, by its parts; empty if there is none."""
    begin = re.match(r"[a-z_]\w*(\.\w+)*", what)
    return begin[0].split(".") if begin else []


def _place(path: Path, text: str, overrides: Overrides, keys: Sequence[str | int]) -> Place | str:
    """Where the value of a key comes from: the option that replaced it, or the line of the file.

    If the key itself is not written out, its line is that of the innermost table around it. Indices count the tables of
    an array, from 0.
    """
    names = [key for key in keys if isinstance(key, str)]
    ends = [".".join(names[:end]) for end in range(1, len(names) + 1)]
    if replaced := next((end for end in ends if end in overrides), None):
        return f"--set {replaced}"
    steps: list[str] = []
    for key in keys:
        steps[-1:] = [*steps[-1:], key] if isinstance(key, str) else [f"{steps[-1]}[{key}]"]
    for end in range(len(steps), 0, -1):
        spellings = steps[:end], names[:end]
        found = [_line_of_key(text, each) for each in spellings] + [_line_of_header(text, each) for each in spellings]
        if line := next(filter(None, found), None):
            return Place(path, line)
        if below := next((name for name in overrides if name.startswith(f"{'.'.join(names[:end])}.")), None):
            return f"--set {below}"
    return Place(path)


def _line_of_key(text: str, keys: Sequence[str]) -> int | None:
    """The line that sets a key.

    Tables of an array are numbered from 0, as in files[1]; a name without a number matches the first one that fits.
    """
    lines = list(_lines(text))
    for count in range(len(keys)):  # a dotted key is on one line; its first part alone may be on several
        table, parts = ".".join(keys[:count]), [f"""["']?{re.escape(key)}["']?""" for key in keys[count:]]
        key = re.compile(r"\s*" + r"\s*[.]\s*".join(parts) + r"\s*[=.]")
        matching = (number for number, name, line in lines if line and name == table and key.match(line))
        if found := next(matching, None):
            return found
    return None


def _line_of_header(text: str, keys: Sequence[str]) -> int | None:
    """The line of the header of a table."""
    return next((number for number, name, line in _lines(text) if not line and name == ".".join(keys)), None)


_SKIPPED = re.compile(
    r"""(?P<long>\"{3}.*?\"{3}|'{3}.*?'{3})|(?P<line>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<comment>\#[^\n]*)""", re.DOTALL
)
"""Long texts and comments, in which nothing is a key; texts on a line are matched so that nothing in them is either."""


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """The number of each line, the name of the table that it is in, and the line; empty for the header of the table.

    In an array of tables, each table has two names, with its number and without.
    """
    text = _SKIPPED.sub(lambda found: found[0] if found["line"] else "\n" * found[0].count("\n"), text)
    current, latest = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        section = re.match(r"\s*(\[+)\s*([^\]]+?)\s*\]+\s*(#.*)?$", line)
        if section:
            parts = [part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s]+", section[2])]
            current = _counted(parts, len(section[1]) > 1, latest)
        for name in dict.fromkeys((current, _uncounted(current))):
            yield number, name, "" if section else line


def _counted(parts: Sequence[str], is_array: bool, latest: dict[str, int]) -> str:
    """The name of a table, with an index for each array that it is in; `latest` keeps the current indices."""
    name = ""
    for place, part in enumerate(parts, 1):
        name = f"{name}.{part}" if name else part
        if is_array and place == len(parts):
            latest[name] = latest.get(name, -1) + 1
        if name in latest:
            name += f"[{latest[name]}]"
    return name


def _uncounted(name: str) -> str:
    return re.sub(r"\[\d+\]", "", name)
