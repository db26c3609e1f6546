"""What changed from one edition of an article to another, read from two folders.

Numbers are compared in generator.diff.numbers, prose in generator.diff.words. Consequences of other changes are left
out: the appendices, the numbers within the prose, the wording that is printed of a claim whose verdict changed, and the
values that the published comparison restates.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from generator.core.errors import UsageError
from generator.core.formatting import (
    FEW_REPLICATES,
    as_text,
    counted,
    dimensions,
    first_few,
    integer,
    listed,
)
from generator.diff.edition import STEP, ReadEdition, read_edition
from generator.diff.headline import headline
from generator.diff.markup import MarkupError
from generator.diff.numbers import moved, quantities
from generator.diff.safe_html import figures
from generator.diff.wording import in_words, unit_of, with_sides
from generator.diff.words import Work, code_passages, passages
from generator.records.article import ArticleText, Paragraph
from generator.records.claims import Claim, Verdict
from generator.records.difference import Change, ClaimChange, Difference, FigureChange, Move, Moved, Passage, Side
from generator.records.document import Document
from generator.records.run import Layer
from generator.results.code_values import is_setting

SHORT = 10
"""How many digits of a digest are shown."""

MAX_NAMED = 3
SEPARATOR = "; "  # a description may contain commas
_CLAIM = re.compile(r"\{(claim:[^{}]+)\}")
_ARRAYS = {
    "x_train": "training images",
    "y_train": "training labels",
    "x_test": "test images",
    "y_test": "test labels",
    "x_validation": "validation images",
    "y_validation": "validation labels",
}
MOVES_IN_WORDS: Mapping[Move, str] = {
    "beyond the spread": "beyond the spread of the replicates",
    "within the spread": "within the spread",
    "changed": "without a spread to judge by",
    "not judged": "a time, which is not judged",
    "added": "new",
    "removed": "gone",
    "unchanged": "unchanged",
}
"""How a number moved, for readers."""

NOTHING = ("Nothing changed.",)
NO_TEXT = (
    "The prose and the listings are not compared: the results.json of one edition does not contain the article text."
)


def read_differences(before: Path, after: Path) -> Difference:
    """Everything that differs between the editions in two folders, each with results.json and index.html.

    Raises UsageError when a folder does not contain an edition, or the edition cannot be read.
    """
    return differences(read_edition(before), read_edition(after))


def differences(before: ReadEdition, after: ReadEdition) -> Difference:
    """Everything that differs between two editions. Raises UsageError when one of the pages cannot be read."""
    old, new = before.results, after.results
    compared, numbers = moved(old, new)
    abstract, text = headline(old, new)
    described = _Described(old, new)
    pairs = _paired(old.claims, new.claims)
    work = Work()
    return Difference(
        before=_side(old),
        after=_side(new),
        abstract=described.all(abstract),
        text=described.all(text),
        compared=compared,
        numbers=described.all(numbers),
        claims=tuple(_of_claims(pairs)),
        settings=_changes(_settings(old), _settings(new)),
        layers=_changes(_layers(old.model), _layers(new.model)),
        data=_changes(_data(old), _data(new)),
        environment=_changes(_environment(old), _environment(new)),
        comparisons=_changes(_comparisons(old), _comparisons(new)),
        stages=_changes(_code(old), _code(new)),
        prose=tuple(passages(*_paragraphs(old, new, pairs), work)) if old.text and new.text else None,
        code=tuple(_of_listings(old.text, new.text, work)) if old.text and new.text else None,
        figures=tuple(_of_figures(before, after)),
    )


def _side(document: Document) -> Side:
    edition = document.edition
    return Side(document.title, edition.date, edition.commit, edition.dirty, edition.generator)


class _Described:
    """Adds to numbers what they are, and their unit."""

    def __init__(self, old: Document, new: Document) -> None:
        self._own = {**old.measures, **new.measures}
        self._known = {**quantities(old.values), **quantities(new.values)}

    def all(self, numbers: Iterable[Moved]) -> tuple[Moved, ...]:
        return tuple(map(self._one, numbers))

    def _one(self, number: Moved) -> Moved:
        words = in_words(number.name, self._own)
        unit = unit_of(number.name, self._known.get(number.name))
        return msgspec.structs.replace(number, words=words, unit=unit)


# --- settings, layers, data, environment ---------------------------------------------------------


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    names = dict.fromkeys([*before, *after])
    changes = (Change(name, before.get(name), after.get(name)) for name in names)
    return tuple(change for change in changes if change.before != change.after)


def _below(document: Document, root: str) -> dict[str, str]:
    """The values whose names begin with `root`, as text."""
    found = {name: stated for name, stated in document.values.items() if name.startswith(f"{root}.")}
    return {name: as_text(stated.value) for name, stated in found.items()}


def _settings(document: Document) -> dict[str, str]:
    layers = {layer.name for layer in document.model}
    of_code = {name: stated for name, stated in document.values.items() if is_setting(_path(name, layers))}
    about = {"draft": as_text(document.edition.draft), "title": document.title}
    set_there = {name: as_text(stated.value) for name, stated in of_code.items()}
    return {**_below(document, "training"), **set_there, **about}


def _path(name: str, layers: Collection[str]) -> tuple[str, ...]:
    """The parts of a value's name. The name of a layer is one part, although it may contain dots."""
    parts = name.split(".")
    if parts[:2] == ["model", "layers"]:
        for end in range(len(parts) - 1, 2, -1):
            if (layer := ".".join(parts[2:end])) in layers:
                return ("model", "layers", layer, *parts[end:])
    return tuple(parts)


