"""The article stage: from the author's prose and the results to the page, the PDF and results.json.

Everything it shows is in the outcome or in the paper's folder. It returns the files; the pipeline puts them away.
"""

from __future__ import annotations

import datetime
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import __version__
from generator.article import compose, exhibits, explorer_exhibit, prediction_exhibits
from generator.article.appendix import with_appendices
from generator.article.claims import refutations
from generator.article.listing import listing_exhibit
from generator.article.measured_exhibits import measured_exhibits
from generator.article.missing import epochs_note, missing_exhibits, omitted_exhibits
from generator.article.unused import unused
from generator.core.dates import edition_date
from generator.core.diagnostics import refuse
from generator.core.errors import Place
from generator.paper import Paper
from generator.prose import bibliography, prose
from generator.prose.literals import check_reasons, unbound
from generator.prose.prose import Prose
from generator.records.article import Article, Exhibit
from generator.records.attachment import Attachment, Relationship
from generator.records.dataset import Source
from generator.records.edition import Edition
from generator.records.explorer import PACKED
from generator.records.measures import Predictions
from generator.records.published import Reproduction
from generator.records.results import Value, origins, tree
from generator.render import fonts, metadata, page, pdf, preview_image
from generator.render.citation import citation_cff
from generator.render.fallback_fonts import fallback_faces
from generator.results import reproduction
from generator.results.outcome import Outcome
from generator.results.results import results_json, values

RESULTS = "results.json"
ATTACHED: Mapping[str, tuple[str, Relationship, str]] = {
    RESULTS: ("application/json", "Data", "Every number of the article, with what stands behind it"),
    "experiment.py": ("text/x-python", "Source", "The code of the experiment"),
    "references.bib": ("application/x-bibtex", "Supplement", "The bibliography"),
}
"""What travels in the PDF: the media type, the relation to the article and the description of each file."""


@dataclass(frozen=True)
class Written:
    """The files of the site by name, and what to tell the author."""

    files: dict[str, bytes]
    notes: Sequence[str]


def write(folder: Path, outcome: Outcome, pictures: Mapping[str, bytes], page_fonts: str, draft: bool) -> Written:
    """index.html, article.pdf, results.json, CITATION.cff and preview.png of the paper in `folder`.

    `pictures` holds the files that the figures name and those of the explorer, and `page_fonts` the @font-face rules of
    the page. Raises ReportError when the prose, the references, a template or the typesetting is at fault, when a
    number of the prose comes from nowhere, and when a claim does not hold, unless this is a draft or a preview.
    """
    check_reasons(outcome.paper.literals, folder / "paper.toml")
    compared = _compared(folder, outcome)
    named = (*values(outcome), *_values_of(outcome, compared))
    text = prose.read(folder / "article.md")
    shown = {exhibit.name: exhibit for exhibit in _exhibits(folder, outcome, pictures, compared)}
    if outcome.exploration:
        live = explorer_exhibit.exhibit(outcome.exploration, outcome.paper.explorer.drawing, text.labels)
        shown[live.name] = live
    date = edition_date(outcome.paper.date)
    edition = _edition(outcome, date, draft)
    on_page, in_print = _composed(folder, text, outcome, named, shown, tolerant=draft or bool(edition.preview))
    results = results_json(outcome, edition, named, on_page.claims, compared)
    placed = text.exhibits()
    faces = fallback_faces(outcome.paper.fonts.fallback, folder, Place(folder / "paper.toml"))
    printed = page.render_print(outcome.paper, in_print, edition, faces)
    files = {
        "index.html": page.render_page(
            outcome.paper, on_page, edition, page_fonts, faces, _explorer_blocks(outcome, pictures, placed)
        ).encode(),
        "article.pdf": pdf.typeset(printed, fonts.print_fonts(faces), date, _attachments(folder, results)),
        RESULTS: results,
        "CITATION.cff": citation_cff(outcome.paper, edition, outcome.commit.sha),
        metadata.CARD: preview_image.draw(outcome.paper, _picture(outcome, pictures), faces),
    }
    begins = tuple(name for exhibit in shown.values() if exhibit.name in placed for name in exhibit.shows)
    without = [f"There is no exhibit {name}: {why}." for name, why in omitted_exhibits(outcome).items()]
    omitted = [*without, *explorer_exhibit.notes(outcome.exploration)]
    return Written(files, [*epochs_note(outcome), *omitted, *unused(named, on_page.used, begins)])


