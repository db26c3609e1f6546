"""Why something that the prose names is not there: a measure or a figure that does not apply to the experiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.core.formatting import listed
from generator.prose.expressions import Values
from generator.records.results import Path
from generator.results.outcome import Outcome

FIELDS = "receptive-fields"
NOT_PUBLISHED = "paper.toml has no table [published]"
OMITTED, EVERYWHERE = "omitted", "all"


def omission(paths: Iterable[Path], values: Values) -> str | None:
    """Why a measure that one of the names is a part of was left out, as the results say; None if none was."""
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
    return None


def missing_exhibits(outcome: Outcome) -> dict[str, str]:
    """Why there is no exhibit of a name, by the name; of those that there are, nothing."""
    reasons = omitted_exhibits(outcome)
    if not outcome.figures.mistakes:
        reasons["mistakes"] = "the replicate shown makes none"
    if outcome.paper.published is None:
        reasons["published"] = NOT_PUBLISHED
    return reasons


def omitted_exhibits(outcome: Outcome) -> dict[str, str]:
    """Those of measures that were left out, in the same way."""
    measures, drawn = outcome.replicates[0].measures, outcome.figures
    reasons = {chart.name: chart.omissions for chart in drawn.charts if not chart.panels}
    of = {name: [one.reason for one in measures.omissions if one.measure == name] for name in ("field", "kernels")}
    if not measures.fields:
        reasons[FIELDS] = tuple(of["field"])
    if drawn.feature_maps is None:
        reasons["feature-maps"] = reasons["feature-maps-untrained"] = tuple(of["kernels"])
    if drawn.kernels is None:
        unseen = ["the first convolution reads too many channels for a picture"] if drawn.feature_maps else []
        reasons["kernels"] = tuple(of["kernels"] or unseen)
    return {name: listed(list(dict.fromkeys(why))) for name, why in reasons.items() if why}
