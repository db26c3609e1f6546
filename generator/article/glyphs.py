"""Characters that no font of the PDF has, reported with file and line before anything is trained.

This module checks what an author writes and the PDF prints: the prose, the titles in paper.toml, the references that
are cited, and the listing of the experiment. Equations are drawn, so they need no font; results are checked when the
PDF is typeset.
"""

from __future__ import annotations

import tokenize
from collections.abc import Iterator
from pathlib import Path

from generator.article.lookup import is_raw
from generator.core.errors import Place, ReportError
from generator.paper import Paper, line_of
from generator.prose import bibliography
from generator.prose.foreign_syntax import UNPRINTABLE, character_named
from generator.prose.prose import Prose
from generator.render import fonts
from generator.render.fallback_fonts import fallback_faces

_LISTED = "experiment"


def missing_glyphs(folder: Path, paper: Paper, prose: Prose) -> list[ReportError]:
    """One mistake for each place that holds characters which cannot be printed.

    Raises:
        ReportError: the references cannot be read or written, or a fallback font cannot be found.
    """
    toml = folder / "paper.toml"
    faces = (*fonts.PRINT_FACES, *fallback_faces(paper.fonts.fallback, folder, Place(toml)))
    texts = [*_titles(paper, toml), *_prose_texts(prose), *_references(folder, prose)]
    code = list(_code(folder)) if _LISTED in prose.exhibits() else []
    lacking = fonts.lacking("".join(text for text, _ in [*texts, *code]), map(fonts.read, faces))
    found = [(sorted(lacking & set(text)), place) for text, place in [*texts, *code]]
    found += [(UNPRINTABLE.findall(text), place) for text, place in code]
    return [_mistake(characters, place) for characters, place in found if characters]


def _mistake(characters: list[str], place: Place) -> ReportError:
    if UNPRINTABLE.fullmatch(characters[0]):
        what = f"This line has {character_named(characters[0])}, which cannot be printed."
        return ReportError(what, place, "Remove it.")
    named = ", ".join(map(fonts.code_point, characters))
    return ReportError(f"No font supplied for the PDF has {named}.", place, fonts.ADVICE)


def _titles(paper: Paper, toml: Path) -> Iterator[tuple[str, Place]]:
    for name in ("title", "description", "license"):
        yield getattr(paper, name), Place(toml, line_of(toml, name))
    yield "".join(paper.authors), Place(toml, line_of(toml, "authors"))
    if paper.original:
        yield paper.original.title + paper.original.author, Place(toml, line_of(toml, "original"))


def _prose_texts(prose: Prose) -> Iterator[tuple[str, Place]]:
    for token in prose.walk():
        place = prose.place(token)
        if token.type == "fence" and not is_raw(token):
            yield from _lines(token.content, prose.path, (place.line or 1) + 1)
        elif token.type in ("text", "code_inline", "code_block"):
            yield token.content, place


def _references(folder: Path, prose: Prose) -> Iterator[tuple[str, Place]]:
    known = bibliography.read(folder / "references.bib")
    for reference in bibliography.references(known, prose.cited):
        yield reference.text, Place(known.path, known.lines[reference.key])


def _code(folder: Path) -> Iterator[tuple[str, Place]]:
    path = folder / "experiment.py"
    try:
        with tokenize.open(path) as file:
            code = file.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return  # who imports it tells what is wrong with it
    yield from _lines(code, path, 1)


def _lines(text: str, path: Path, first: int) -> Iterator[tuple[str, Place]]:
    for number, line in enumerate(text.split("\n"), first):
        yield line, Place(path, number)