def _layers(layers: Sequence[Layer]) -> dict[str, str]:
    return {layer.name: _layer(layer) for layer in layers}


def _layer(layer: Layer) -> str:
    trainable = f" ({integer(layer.trainable)} trainable)" if layer.trainable != layer.parameters else ""
    reads = f", reads {listed(layer.inputs)}" if layer.inputs else ""
    return (
        f"{layer.kind} {dimensions(layer.output_shape[1:])}, {integer(layer.parameters)} parameters{trainable}{reads}"
    )


def _data(document: Document) -> dict[str, str]:
    """What is known of the data: what readers understand first, digests last."""
    named = {_ARRAYS[name]: info for name, info in document.data.arrays.by_name.items()}
    shapes = {name: f"{info.dtype} {dimensions(info.shape)}" for name, info in named.items()}
    digests = {f"digest of the {name}": info.sha256[:SHORT] for name, info in named.items()}
    variants = {f"digest of {stage}": digest[:SHORT] for stage, digest in document.variants_data.items()}
    return {**_below(document, "data"), **shapes, **digests, **variants}


def _environment(document: Document) -> dict[str, str]:
    """Where the replicates were trained; if environments differ, all values are listed."""
    found: dict[str, dict[str, None]] = {"generator": {document.edition.generator: None}}
    for replicate in document.replicates:
        at = replicate.environment
        about = {"python": at.python, **at.versions, "platform": at.platform, "cpu": at.cpu}
        about |= {"threads": str(at.threads), "onednn": "on" if at.onednn else "off"}
        for name, text in about.items():
            found.setdefault(name, {})[text] = None
    return {name: listed(list(texts)) for name, texts in found.items()}


def _comparisons(document: Document) -> dict[str, str]:
    return {row.label: row.verdict for row in document.published}


def _code(document: Document) -> dict[str, str]:
    return {stage: behind.code[:SHORT] for stage, behind in document.stages.items()}


# --- claims --------------------------------------------------------------------------------------


ClaimPair = tuple[Claim | None, Claim | None]
"""A claim in each edition; None if the edition does not make it."""


def _of_claims(pairs: Iterable[ClaimPair]) -> Iterator[ClaimChange]:
    for old, new in pairs:
        if old is None or new is None or (old.verdict, old.condition) != (new.verdict, new.condition):
            shown = new or old
            yield ClaimChange(
                sentence=shown.sentence if shown else "",
                before=old.verdict if old else None,
                after=new.verdict if new else None,
                condition_before=old.condition if old else None,
                condition_after=new.condition if new else None,
                printed=new.printed if new and not (old and old.otherwise) else "",
            )


