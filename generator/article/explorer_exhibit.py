"""The explorer in the article: the figure with its controls, and the data blocks that its script reads.

The controls are in the HTML, so that the layout does not shift when the script starts. The data blocks are base64 or
JSON, at the end of the page, after the text. This module does not prepare the network; the explorer stage does.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape

import msgspec

from generator.article.exhibits import shape_notes, stretch_notes, stretched
from generator.core.tiling import stretch, tile_columns
from generator.prose.numbering import Label
from generator.records.article import Exhibit
from generator.records.explorer import DrawingSettings, Exploration, Explorer
from generator.records.figures import Figures
from generator.render.links import Links
from generator.render.templates import render

NAME = "explorer"
INSTEAD = "fig:feature-maps"
"""The label of the figure that shows the layers where the explorer cannot run."""

BLOCKS = ("trained", "untrained", "images", "check")
MAX_CLASSES = 12  # rows; if there are more classes, the most probable ones are shown
MAX_NUMBER = 3  # letters of a class name that fit into the columns for numbers


def exhibit(
    explored: Exploration,
    drawing: DrawingSettings | None,
    labels: Mapping[str, Label],
    drawn: Figures,
    pictures: Mapping[str, bytes],
    class_names: Sequence[str],
    links: Links,
) -> Exhibit:
    """The explorer on the page, or a picture of the network at work in the PDF; a sentence if there is no explorer.

    `pictures` holds the PNG files that `drawn` names; `class_names` are in the order of the labels.
    """
    static = _reference(labels[INSTEAD]) if INSTEAD in labels else ""
    if explored.explorer is None:
        return Exhibit(name=NAME, kind="figure", html=render("exhibits/explorer-absent.html.j2", static=static))
    shapes = [explored.explorer.operations[layer.operation].shape for layer in explored.explorer.layers]
    printed, bound = links.render(
        "exhibits/explorer.html.j2",
        explorer=explored.explorer,
        drawing=drawing,
        static=static,
        instead=render(
            "exhibits/explorer-instead.html.j2", drawing=drawing, layers=explored.explorer.layers, static=static
        ),
        rows=min(explored.explorer.classes, MAX_CLASSES),
        class_names=class_names,
        is_named=max(map(len, class_names)) > MAX_NUMBER,
        grids=[_grid(shape, tile_columns(shape[2])) for shape in shapes],
        image_ratio=_grid((*explored.explorer.size, 1), columns=1),
        image_notes=stretched(*explored.explorer.size),
        layer_notes=[stretched(*shape[:2]) for shape in shapes],
    )
    if links.target == "print":
        printed = render(
            "exhibits/explorer-print.html.j2",
            drawing=drawing,
            figure=drawn.feature_maps,
            excerpts=drawn.excerpts,
            stretch_notes=stretch_notes,
            layer_notes=[shape_notes(*excerpt.shape[:2]) for excerpt in drawn.excerpts],
            pictures=pictures,
            class_names=class_names,
        )
    return Exhibit(name=NAME, kind="figure", html=printed, shows=(NAME,), bound=bound)


def _reference(label: Label) -> str:
    """A link to a figure; empty if the figure has no number."""
    return f'<a class="reference" href="#{escape(label.id)}">{escape(label.text)}</a>' if label.text else ""


def _grid(shape: tuple[int, ...], columns: int) -> str:
    """The width and height of tiles, so that the style sheet can reserve space before they are drawn."""
    height, width, channels = shape
    tall, wide = stretch(height, width)
    return f"{columns * width * wide} / {math.ceil(channels / columns) * height * tall}"


def notes(explored: Exploration | None) -> list[str]:
    """For the terminal: why the article's explorer is left out; empty if it is not."""
    if explored is None or explored.explorer:
        return []
    return [f"The explorer is left out, because {explored.omission}."]


def blocks(
    explorer: Explorer, drawing: DrawingSettings | None, packed: Mapping[str, bytes], class_names: Sequence[str]
) -> dict[str, str]:
    """The content of the data blocks that the script reads, by name; safe between script tags.

    `packed` is by name; `class_names` are in the order of the labels.
    """
    carried = {**msgspec.structs.asdict(explorer), "drawing": drawing, "class_names": class_names}
    network = msgspec.json.encode(carried).decode()
    files = {name: base64.b64encode(packed[name]).decode() for name in BLOCKS}
    return {"network": network.replace("<", "\\u003c"), **files}
