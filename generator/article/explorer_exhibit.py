"""The explorer in the article: the figure with its controls, and the data blocks that its script reads.

The controls are in the HTML, so that nothing moves when the script starts. The data are base64 or JSON, at the end of
the page, after the text.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape

import msgspec

from generator.core.tiling import tile_columns
from generator.prose.numbering import Label
from generator.records.article import Exhibit
from generator.records.explorer import DrawingSettings, Exploration, Explorer
from generator.records.figures import Figures
from generator.render.links import Links
from generator.render.templates import render

NAME = "explorer"
INSTEAD = "fig:feature-maps"
"""The figure that shows the layers where the explorer cannot, by what references call it."""

BLOCKS = ("trained", "untrained", "images", "check")
MAX_CLASSES = 12  # that have a row of their own; of more, the most probable ones have
MAX_NUMBER = 3  # letters of a class that the columns for numbers have room for


def exhibit(
    explored: Exploration,
    drawing: DrawingSettings | None,
    labels: Mapping[str, Label],
    drawn: Figures,
    pictures: Mapping[str, bytes],
    class_names: Sequence[str],
    links: Links,
) -> Exhibit:
    """The explorer, and on paper a picture of the network at work; a sentence where there is no explorer.

    `pictures` holds the PNG files that `drawn` names; `class_names` are in the order of the labels.
    """
    static = _reference(labels[INSTEAD]) if INSTEAD in labels else ""
    if explored.explorer is None:
        return Exhibit(name=NAME, kind="figure", html=render("exhibits/explorer-absent.html.j2", static=static))
    printed, bound = links.render(
        "exhibits/explorer.html.j2",
        explorer=explored.explorer,
        drawing=drawing,
        instead=render(
            "exhibits/explorer-instead.html.j2", drawing=drawing, layers=explored.explorer.layers, static=static
        ),
        rows=min(explored.explorer.classes, MAX_CLASSES),
        class_names=class_names,
        is_named=max(map(len, class_names)) > MAX_NUMBER,
        grids=[_grid(explored.explorer.operations[layer.operation].shape) for layer in explored.explorer.layers],
    )
    if links.target == "print":
        printed = render(
            "exhibits/explorer-print.html.j2",
            drawing=drawing,
            figure=drawn.feature_maps,
            excerpts=drawn.excerpts,
            pictures=pictures,
            class_names=class_names,
        )
    return Exhibit(name=NAME, kind="figure", html=printed, shows=(NAME,), bound=bound)


def _reference(label: Label) -> str:
    """A link to a figure that has a number; nothing for one without."""
    return f'<a class="reference" href="#{escape(label.id)}">{escape(label.text)}</a>' if label.text else ""


def _grid(shape: tuple[int, ...]) -> str:
    """Width by height of a layer's tiles, for the style sheet to keep their room before the script draws them."""
    height, width, channels = shape
    columns = tile_columns(channels)
    return f"{columns * width} / {math.ceil(channels / columns) * height}"


def notes(explored: Exploration | None) -> list[str]:
    """For the terminal: why there is no explorer where the article has a place for it."""
    if explored is None or explored.explorer:
        return []
    return [f"The explorer is left out, because {explored.omission}."]


def blocks(
    explorer: Explorer, drawing: DrawingSettings | None, packed: Mapping[str, bytes], class_names: Sequence[str]
) -> dict[str, str]:
    """What the script reads, by the names of the data blocks; safe between script tags.

    `packed` is by name; `class_names` are in the order of the labels.
    """
    carried = {**msgspec.structs.asdict(explorer), "drawing": drawing, "class_names": class_names}
    network = msgspec.json.encode(carried).decode()
    files = {name: base64.b64encode(packed[name]).decode() for name in BLOCKS}
    return {"network": network.replace("<", "\\u003c"), **files}
