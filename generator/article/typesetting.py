"""The PDF's stage: typesets the document that the article's stage made. Of the paper, it reads only the fonts.

It is apart from the article's stage because it takes most of the time of a build after an edit, and a change to the
page alone does not need it.
"""

from __future__ import annotations

from pathlib import Path

from generator.core.errors import Place, ReportError
from generator.paper import Paper
from generator.records.printed import Printed
from generator.render import pdf
from generator.render.fallback_fonts import fallback_faces
from generator.render.fonts import digests, print_fonts


def typeset(folder: Path, paper: Paper, printed: Printed) -> bytes:
    """article.pdf of the paper in `folder`.

    Raises ReportError as `pdf.typeset` does, and when a font is no longer the one that the article was written with.
    """
    fonts = print_fonts(fallback_faces(paper.fonts.fallback, folder, Place(folder / "paper.toml")))
    if digests(fonts) != printed.fonts:
        what = "A font changed while the build was running"
        raise ReportError(what, Place(folder / "paper.toml"), "Build again; finished results are kept.")
    return pdf.typeset(printed.html, fonts, printed.date, printed.attachments)