def _paired(before: Sequence[Claim], after: Sequence[Claim]) -> list[ClaimPair]:
    """Pairs claims that are the same: first by sentence and condition, then by condition, then by sentence."""
    partner: dict[str, Claim] = {}
    left = dict(enumerate(before))
    sames: tuple[Callable[[Claim], object], ...] = (
        lambda claim: (claim.sentence, claim.condition),
        lambda claim: claim.condition,
        lambda claim: claim.sentence,
    )
    for same in sames:
        waiting: dict[object, list[int]] = {}
        for place, claim in reversed(left.items()):
            waiting.setdefault(same(claim), []).append(place)
        for claim in after:
            if claim.id not in partner and (places := waiting.get(same(claim))):
                partner[claim.id] = left.pop(places.pop())
    return [*((partner.get(claim.id), claim) for claim in after), *((claim, None) for claim in left.values())]


# --- text and figures ----------------------------------------------------------------------------


def _paragraphs(
    old: Document, new: Document, pairs: Sequence[ClaimPair]
) -> tuple[Sequence[Paragraph], Sequence[Paragraph]]:
    """The paragraphs to compare: if an edition prints the other wording of a claim, both have the claim's own.

    Such a change is listed among the claims.
    """
    turned = [(one, other) for one, other in pairs if one and other and one.otherwise != other.otherwise]
    own = [{claim.id: claim.wordings[0] for claim in side if claim.wordings} for side in zip(*turned, strict=True)]
    before, after = own or ({}, {})
    return _in_own_words(old, before), _in_own_words(new, after)


def _in_own_words(document: Document, own: Mapping[str, str]) -> list[Paragraph]:
    """The paragraphs, with these wordings of claims, by ID, and otherwise as printed."""
    printed = {claim.id: claim.wordings[claim.otherwise] for claim in document.claims if claim.wordings} | dict(own)
    return [
        msgspec.structs.replace(one, text=_CLAIM.sub(lambda match: printed.get(match[1], match[0]), one.frame))
        if any(id in own for id in _CLAIM.findall(one.frame))
        else one
        for one in (document.text.paragraphs if document.text else ())
    ]


def _of_listings(before: ArticleText, after: ArticleText, work: Work) -> Iterator[Passage]:
    for name in dict.fromkeys([*before.listings, *after.listings]):
        old, new = (side.listings.get(name, "").splitlines() for side in (before, after))
        yield from code_passages(name, old, new, work)


def _of_figures(before: ReadEdition, after: ReadEdition) -> Iterator[FigureChange]:
    old, new = _digests(before), _digests(after)
    captions = {**_captions(before.results.text), **_captions(after.results.text)}
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield FigureChange(name, captions.get(name, ""), old.get(name), new.get(name))


def _digests(edition: ReadEdition) -> dict[str, str]:
    """A digest of each figure, without its caption, its number, and the log, whose times always differ."""
    try:
        shown = figures(edition.page, has_captions=False)
    except MarkupError as error:
        raise UsageError(f"The page cannot be read: {error}", edition.place, STEP) from None
    return {name: hashlib.sha256(html.encode()).hexdigest() for name, html in shown.items()}


def _captions(text: ArticleText | None) -> dict[str, str]:
    """The captions, by the label of their exhibit."""
    found: dict[str, list[str]] = {}
    for paragraph in text.paragraphs if text else ():
        found.setdefault(paragraph.exhibit, []).append(paragraph.text)
    return {name: " ".join(texts) for name, texts in found.items()}


# --- in sentences --------------------------------------------------------------------------------


