"""The article stage: makes the page, the PDF's document, and results.json from the author's prose and the results.

All input is in the outcome or in the paper's folder. This stage returns the files; the pipeline writes them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import __version__
from generator.article import exhibits, explorer_exhibit, prediction_exhibits
from generator.article.appendix import with_appendices
from generator.article.binding import Origins
from generator.article.claims import refutations
from generator.article.comparison import comparison
from generator.article.compose import compose
from generator.article.listing import listing_exhibit
from generator.article.material import Material
from generator.article.measured_exhibits import measured_exhibits
from generator.article.missing import NO_ANALYSIS, class_names_note, epochs_note, missing_exhibits
from generator.article.own_exhibits import own_exhibits
from generator.article.printed_text import settings_texts
from generator.article.unused import listing, summary, unused
from generator.core.dates import edition_date
from generator.core.diagnostics import refuse
from generator.core.errors import Place
from generator.core.reading import MAX_TEXT_BYTES, read_code, read_regular
from generator.paper import Paper, line_of
from generator.prose import bibliography, prose
from generator.prose.bibliography import Bibliography
from generator.prose.expressions import Values
from generator.prose.literals import check_reasons, unbound
from generator.prose.literals import unused as unused_literals
from generator.prose.literals import used as used_literals
from generator.prose.misplaced_values import in_settings
from generator.prose.prose import Prose
from generator.records.article import Article, Exhibit, Target
from generator.records.attachment import Attachment, Relationship
from generator.records.claims import Claim
from generator.records.dataset import Source
from generator.records.edition import Edition
from generator.records.explorer import PACKED
from generator.records.printed import Printed
from generator.records.published import Reproduction
from generator.records.results import Value, origins, tree
from generator.render import fonts, metadata, page, preview_image
from generator.render.citation import citation_cff
from generator.render.fallback_fonts import fallback_faces
from generator.render.links import Links
from generator.results import reproduction
from generator.results.condition_values import VARIANTS
from generator.results.outcome import Outcome
from generator.results.results import results_json, values

RESULTS = "results.json"
ATTACHED: Mapping[str, tuple[str, Relationship, str]] = {
    RESULTS: ("application/json", "Data", "Every result in the article, with its origin"),
    "experiment.py": ("text/x-python", "Source", "The code of the experiment"),
    "analysis.py": ("text/x-python", "Source", "The code of the author’s own measures, figures, and tables"),
    "references.bib": ("application/x-bibtex", "Supplement", "The bibliography"),
}
"""The files attached to the PDF: media type, relation to the article, and description."""


@dataclass(frozen=True)
class Written:
    """The output of the article stage.

    Attributes:
        files: the files of the site, by name, except the PDF.
        printed: what the PDF is typeset from.
        notes: lines for the author.
        unused: lines that list the results that the article does not use.
    """

    files: dict[str, bytes]
    printed: Printed
    notes: Sequence[str]
    unused: Sequence[str]


@dataclass(frozen=True)
class _Sources:
    """The input from which the article is written.

    Attributes:
        folder: the paper's folder.
        outcome: the records of the build.
        files: the files of the figures and the explorer, by name.
        prose: the author's text, parsed.
        bibliography: the entries that the prose can cite.
        compared: the rows of the comparison with published numbers.
        results: every number that the article can show.
    """

    folder: Path
    outcome: Outcome
    files: Mapping[str, bytes]
    prose: Prose
    bibliography: Bibliography
    compared: tuple[Reproduction, ...]
    results: tuple[Value, ...]


def write(folder: Path, outcome: Outcome, files: Mapping[str, bytes], page_fonts: str, draft: bool) -> Written:
    """index.html, results.json, CITATION.cff, and preview.png of the paper in `folder`, and the document of its PDF.

    `files` holds the files of the figures and the explorer; `page_fonts` are the @font-face rules of the page. Raises
    ReportError when the prose, the references, or a template is faulty, when a number in the prose has no source, when
    a text of paper.toml has a value, or, unless this is a draft or a preview, when a claim does not hold.
    """
    paper = outcome.paper
    check_reasons(paper.literals, folder / "paper.toml")
    refuse(in_settings(settings_texts(paper, folder / "paper.toml")))
    sources = _sources(folder, outcome, files)
    date = edition_date(paper.date)
    edition = _edition(outcome, date, draft)
    on_page = _composed(sources, "page")
    refuted, is_allowed = refutations(on_page.claims, sources.prose.path), draft or edition.preview
    refuse([*unbound(sources.prose, paper.literals), *([] if is_allowed else refuted)])
    in_print = _composed(sources, "print")
    results = results_json(outcome, edition, sources.results, on_page, sources.compared)
    faces = fallback_faces(paper.fonts.fallback, folder, Place(folder / "paper.toml"))
    printed = page.render_print(paper, in_print, edition, faces)
    shown = page.render_page(paper, on_page, edition, page_fonts, faces, _explorer_blocks(sources))
    left, total = unused(sources.results, on_page.used, on_page.shows)
    return Written(
        {
            "index.html": shown.encode(),
            RESULTS: results,
            "CITATION.cff": citation_cff(paper, edition, outcome.commit.sha),
            metadata.PREVIEW_IMAGE: preview_image.draw(paper, _picture(outcome, files), faces),
        },
        Printed(printed, date, fonts.digests(fonts.print_fonts(faces)), _attachments(folder, results)),
        [
            *(f"{one.where}: {one.what}" for one in refuted),
            *_undecided(on_page.claims, sources.prose.path),
            *_notes(sources, on_page.used),
            *summary(left, total),
        ],
        list(listing(left)),
    )


def _sources(folder: Path, outcome: Outcome, files: Mapping[str, bytes]) -> _Sources:
    """Reads the author's files, and compares the results with the published numbers, if the paper states any."""
    published = outcome.paper.published
    compared: tuple[Reproduction, ...] = ()
    restated: tuple[Value, ...] = ()
    if published:
        runs = [replicate.run for replicate in outcome.replicates]
        times = [replicate.times for replicate in outcome.replicates]
        compared = reproduction.reproductions(published, runs, times, folder / "paper.toml")
        restated = tuple(reproduction.values(published, compared))
    text, entries = prose.read(folder / "article.md"), bibliography.read(folder / "references.bib")
    return _Sources(folder, outcome, files, text, entries, compared, (*values(outcome), *restated))


