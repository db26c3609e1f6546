"""The results of a build: every number the paper can show, named, and results.json, which carries them all.

Numbers come from the records of the stages; nothing is measured here. A number that is one replicate's says
which; a mean over replicates comes with its interval. The names of what was measured inside the network are
listed in generator.results.measure_values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from generator.records.article import Article
from generator.records.claims import Claim
from generator.records.document import FORMAT
from generator.records.edition import Edition
from generator.records.evidence import Evidence
from generator.records.published import Reproduction
from generator.records.response import Response
from generator.records.results import Number, Path, Provenance, Value
from generator.records.run import Epoch, Hyperparameter, Run
from generator.results import explorer_values, measure_values
from generator.results.intervals import Quantity, of_proportion, scale_of
from generator.results.measure_values import of_quantity
from generator.results.outcome import Outcome, Replicate


def values(outcome: Outcome) -> tuple[Value, ...]:
    """Every number by name; the names are those that the prose uses. A class is its name, if it has one."""
    return tuple(_with_class_name(value, outcome.class_names) for value in _values(outcome))


def _values(outcome: Outcome) -> Iterator[Value]:
    yield from _of_data(outcome)
    yield from _of_training(outcome)
    yield from _of_model(outcome.replicates[0].run)
    yield from _of_code(outcome)
    yield from _of_epochs([replicate.run for replicate in outcome.replicates])
    yield from _of_tests([replicate.evidence for replicate in outcome.replicates])
    yield from _of_image(outcome.response)
    yield from measure_values.values([replicate.measures for replicate in outcome.replicates])
    yield from _of_class_names(outcome.class_names)
    yield from _of_figures(outcome)
    yield from explorer_values.values(outcome.exploration)
    yield from _of_surroundings(outcome)


def _with_class_name(value: Value, names: Sequence[str]) -> Value:
    """The value, or, if it is a class that has a name, that name."""
    match value.path:
        case ("image", "label" | "predicted") | ("mistakes" | "errors", _, "label" | "predicted"):
            name = names[int(str(value.value))]
            return value if name == str(value.value) else msgspec.structs.replace(value, value=name)
    return value


def results_json(
    outcome: Outcome,
    edition: Edition,
    named: Sequence[Value],
    article: Article,
    published: Sequence[Reproduction],
) -> bytes:
    """results.json: sorted and indented, so that two editions can be compared line by line.

    Its `obstacles` say why the edition cannot be published; there are none when it can.
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
        "figures": outcome.figures,
        "obstacles": obstacles(edition, article.claims),
        "text": article.text,
        "values": {value.name: _described(value, outcome.provenance[value.stage]) for value in named},
        "replicates": [_replicate(replicate) for replicate in outcome.replicates],
    }
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def obstacles(edition: Edition, claims: Sequence[Claim]) -> list[str]:
    """What keeps an edition from being published."""
    found = ["It is a preview."] if edition.preview else []
    found += ["It is a draft."] if edition.draft else []
    unsettled = [claim for claim in claims if claim.is_refuted or claim.verdict == "undecided"]
    return found + [f'Line {claim.line}: "{claim.sentence}" {_SAID[claim.verdict]}.' for claim in unsettled]


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


def _of_data(outcome: Outcome) -> Iterator[Value]:
    dataset = outcome.dataset
    train, test = dataset.x_train.shape, dataset.x_test.shape
    apart = dataset.validation_images if dataset.x_validation else 0
    counts = {"train": train[0], "test": test[0], "total": train[0] + test[0] + apart}
    counts["validation"] = dataset.validation_images
    yield from (Value(("data", "images", part), count, "data") for part, count in counts.items())
    sides = dict(zip(("height", "width", "channels"), train[1:], strict=True))
    yield from (Value(("data", name), size, "data") for name, size in sides.items())
    yield Value(("data", "classes"), outcome.dataset.classes, "data")
    if outcome.paper.data and outcome.source:
        declared = outcome.paper.data
        about = {"name": declared.name, "title": declared.title or declared.name, "license": declared.license}
        about |= {"source": outcome.source.description}
        yield from (Value(("data", name), text, "data") for name, text in about.items())
        yield Value(("data", "preview"), outcome.source.preview, "data")


def _of_training(outcome: Outcome) -> Iterator[Value]:
    settings, run = outcome.paper.training, outcome.replicates[0].run
    for name in ("epochs", "batch_size", "replicates", "threads", "validation"):
        yield Value(("training", name), getattr(settings, name), "train")
    yield Value(("training", "steps"), run.epochs[0].steps, "train")
    ran = {replicate.run.seed: len(replicate.run.epochs) for replicate in outcome.replicates}
    for name, count in (("least", min(ran.values())), ("most", max(ran.values()))):
        yield Value(("ran", "epochs", name), count, "train")
    for seed, count in ran.items():
        yield Value(("ran", "epochs", "replicate", seed), count, "train", seed)


