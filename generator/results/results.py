"""The results of a build: every number that the paper can show, by name, and results.json, which contains them all.

Numbers come from the records of the stages; nothing is measured here. A number from one replicate says from which; a
mean over replicates has its interval. generator.results.condition_values has the values of each condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from generator.records.article import Article
from generator.records.claims import Claim
from generator.records.document import FORMAT
from generator.records.edition import Edition
from generator.records.published import Reproduction
from generator.records.response import Response
from generator.records.results import Number, Provenance, Value
from generator.results import explorer_values
from generator.results.condition_values import VARIANTS, of_condition, of_variants
from generator.results.outcome import ConditionOutcome, Outcome, Replicate


def values(outcome: Outcome) -> tuple[Value, ...]:
    """Every number by the name that the prose uses. A class is given by its name, if it has one."""
    return tuple(_with_class_name(value, outcome.class_names) for value in _values(outcome))


def _values(outcome: Outcome) -> Iterator[Value]:
    yield from of_condition(outcome.main)
    yield from of_variants(outcome.main, outcome.variants)
    yield from _of_source(outcome)
    yield from _of_code(outcome)
    yield from _of_image(outcome.response)
    yield from _of_class_names(outcome.class_names)
    yield from _of_figures(outcome)
    yield from explorer_values.values(outcome.exploration)
    yield from _of_surroundings(outcome)


def _with_class_name(value: Value, names: Sequence[str]) -> Value:
    """The value, or, if it is a class with a name, that name."""
    match value.path[2:] if value.path[0] == VARIANTS else value.path:
        case ("image", "label" | "predicted") | ("mistakes" | "errors", _, "label" | "predicted"):
            label = int(str(value.value))
            name = names[label] if label < len(names) else str(label)  # a variant's data may have more classes
            return value if name == str(label) else msgspec.structs.replace(value, value=name)
    return value


def results_json(
    outcome: Outcome,
    edition: Edition,
    named: Sequence[Value],
    article: Article,
    published: Sequence[Reproduction],
) -> bytes:
    """results.json: sorted and indented, so that two editions can be compared line by line.

    Its `obstacles` say why the edition cannot be published, and are empty if it can.
    """
    document = {
        "format": FORMAT,
        "title": outcome.paper.title,
        "edition": edition,
        "commit": outcome.commit,
        "inputs": outcome.inputs,
        "data": {
            "source": outcome.source and outcome.source.description,
            "arrays": outcome.dataset,
            "checked": outcome.paper.data is None or outcome.paper.data.check,
        },
        "model": outcome.replicates[0].run.summary.layers,
        "stages": outcome.provenance,
        "claims": article.claims,
        "published": published,
        "measures": {one.name: one.words for one in outcome.declared if one.kind == "measure" and one.words},
        "figures": outcome.figures,
        "obstacles": obstacles(edition, article.claims),
        "text": article.text,
        "values": {value.name: _described(value, outcome.provenance[value.stage]) for value in named},
        "replicates": [_replicate(replicate) for replicate in outcome.replicates],
        "variants": {variant.condition.name: _variant(variant) for variant in outcome.variants},
    }
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def obstacles(edition: Edition, claims: Sequence[Claim]) -> list[str]:
    """The reasons why an edition cannot be published."""
    found = ["It is a preview."] if edition.preview else []
    found += [DRAFT] if edition.draft else []
    unsettled = [claim for claim in claims if claim.is_refuted or claim.verdict == "undecided"]
    return found + [f'article.md:{claim.line}: "{claim.sentence}" {_SAID[claim.verdict]}.' for claim in unsettled]


DRAFT = "It is a draft."

_SAID = {"does not hold": "does not hold", "undecided": "is undecided"}


def _described(value: Value, behind: Provenance) -> dict[str, Any]:
    described = {
        "value": value.value,
        "stage": value.stage,
        "replicate": value.replicate,
        "code": behind.code,
        "data": behind.data,
    }
    measured = {"scale": None if value.scale == "plain" else value.scale, "trials": value.trials}
    return described | {name: known for name, known in measured.items() if known is not None}


def _variant(variant: ConditionOutcome) -> dict[str, Any]:
    return {
        "condition": variant.condition,
        "arrays": variant.dataset,
        "model": variant.replicates[0].run.summary.layers,
        "replicates": [_replicate(replicate) for replicate in variant.replicates],
    }


def _replicate(replicate: Replicate) -> dict[str, Any]:
    return {
        "seed": replicate.run.seed,
        "epochs": replicate.run.epochs,
        "correct": replicate.evidence.correct,
        "images": replicate.evidence.images,
        "curve": replicate.run.curve,
        "measures": replicate.measures,
        "times": replicate.times,
        "environment": replicate.environment,
    }


# --- the values, subject by subject --------------------------------------------------------------


def _of_source(outcome: Outcome) -> Iterator[Value]:
    if outcome.paper.data and outcome.source:
        declared = outcome.paper.data
        about = {"name": declared.name, "title": declared.title or declared.name, "license": declared.license}
        about |= {"source": outcome.source.description}
        yield from (Value(("data", name), text, "data") for name, text in about.items())
        yield Value(("data", "preview"), outcome.source.preview, "data")


def _of_code(outcome: Outcome) -> Iterator[Value]:
    yield from (Value(("code", name), value, "code") for name, value in outcome.constants.items())


def _of_class_names(names: Sequence[str]) -> Iterator[Value]:
    """The names of the classes, if they are not just numbers."""
    for label, name in enumerate(names):
        if name != str(label):
            yield Value(("classes", label, "name"), name, "data")


def _of_image(response: Response) -> Iterator[Value]:
    for name in ("index", "label", "predicted", "probability"):
        yield Value(("image", name), getattr(response.image, name), "response", response.seed)


def _of_figures(outcome: Outcome) -> Iterator[Value]:
    """The ranges of the feature maps' color scales, as printed."""
    shown = outcome.figures.feature_maps
    for layer in shown.layers if shown else ():
        yield Value(("figures", layer.name, "low"), layer.low, "figures", shown.seed if shown else None)
        yield Value(("figures", layer.name, "high"), layer.high, "figures", shown.seed if shown else None)


def _of_surroundings(outcome: Outcome) -> Iterator[Value]:
    """The software and hardware that the replicate shown was trained with."""
    environment = outcome.replicates[0].environment
    about: dict[str, Number] = {"python": environment.python, **environment.versions, "cpu": environment.cpu}
    yield from (Value(("environment", name), text, "train", environment.seed) for name, text in about.items())