def _composed(sources: _Sources, target: Target) -> Article:
    """The article with its appendices, for one target."""
    known = origins(sources.results, sources.outcome.provenance)
    links = Links(target, {origin.name: origin for origin in known.values()})
    named = tree(sources.results)
    material = Material(
        sources.prose,
        named,
        {f"{exhibit.kind} {exhibit.name}": exhibit for exhibit in _exhibits(sources, links, named, known)},
        sources.bibliography,
        known,
        missing_exhibits(sources.outcome) | _without_analysis(sources.folder),
        sources.outcome.paper.site.repository,
        validated=sources.outcome.validated,
    )
    literals = used_literals(sources.prose, sources.outcome.paper.literals)
    return with_appendices(compose(material, target), sources.outcome, links, literals, _twin(sources, target))


def _without_analysis(folder: Path) -> dict[str, str]:
    return {} if (folder / "analysis.py").exists() else {"analysis": NO_ANALYSIS}


def _twin(sources: _Sources, target: Target) -> str:
    """The untrained maps for an appendix of the PDF; the page shows them beside the trained ones."""
    untrained = sources.outcome.figures.untrained_maps
    is_shown = target == "print" and "feature-maps" in sources.prose.exhibits()
    if untrained is None or not is_shown:
        return ""
    return exhibits.untrained_maps(untrained, sources.files, sources.outcome.class_names)