def _composed(
    folder: Path,
    text: Prose,
    outcome: Outcome,
    named: tuple[Value, ...],
    shown: Mapping[str, Exhibit],
    tolerant: bool,
) -> tuple[Article, Article]:
    """The article for the page and for the PDF; unless `tolerant`, only if all of its claims hold."""
    references = bibliography.read(folder / "references.bib")
    known = origins(named, outcome.provenance)
    missing = missing_exhibits(outcome)
    on_page = compose.compose(text, tree(named), shown, references, "page", known, missing)
    refuted = [] if tolerant else refutations(on_page.claims, text.path)
    refuse([*unbound(text, outcome.paper.literals), *refuted])
    in_print = compose.compose(text, tree(named), shown, references, "pdf", known)
    return (
        with_appendices(on_page, outcome, known.values()),
        with_appendices(in_print, outcome, known.values(), in_print=True),
    )


def _compared(folder: Path, outcome: Outcome) -> tuple[Reproduction, ...]:
    """The comparison with what was published, if the paper says what that is."""
    if outcome.paper.published is None:
        return ()
    runs = [replicate.run for replicate in outcome.replicates]
    times = [replicate.times for replicate in outcome.replicates]
    return reproduction.reproductions(outcome.paper.published, runs, times, folder / "paper.toml")


def _values_of(outcome: Outcome, compared: Sequence[Reproduction]) -> tuple[Value, ...]:
    return tuple(reproduction.values(outcome.paper.published, compared)) if outcome.paper.published else ()


def _explorer_blocks(outcome: Outcome, files: Mapping[str, bytes], placed: Collection[str]) -> dict[str, str]:
    """What the explorer's script reads, if the article has an explorer."""
    if explorer_exhibit.NAME not in placed or outcome.exploration is None or outcome.exploration.explorer is None:
        return {}
    packed = {Path(name).stem: content for name, content in files.items() if name.endswith(PACKED)}
    return explorer_exhibit.blocks(outcome.exploration.explorer, outcome.paper.explorer.drawing, packed)


def _attachments(folder: Path, results: bytes) -> list[Attachment]:
    contents = {name: (folder / name).read_bytes() for name in ATTACHED if name != RESULTS}
    return [Attachment(name, *ATTACHED[name], content) for name, content in {**contents, RESULTS: results}.items()]


def _exhibits(
    folder: Path, outcome: Outcome, pictures: Mapping[str, bytes], compared: Sequence[Reproduction]
) -> list[Exhibit]:
    """What the prose can show: architecture, experiment and, where there are any, pictures, tables and charts."""
    first = outcome.replicates[0]
    with tokenize.open(folder / "experiment.py") as file:  # which may declare an encoding, as any Python does
        code = file.read()
    made = [exhibits.architecture(first.run.summary, first.times), listing_exhibit(code, "experiment", "python")]
    made += _pictured(outcome, pictures)
    made += _predicted([replicate.measures.predictions for replicate in outcome.replicates])
    if compared:
        made.append(exhibits.published(compared))
    measures = [replicate.measures for replicate in outcome.replicates]
    return [*made, *measured_exhibits(outcome.figures.charts, pictures, measures)]


def _pictured(outcome: Outcome, pictures: Mapping[str, bytes]) -> Iterator[Exhibit]:
    """Feature-maps, feature-maps-untrained, kernels and mistakes: those that the figures stage has drawn."""
    drawn = outcome.figures
    if drawn.feature_maps:
        yield exhibits.feature_maps(drawn.feature_maps, pictures)
    if drawn.untrained_maps:
        yield exhibits.untrained_maps(drawn.untrained_maps, pictures)
    if drawn.kernels:
        yield exhibits.kernels(drawn.kernels, pictures)
    if drawn.mistakes:
        made = outcome.replicates[0].measures.predictions.mistakes
        yield prediction_exhibits.mistakes(made, drawn.mistakes, pictures)


def _picture(outcome: Outcome, pictures: Mapping[str, bytes]) -> bytes | None:
    """What to show where the page is linked: the first layer's maps, if there are any."""
    drawn = outcome.figures.feature_maps
    return pictures[drawn.layers[0].picture.file] if drawn else None


def _predicted(replicates: Sequence[Predictions]) -> Iterator[Exhibit]:
    """Confusion and classes."""
    yield from filter(None, (prediction_exhibits.confusion(replicates), prediction_exhibits.classes(replicates)))


def _edition(outcome: Outcome, date: datetime.datetime, draft: bool) -> Edition:
    return Edition(
        date=date.date(),
        commit=outcome.commit.sha[:10] if outcome.commit.sha else None,
        dirty=outcome.commit.dirty,
        preview=_preview(outcome.paper, outcome.source),
        generator=__version__,
        draft=draft,
    )


def _preview(paper: Paper, source: Source | None) -> str | None:
    if paper.data is None or source is None or not source.preview:
        return None
    wanted = paper.data.title or paper.data.name
    return f"Built on {source.description}, not on {wanted}; its results stand for nothing."