def _of_model(run: Run) -> Iterator[Value]:
    summary = run.summary
    counts = {"total": summary.total, "trainable": summary.trainable, "non_trainable": summary.non_trainable}
    yield from (Value(("model", "parameters", name), count, "train") for name, count in counts.items())
    yield Value(("model", "bytes"), summary.bytes, "train")
    for kind, count in Counter(layer.kind for layer in summary.layers).items():
        yield Value(("model", "kinds", kind), count, "train")
    for layer in summary.layers:
        yield Value(("model", "layers", layer.name, "parameters"), layer.parameters, "train")
        yield Value(("model", "layers", layer.name, "kind"), layer.kind, "train")
        shape = " × ".join(str(size) for size in layer.output_shape[1:])
        yield Value(("model", "layers", layer.name, "shape"), shape, "train")
    for each in summary.hyperparameters:
        yield Value(("model", *each.path), _printable(each), "train")


def _printable(of: Hyperparameter) -> Number:
    """The value; sizes of axes are a text, 3 × 3, and one number alone is itself."""
    if not isinstance(of.value, tuple):
        return of.value
    if len(of.value) == 1:
        return of.value[0]
    return " × ".join(map(str, of.value)) if of.path[-1].endswith(_SIZES) else of.value


_SIZES = ("size", "strides", "shape", "dilation_rate")
"""How Keras's names of sizes of axes end."""


def _of_code(outcome: Outcome) -> Iterator[Value]:
    yield from (Value(("code", name), value, "code") for name, value in outcome.constants.items())


def _of_epochs(runs: Sequence[Run]) -> Iterator[Value]:
    """Keras's metrics by epoch (epochs[1] is the first), and `final`: those of each replicate's own last epoch.

    Epochs that some replicate did not run are left out: a mean over the others would be of other replicates.
    """
    for number in range(1, min(len(run.epochs) for run in runs) + 1):
        yield from _of_metrics(("epochs", number), {run.seed: run.epochs[number - 1] for run in runs})
    yield from _of_metrics(("final",), {run.seed: run.epochs[-1] for run in runs})


def _of_metrics(path: Path, epochs: Mapping[int, Epoch]) -> Iterator[Value]:
    """The metrics that each replicate has, by seed, at the end of an epoch."""
    first, *others = epochs.values()
    for metric in first.metrics:
        if all(metric in epoch.metrics for epoch in others):
            by_seed = {seed: epoch.metrics[metric] for seed, epoch in epochs.items()}
            measured = Quantity(by_seed, scale_of(metric, list(by_seed.values())))
            yield from of_quantity((*path, metric), measured, "train")


def _of_tests(tested: Sequence[Evidence]) -> Iterator[Value]:
    shares = {evidence.seed: evidence.correct / evidence.images for evidence in tested}
    accuracy = Quantity(shares, "share", {evidence.seed: evidence.images for evidence in tested})
    spread = of_proportion(tested[0].correct, tested[0].images) if len(tested) == 1 else None
    yield from of_quantity(("test", "accuracy"), accuracy, "evidence", spread)


def _of_class_names(names: Sequence[str]) -> Iterator[Value]:
    """The names of the classes, where they are not their numbers."""
    for label, name in enumerate(names):
        if name != str(label):
            yield Value(("classes", label, "name"), name, "data")


def _of_image(response: Response) -> Iterator[Value]:
    for name in ("index", "label", "predicted", "probability"):
        yield Value(("image", name), getattr(response.image, name), "response", response.seed)


def _of_figures(outcome: Outcome) -> Iterator[Value]:
    """The ranges that the feature maps' scales are printed with."""
    shown = outcome.figures.feature_maps
    for layer in shown.layers if shown else ():
        yield Value(("figures", layer.name, "low"), layer.low, "figures", shown.seed if shown else None)
        yield Value(("figures", layer.name, "high"), layer.high, "figures", shown.seed if shown else None)


def _of_surroundings(outcome: Outcome) -> Iterator[Value]:
    """Versions, and measured times: what the results do not depend on, or should not."""
    environment = outcome.replicates[0].environment
    about: dict[str, Number] = {"python": environment.python, **environment.versions, "cpu": environment.cpu}
    yield from (Value(("environment", name), text, "train", environment.seed) for name, text in about.items())
    times = {replicate.run.seed: replicate.times for replicate in outcome.replicates}
    epoch = {seed: sum(time.epoch_seconds) / len(time.epoch_seconds) for seed, time in times.items()}
    total = {seed: time.total_seconds for seed, time in times.items()}
    yield from of_quantity(("times", "epoch"), Quantity(epoch, "positive"), "train")
    yield from of_quantity(("times", "total"), Quantity(total, "positive"), "train")
