"""Finds characters that no font of the PDF has, and reports their file and line before training.

Text from results is not checked here, but when the PDF is typeset.
"""

from __future__ import annotations

from pathlib import Path

from generator.article.printed_text import PrintedText
from generator.core.errors import Place, ReportError
from generator.paper import Paper
from generator.prose.foreign_syntax import UNPRINTABLE, character_named
from generator.render import fonts
from generator.render.fallback_fonts import fallback_faces


def missing_glyphs(folder: Path, paper: Paper, printed: PrintedText) -> list[ReportError]:
    """One error for each place with characters that cannot be printed.

    Raises:
        ReportError: a fallback font cannot be found.
    """
    faces = (*fonts.PRINT_FACES, *fallback_faces(paper.fonts.fallback, folder, Place(folder / "paper.toml")))
    pieces = (*printed.texts, *printed.blocks, *printed.listing)
    lacking = fonts.lacking("".join(text for text, _ in pieces), map(fonts.read, faces))
    found = [(sorted(lacking & set(text)), place) for text, place in pieces]
    found += [(UNPRINTABLE.findall(text), place) for text, place in printed.listing]
    return [_mistake(characters, place) for characters, place in found if characters]


def _mistake(characters: list[str], place: Place) -> ReportError:
    if UNPRINTABLE.fullmatch(characters[0]):
        what = f"This line has {character_named(characters[0])}, which cannot be printed."
        return ReportError(what, place, "Remove it.")
    named = ", ".join(map(fonts.code_point, characters))
    return ReportError(f"No font supplied for the PDF has {named}.", place, fonts.ADVICE)