def summary(difference: Difference) -> tuple[str, ...]:
    """What changed, in short sentences, the results of the text first; one sentence if nothing did."""
    named = (
        ("Settings", [with_sides(in_words(change.name), change) for change in difference.settings]),
        ("Layers", [with_sides(change.name, change) for change in difference.layers]),
        ("Data", [with_sides(in_words(change.name), change) for change in difference.data]),
        ("Environment", [with_sides(change.name, change) for change in difference.environment]),
        (
            "Published numbers whose verdict changed",
            [with_sides(change.name, change) for change in difference.comparisons],
        ),
        ("Code behind", [change.name for change in difference.stages]),
        ("Prose", list(dict.fromkeys(passage.section for passage in difference.prose or ()))),
        ("Figures", [figure.name.partition(":")[2].replace("-", " ") for figure in difference.figures]),
    )
    changed = [f"{title}: {first_few(names, MAX_NAMED, SEPARATOR)}." for title, names in named if names]
    unread = [NO_TEXT] if difference.prose is None else []
    found = (*_of_results(difference), *changed, *unread)
    return (*_of_headline(difference), *found) if found else NOTHING


def _of_headline(difference: Difference) -> Iterator[str]:
    """The changed results of the abstract and of the rest of the text: values, and how they moved; beyond first."""
    for where, numbers in (("abstract", difference.abstract), ("text", difference.text)):
        changed = [number for number in numbers if number.move != "unchanged"]
        if changed:
            yield _sentence_on(where, changed)


def _sentence_on(where: str, numbers: Iterable[Moved]) -> str:
    """Results that this part of the article states, with both values; those beyond the spread first."""
    in_order = sorted(numbers, key=lambda number: number.move != "beyond the spread")
    names = [f"{with_sides(number.words, number)}, {MOVES_IN_WORDS[number.move]}" for number in in_order]
    return f"In the {where}: {first_few(names, MAX_NAMED, SEPARATOR)}."


def _of_results(difference: Difference) -> Iterator[str]:
    moves: Counter[str] = Counter(number.move for number in difference.numbers)
    beyond = by_depth(number for number in difference.numbers if number.move == "beyond the spread")
    stated = {number.name for number in (*difference.abstract, *difference.text)}
    if others := [number for number in beyond if number.name not in stated]:
        names = [with_sides(number.words, number) for number in others]
        also = "Also beyond" if len(others) < len(beyond) else "Beyond"
        yield f"{also} the spread of the replicates: {first_few(names, MAX_NAMED, SEPARATOR)}."
    elif not beyond and moves["within the spread"]:
        yield "No number moved beyond the spread of the replicates."
    for move, said in (("within the spread", "Within the spread"), ("changed", "Without a spread to judge by")):
        if moves[move]:
            some = [number for number in difference.numbers if number.move == move and has_little_power(number)]
            power = f", {integer(len(some))} from few replicates (little power)" if some else ""
            yield f"{said}: {integer(moves[move])} of {integer(difference.compared)} numbers{power}."
    for move, said in (("added", "New"), ("removed", "Gone")):
        if moves[move]:
            yield f"{said}: {counted(moves[move], 'number')}."
    yield from map(_of_claim, difference.claims[:MAX_NAMED])
    if len(difference.claims) > MAX_NAMED:
        yield f"Other claims that changed: {integer(len(difference.claims) - MAX_NAMED)}."


def has_little_power(number: Moved) -> bool:
    """Whether a number is within the spread of few replicates, which means little."""
    return number.move == "within the spread" and number.replicates < FEW_REPLICATES


def by_depth(numbers: Iterable[Moved]) -> list[Moved]:
    """Numbers with short names first: these describe the whole, longer ones its parts."""
    return sorted(numbers, key=lambda number: number.name.count("."))


def _of_claim(claim: ClaimChange) -> str:
    if claim.before is None:
        return f"New claim, {_SAID[claim.after]}: “{claim.sentence}”" if claim.after else ""
    if claim.after is None:
        return f"No longer claimed: “{claim.sentence}”"
    if claim.before == claim.after:
        return f"New condition, {_SAID[claim.after]}: “{claim.sentence}”"
    printed = f" Printed instead: “{claim.printed}”" if claim.printed else ""
    return f"{_NOW[claim.after]}: “{claim.sentence}”{printed}"


_SAID: Mapping[Verdict, str] = {
    "holds": "which holds",
    "does not hold": "which does not hold",
    "undecided": "which is undecided",
}
_NOW: Mapping[Verdict, str] = {"holds": "Holds now", "does not hold": "Does not hold now", "undecided": "Undecided now"}