def _undecided(claims: Iterable[Claim], path: Path) -> list[str]:
    """For the terminal: the claims that keep the paper from being published, although it is built."""
    undecided = (claim for claim in claims if claim.verdict == "undecided")
    step = "so this cannot be published; more replicates may decide it"
    return [f'{Place(path, claim.line)}: "{claim.sentence}" is undecided, {step}' for claim in undecided]


def _notes(sources: _Sources, used: Iterable[str]) -> list[str]:
    """For the terminal: what the author wrote or asked for that is not in the article.

    `used` are the names of the results that the article shows.
    """
    omitted = explorer_exhibit.notes(sources.outcome.exploration)
    ignored = bibliography.warnings(sources.bibliography, sources.prose.cited)
    literals = unused_literals(sources.prose, sources.outcome.paper.literals, sources.folder / "paper.toml")
    said = (*epochs_note(sources.outcome, used), *class_names_note(sources.outcome))
    return [*ignored, *literals, *said, *omitted]


def _explorer_blocks(sources: _Sources) -> dict[str, str]:
    """What the explorer's script reads, if the article has an explorer."""
    explored = sources.outcome.exploration
    if explorer_exhibit.NAME not in sources.prose.exhibits() or explored is None or explored.explorer is None:
        return {}
    packed = {Path(name).stem: content for name, content in sources.files.items() if name.endswith(PACKED)}
    outcome = sources.outcome
    return explorer_exhibit.blocks(explored.explorer, outcome.paper.explorer.drawing, packed, outcome.class_names)


def _attachments(folder: Path, results: bytes) -> tuple[Attachment, ...]:
    there = (name for name in ATTACHED if name != RESULTS and (folder / name).exists())
    contents = {name: read_regular(folder / name, MAX_TEXT_BYTES) for name in there}
    files = {**contents, RESULTS: results}
    return tuple(Attachment(name, *ATTACHED[name], content) for name, content in files.items())


def _exhibits(sources: _Sources, links: Links, named: Values, known: Origins) -> Iterator[Exhibit]:
    """The exhibits of the experiment that the prose can show; `named` are the values, and `known` their origins."""
    outcome, files = sources.outcome, sources.files
    class_names = outcome.class_names
    first, measures = outcome.replicates[0], [replicate.measures for replicate in outcome.replicates]
    yield exhibits.architecture(first.run.summary, first.times, links)
    yield listing_exhibit(read_code(sources.folder / "experiment.py"), "experiment", "python", links.target)
    yield from exhibits.pictured(outcome.figures, files, class_names, links.target)
    predictions = [one.predictions for one in measures]
    yield from prediction_exhibits.predicted(predictions, outcome.figures, files, class_names, links)
    if sources.compared:
        yield exhibits.published(sources.compared, links)
    yield from measured_exhibits(outcome.figures.charts, files, measures, links)
    if VARIANTS in sources.prose.exhibits() and outcome.variants and outcome.paper.comparison.columns:
        toml = sources.folder / "paper.toml"
        place = Place(toml, line_of(toml, "comparison", "columns"))
        yield comparison(outcome, named, known, links, place)
    analysis = sources.folder / "analysis.py"
    places = {one.name: Place(analysis, one.line) for one in outcome.declared}
    yield from own_exhibits(outcome.drawn, files, named, known, links, places)
    if analysis.exists():
        yield listing_exhibit(read_code(analysis), "analysis", "python", links.target)
    if outcome.exploration:
        drawing, labels = outcome.paper.explorer.drawing, sources.prose.labels
        yield explorer_exhibit.exhibit(outcome.exploration, drawing, labels, outcome.figures, files, class_names, links)


def _picture(outcome: Outcome, files: Mapping[str, bytes]) -> bytes | None:
    """The picture shown in links to the page: the first layer's maps, if there are any."""
    drawn = outcome.figures.feature_maps
    return files[drawn.layers[0].picture.file] if drawn else None


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
    return f"Built on {source.description}, not on {wanted}; its results are placeholders."
