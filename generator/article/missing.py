"""Explains why something that the prose names does not exist.

A measure or a figure may not apply, or some replicates may not have run an epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.core.formatting import counted, listed
from generator.paper import Paper
from generator.prose.expressions import Values
from generator.records.results import Path
from generator.results.applicability import TOO_MANY_INPUTS
from generator.results.condition_values import VARIANTS
from generator.results.outcome import Outcome

FIELDS = "receptive-fields"
NOT_PUBLISHED = "paper.toml has no table [published]"
NO_ANALYSIS = "the paper has no analysis.py"
OMITTED, EVERYWHERE = "omitted", "all"


def omission(paths: Iterable[Path], values: Values) -> str | None:
    """The reason in the results why something that the names belong to was left out; None if nothing was."""
    omitted = values.get(OMITTED)
    reasons = [
        (str(measure), str(layer), str(reason))
        for measure, by_layer in (omitted.items() if isinstance(omitted, Mapping) else ())
        for layer, reason in by_layer.items()
    ]
    for path in paths:
        for measure, layer, reason in reasons:
            if any(str(part).startswith(measure) for part in path) and (layer == EVERYWHERE or layer in path):
                return reason
    return _not_run(paths, values)


def _not_run(paths: Iterable[Path], values: Values) -> str | None:
    """How many epochs ran, or will run, if a name is of an epoch that some replicates do not have; otherwise None."""
    numbers = [path[1] for path in paths if path[0] == "epochs" and len(path) > 1]
    last = max((number for number in numbers if isinstance(number, int)), default=0)
    match values:
        case {"ran": {"epochs": {"least": int(least), "most": int(most)}}}:
            return _ran(least, most) if last > least else None
        case {"training": {"epochs": int(asked)}}:
            return f"training.epochs is {asked}" if last > asked else None
    return None


def _ran(least: int, most: int) -> str:
    return (
        f"each replicate ran {counted(most, 'epoch')}" if least == most else f"replicates ran {least} to {most} epochs"
    )


def epochs_note(outcome: Outcome, used: Iterable[str]) -> list[str]:
    """For the terminal: that the number of epochs run is not the one set, unless the article gives the number."""
    asked, ran = outcome.main.condition.training.epochs, [len(replicate.run.epochs) for replicate in outcome.replicates]
    if min(ran) == max(ran) == asked or any(name.startswith("ran.") for name in used):
        return []
    said = _ran(min(ran), max(ran))
    names = "ran.epochs.least and .most"
    return [f"training.epochs is {asked}, but {said}; use {names} in the prose."]


def class_names_note(outcome: Outcome) -> list[str]:
    """For the terminal: that the data names its classes, but the article does not use these names."""
    source, declared = outcome.source, outcome.paper.data and outcome.paper.data.classes
    if not source or not source.class_names or declared or outcome.class_names == source.class_names:
        return []
    names, classes = counted(len(source.class_names), "name"), counted(outcome.dataset.classes, "class", "classes")
    why = f"there are {names} for {classes}"
    if not outcome.dataset.keeps_labels:
        why = "load_data() changed the test labels"
    return [f"The class names in the data are not used: {why}; set classes under [data] instead."]


def missing_exhibits(outcome: Outcome) -> dict[str, str]:
    """By name, why an exhibit is not available. Exhibits that are available are not included."""
    reasons = omitted_exhibits(outcome)
    if not outcome.figures.mistakes:
        reasons["mistakes"] = "the replicate shown made no mistakes"
    if outcome.paper.published is None:
        reasons["published"] = NOT_PUBLISHED
    return reasons | not_compared(outcome.paper)


def not_compared(paper: Paper) -> dict[str, str]:
    """Why there is no comparison of variants; empty if there is one."""
    if not paper.variants:
        return {VARIANTS: "paper.toml has no variants"}
    return {} if paper.comparison.columns else {VARIANTS: "[comparison] in paper.toml has no columns"}


def omitted_exhibits(outcome: Outcome) -> dict[str, str]:
    """By name, why the exhibit of a measure was left out."""
    measures, drawn = outcome.replicates[0].measures, outcome.figures
    reasons = {chart.name: chart.omissions for chart in drawn.charts if not chart.panels}
    of = {name: [one.reason for one in measures.omissions if one.measure == name] for name in ("field", "kernels")}
    if not measures.fields:
        reasons[FIELDS] = tuple(of["field"])
    if drawn.feature_maps is None:
        reasons["feature-maps"] = tuple(of["kernels"])
    if drawn.kernels is None:
        unseen = [TOO_MANY_INPUTS] if drawn.feature_maps else []
        reasons["kernels"] = tuple(of["kernels"] or unseen)
    return {name: listed(list(dict.fromkeys(why))) for name, why in reasons.items() if why}
