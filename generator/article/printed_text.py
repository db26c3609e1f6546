"""Collects the author's text that the PDF prints, piece by piece, each with its file and line.

The text is the prose, the titles in paper.toml, the class names, the cited references, and the listings. Equations are
not included, because they are drawn; nor are results, which are known only after a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it.token import Token

from generator.article.lookup import is_raw
from generator.core.errors import Place
from generator.core.reading import read_code
from generator.paper import Paper, line_of
from generator.prose import bibliography
from generator.prose.prose import Prose
from generator.records.dataset import Source

Piece = tuple[str, Place]
_LISTED = ("experiment", "analysis")
_ENDS_OF_TEXT = ("inline", "softbreak", "hardbreak", "claim", "footnote_ref", "image")
"""Tokens that end a piece of text."""


@dataclass(frozen=True)
class PrintedText:
    """All text that an author writes and the PDF prints.

    Attributes:
        texts: the text of paragraphs, titles, and references.
        blocks: lines of code in the prose.
        listing: lines of the author's code, if the article shows it.
    """

    texts: tuple[Piece, ...]
    blocks: tuple[Piece, ...]
    listing: tuple[Piece, ...]


def printed_text(folder: Path, paper: Paper, prose: Prose, source: Source | None) -> PrintedText:
    """Collects the text. Raises ReportError when the references cannot be read or written."""
    names = _class_names(paper, folder / "paper.toml", source)
    texts = (*_titles(paper, folder / "paper.toml"), *names, *_texts(prose), *_references(folder, prose))
    listed = (name for name in _LISTED if name in prose.exhibits())
    listing = tuple(piece for name in listed for piece in _listing(folder / f"{name}.py"))
    return PrintedText(texts, tuple(_blocks(prose)), listing)


def settings_texts(paper: Paper, toml: Path) -> Iterator[Piece]:
    """The texts of paper.toml that readers see, or would see if the prose named them."""
    yield from _titles(paper, toml)
    yield from _class_names(paper, toml, None)
    if paper.data:
        for name in ("title", "license"):
            yield getattr(paper.data, name), Place(toml, line_of(toml, "data", name))


def _titles(paper: Paper, toml: Path) -> Iterator[Piece]:
    """The texts of paper.toml that are always printed, except for the names of classes."""
    for name in ("title", "description", "license"):
        yield getattr(paper, name), Place(toml, line_of(toml, name))
    yield " ".join(paper.authors), Place(toml, line_of(toml, "authors"))
    for name, variant in paper.variants.items():
        yield variant.title, Place(toml, line_of(toml, "variants", name, "title"))
    yield paper.comparison.main, Place(toml, line_of(toml, "comparison", "main"))
    for column in paper.comparison.columns:
        yield column.title, Place(toml, line_of(toml, "comparison", "columns"))
    if paper.original:
        yield f"{paper.original.title} {paper.original.author}", Place(toml, line_of(toml, "original"))


def _class_names(paper: Paper, toml: Path, source: Source | None) -> Iterator[Piece]:
    """The names of the classes, from paper.toml or from the data."""
    if paper.data and paper.data.classes:
        yield " ".join(paper.data.classes), Place(toml, line_of(toml, "data", "classes"))
    elif source and source.class_names:
        yield " ".join(source.class_names), Place(Path(source.paths[0]))


def _texts(prose: Prose) -> Iterator[Piece]:
    """Whole lines of text: markup in the middle of a word does not split them."""
    line: list[Token] = []
    for token in prose.walk():
        if token.type in ("text", "code_inline"):
            line.append(token)
        elif token.type in _ENDS_OF_TEXT and line:
            yield _joined(line), prose.place(line[0])
            line = []
    if line:
        yield _joined(line), prose.place(line[0])


def _joined(line: list[Token]) -> str:
    return "".join(token.content for token in line)


def _blocks(prose: Prose) -> Iterator[Piece]:
    for token in prose.walk():
        if token.type == "code_block" or (token.type == "fence" and not is_raw(token)):
            first = (prose.place(token).line or 1) + (token.type == "fence")
            yield from _lines(token.content, prose.path, first)


def _references(folder: Path, prose: Prose) -> Iterator[Piece]:
    known = bibliography.read(folder / "references.bib")
    for reference in bibliography.references(known, prose.cited):
        yield reference.text, Place(known.path, known.lines[reference.key])


def _listing(path: Path) -> Iterator[Piece]:
    try:
        code = read_code(path)
    except (OSError, SyntaxError, UnicodeDecodeError):
        return  # the error is reported when the file is imported
    yield from _lines(code, path, 1)


def _lines(text: str, path: Path, first: int) -> Iterator[Piece]:
    for number, line in enumerate(text.split("\n"), first):
        yield line, Place(path, number)
