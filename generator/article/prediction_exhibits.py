"""Exhibits of the network's predictions: confusions, scores by class, and the most confident mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len

from generator.article.exhibits import stretch_notes
from generator.core.formatting import integer, percent, probability
from generator.records.article import Exhibit
from generator.records.figures import Figures, Picture
from generator.records.measures import Mistake, Predictions
from generator.render.links import Links
from generator.render.templates import render
from generator.results.intervals import of_images
from generator.results.measure_values import of_class
from generator.results.replicates import confusion_of

MAX_CLASSES = 20
"""A matrix of more classes is not legible; the pairs that are confused most are shown instead."""

MAX_PAIRS = 20
MAX_HEAD = 4  # letters of a name that is never turned
MAX_ROW = 60  # letters in a row of the matrix on a phone
MAX_TURNED = 20  # letters that are shown of a turned name

Counts = Sequence[Sequence[int]]


def predicted(
    replicates: Sequence[Predictions],
    drawn: Figures,
    pictures: Mapping[str, bytes],
    class_names: Sequence[str],
    links: Links,
) -> Iterator[Exhibit]:
    """The exhibits mistakes, confusion, and classes, except those that would be empty."""
    if drawn.mistakes:
        yield mistakes(replicates[0].mistakes, drawn.mistakes, pictures, class_names)
    yield from filter(None, (confusion(replicates, class_names), classes(replicates, class_names, links)))


def confusion(replicates: Sequence[Predictions], class_names: Sequence[str]) -> Exhibit | None:
    """Images by true and predicted class, summed over the replicates; for many classes, the pairs confused most.

    Names above the columns are turned if they would not fit beside each other. There is no table if there are no
    counts, or if nothing is confused and there are too many classes for a matrix.
    """
    counts = confusion_of(replicates)
    pairs = _pairs(counts)[:MAX_PAIRS]
    if not counts or (len(counts) > MAX_CLASSES and not pairs):
        return None
    is_matrix = len(counts) <= MAX_CLASSES
    html = render(
        "exhibits/confusion.html.j2",
        counts=counts,
        pairs=[(class_names[label], class_names[predicted], count, share) for label, predicted, count, share in pairs],
        is_matrix=is_matrix,
        class_names=class_names[: len(counts)],
        turned=_turned(counts, class_names),
    )
    alt = f"{_alt_of_confusion(counts, is_matrix)} {_alt_of_pairs(pairs, class_names)}"
    return Exhibit(name="confusion", kind="table", html=html, alt=alt, shows=("confusion",))


def classes(replicates: Sequence[Predictions], class_names: Sequence[str], links: Links) -> Exhibit | None:
    """Precision and recall of each class, formatted like any quantity over replicates."""
    labels = range(len(replicates[0].classes))
    if not labels:
        return None
    images = [replicates[0].classes[label].images for label in labels]
    precision, recall = ([_score(name, label, replicates) for label in labels] for name in ("precision", "recall"))
    html, bound = links.render(
        "exhibits/classes.html.j2",
        rows=list(zip(class_names, labels, images, precision, recall, strict=False)),
        without_precision=any(value is None for _, value, _ in precision),
        without_recall=any(value is None for _, value, _ in recall),
    )
    return Exhibit(name="classes", kind="table", html=html, shows=("classes",), bound=bound)


def mistakes(
    made: Sequence[Mistake], drawn: Sequence[Picture], pictures: Mapping[str, bytes], class_names: Sequence[str]
) -> Exhibit:
    """The images of the mistakes of one replicate, most confident first; `pictures` are the PNG files of `drawn`."""
    shown = list(zip(made, drawn, strict=True))
    said = "; ".join(
        f"class {class_names[one.label]} mistaken for {class_names[one.predicted]} "
        f"with probability {probability(one.probability)}"
        for one in made
    )
    notes = stretch_notes(drawn[0].stretch) if drawn else []
    html = render("exhibits/mistakes.html.j2", shown=shown, pictures=pictures, class_names=class_names, notes=notes)
    alt = f"The most confident mistakes of one replicate: {said}."
    return Exhibit(name="mistakes", kind="figure", html=html, alt=alt, shows=("mistakes",))


def _turned(counts: Counts, class_names: Sequence[str]) -> int:
    """The number of letters that turned names above the columns have room for; 0 if the names are not turned."""
    longest = max(map(cell_len, class_names))
    is_narrow = longest <= MAX_HEAD or longest + len(counts) * (longest + 1) <= MAX_ROW
    return 0 if is_narrow else min(longest, MAX_TURNED)


def _pairs(counts: Counts) -> list[tuple[int, int, int, str]]:
    """The true class, predicted class, images, and share of the true class of each pair; most images first."""
    found = [
        (label, predicted, count, percent(count / sum(row), 1))
        for label, row in enumerate(counts)
        for predicted, count in enumerate(row)
        if count and label != predicted
    ]
    return sorted(found, key=lambda pair: (-pair[2], pair[:2]))


def _score(name: str, label: int, replicates: Sequence[Predictions]) -> tuple[str, float | None, str]:
    """A score as text, its number, and its name; the number is None if the score is undefined in some replicate."""
    score = of_class(name, label, dict(enumerate(replicates)))
    if score is None:
        return "undefined", None, name
    spread = of_images(score)
    return percent(spread.printable(score)), spread.mean, name


def _alt_of_confusion(counts: Counts, is_matrix: bool) -> str:
    right, every = sum(row[label] for label, row in enumerate(counts)), sum(map(sum, counts))
    shown = "Confusion matrix" if is_matrix else "The pairs of classes that are confused most"
    told = f"{integer(right)} of {integer(every)} predictions are right"
    return f"{shown}, of {integer(len(counts))} classes, all replicates together: {told}."


def _alt_of_pairs(pairs: Sequence[tuple[int, int, int, str]], class_names: Sequence[str]) -> str:
    if not pairs:
        return "No class is mistaken for another."
    label, predicted, count, _ = pairs[0]
    times = f"{integer(count)} time{'s' if count > 1 else ''}"
    return f"Most often, {times}, class {class_names[label]} is mistaken for {class_names[predicted]}."
