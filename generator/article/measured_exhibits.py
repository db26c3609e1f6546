"""The exhibits of what is measured over all replicates: the charts, and the table of receptive fields.

The figures stage draws the charts; this module only puts them into the article, as inline SVG.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.article.missing import FIELDS
from generator.core.formatting import dimensions, integer, interval, listed
from generator.records.article import Exhibit
from generator.records.charts import Chart
from generator.records.graph import Pair
from generator.records.measures import LayerMeasures, Measures
from generator.render.links import Links
from generator.render.templates import render

MAX_COUNTS = 5


def measured_exhibits(
    charts: Sequence[Chart], pictures: Mapping[str, bytes], measured: Sequence[Measures], links: Links
) -> list[Exhibit]:
    """The exhibits that apply to the experiment; `pictures` holds the SVG files that the charts name."""
    table = [receptive_fields(measured, links)] if measured[0].fields else []
    return [*(chart_exhibit(chart, pictures) for chart in charts if chart.panels), *table]


def chart_exhibit(chart: Chart, pictures: Mapping[str, bytes]) -> Exhibit:
    """The chart's panels, side by side if there is room, and the notes on what is left out."""
    panels = [pictures[panel.file].decode() for panel in chart.panels]
    html = render("exhibits/chart.html.j2", panels=panels, omissions=chart.omissions)
    count = "A chart" if len(panels) == 1 else "Charts"
    alt = f"{count}: {listed([panel.title for panel in chart.panels])}."
    return Exhibit(name=chart.name, kind="figure", html=html, alt=alt, shows=chart.shows)


def receptive_fields(measured: Sequence[Measures], links: Links) -> Exhibit:
    """By layer, the receptive field and stride in input pixels, and the number of dead channels in each replicate."""
    fields = {field.name: field for field in measured[0].fields}
    reasons = {one.layer or "": one.reason for one in measured[0].omissions if one.measure == "field"}
    rows = [
        {
            "layer": layer,
            "field": fields.get(layer.name),
            "size": _written_pair(fields[layer.name].size) if layer.name in fields else "",
            "stride": _written_pair(fields[layer.name].stride) if layer.name in fields else "",
            "reason": reasons.get(layer.name, ""),
            "trained": _counts([one.trained.layers[index] for one in measured]),
            "untrained": _counts([one.untrained.layers[index] for one in measured]),
        }
        for index, layer in enumerate(measured[0].trained.layers)
    ]
    shows = [f"hierarchy.{row.name}.{part}" for row in measured[0].trained.layers for part in ("field", "dead")]
    html, bound = links.render("exhibits/receptive-fields.html.j2", rows=rows)
    return Exhibit(name=FIELDS, kind="table", html=html, shows=tuple(shows), bound=bound)


def _written_pair(pair: Pair) -> str:
    """A pair as text: 14, or 14 × 9 if height and width differ."""
    return dimensions(pair[:1] if pair[0] == pair[1] else pair)


def _counts(layers: Sequence[LayerMeasures]) -> str:
    """The number of dead channels in each replicate, in the order of the seeds; a range if there are many."""
    counts = [len(layer.dead) for layer in layers if layer.dead is not None]
    if not counts:  # not measured, since the article does not show this table
        return ""
    if len(set(counts)) == 1:
        return integer(counts[0])
    if len(counts) > MAX_COUNTS:
        return interval(integer(min(counts)), integer(max(counts)))
    return ", ".join(map(integer, counts))
