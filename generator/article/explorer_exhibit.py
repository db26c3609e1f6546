"""The explorer in the article: the figure with its controls, and the data blocks that its script reads.

The controls are in the HTML, so that nothing moves when the script starts. The data are base64 or JSON, at the end of
the page, after the text.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape

import msgspec

from generator.core.formatting import listed
from generator.prose.numbering import Label
from generator.records.article import Exhibit
from generator.records.explorer import DrawingSettings, Exploration, Explorer
from generator.render.links import Links
from generator.render.templates import render

NAME = "explorer"
INSTEAD = ("fig:feature-maps", "fig:feature-maps-untrained")
"""The figures that show the layers where the explorer cannot, by what references call them."""

BLOCKS = ("trained", "untrained", "images", "check")
MAX_CLASSES = 12  # that have a row of their own; of more, the most probable ones have


def exhibit(
    explored: Exploration, drawing: DrawingSettings | None, labels: Mapping[str, Label], links: Links
) -> Exhibit:
    """The explorer, and on paper a sentence in its place; the sentence alone where there is no explorer."""
    instead = [labels[name] for name in INSTEAD if name in labels]
    labelled = [f'<a class="reference" href="#{escape(label.id)}">{escape(label.text)}</a>' for label in instead]
    static, plural = listed(labelled), len(labelled) > 1
    if explored.explorer is None:
        absent = render("exhibits/explorer-absent.html.j2", static=static, plural=plural)
        return Exhibit(name=NAME, kind="figure", html=absent)
    layers = bool(explored.explorer.layers)
    said = render("exhibits/explorer-instead.html.j2", drawing=drawing, layers=layers, static=static, plural=plural)
    rows = min(explored.explorer.classes, MAX_CLASSES)
    html, bound = links.render(
        "exhibits/explorer.html.j2", explorer=explored.explorer, drawing=drawing, instead=said, rows=rows
    )
    html = said if links.target == "print" else html
    return Exhibit(name=NAME, kind="figure", html=html, shows=(NAME,), bound=bound)


def notes(explored: Exploration | None) -> list[str]:
    """For the terminal: why there is no explorer where the article has a place for it."""
    if explored is None or explored.explorer:
        return []
    return [f"The explorer is left out, because {explored.omission}."]


def blocks(explorer: Explorer, drawing: DrawingSettings | None, packed: Mapping[str, bytes]) -> dict[str, str]:
    """What the script reads, by the names of the data blocks; safe between script tags. `packed` is by name."""
    network = msgspec.json.encode({**msgspec.structs.asdict(explorer), "drawing": drawing}).decode()
    files = {name: base64.b64encode(packed[name]).decode() for name in BLOCKS}
    return {"network": network.replace("<", "\\u003c"), **files}
