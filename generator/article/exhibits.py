"""Exhibits: the output of a run as HTML, which the article numbers and captions.

Exhibits are accessible: tables have header cells, screen readers can read the logs, and pictures have alternative text
made from the same data. The article adds numbers, captions, and references; the style sheets control the appearance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.core.formatting import (
    FEW_REPLICATES,
    counted,
    integer,
    interval,
    listed,
    number,
    probability,
    significant,
)
from generator.core.tiling import averaged, stretch
from generator.records.article import Exhibit, Target
from generator.records.figures import FeatureMaps, Figures, Kernels, KernelSet, LayerMaps
from generator.records.published import Reproduction
from generator.records.run import Layer, Summary, Times
from generator.render.links import Links
from generator.render.templates import render

NETWORKS = {"trained": "network", "untrained": "untrained twin"}
"""What the networks with the two sets of weights are called."""


def architecture(summary: Summary, times: Times, links: Links) -> Exhibit:
    """The model's summary as a table, and below it the training log of one replicate, in Keras's format."""
    alt = (
        f"The {len(summary.layers)} layers of the network with their output shapes and parameters, "
        f"{integer(summary.total)} in total, and the log of its training."
    )
    html, bound = links.render(
        "exhibits/architecture.html.j2",
        rows=[_row(layer) for layer in summary.layers],
        totals=_totals(summary),
        branched=_is_branched(summary.layers),
        log=times.log,
    )
    return Exhibit(name="architecture", kind="figure", html=html, alt=alt, shows=("model",), bound=bound)


def pictured(
    drawn: Figures, pictures: Mapping[str, bytes], class_names: Sequence[str], target: Target
) -> Iterator[Exhibit]:
    """The feature maps and the kernels, if the figures stage has drawn them."""
    if drawn.feature_maps:
        yield feature_maps(drawn.feature_maps, drawn.untrained_maps, pictures, class_names, target)
    if drawn.kernels:
        yield kernels(drawn.kernels, pictures)


def feature_maps(
    trained: FeatureMaps,
    untrained: FeatureMaps | None,
    pictures: Mapping[str, bytes],
    class_names: Sequence[str],
    target: Target,
) -> Exhibit:
    """The input image, then every convolution and pooling layer in order of depth.

    On the page, readers can switch to the untrained twin; in the PDF, its maps are in an appendix. `pictures` holds the
    PNG files that the figures name, and `class_names` are in the order of the labels.
    """
    sets = {"trained": trained, "untrained": untrained} if untrained and target == "page" else {"trained": trained}
    layers = listed([layer.name for layer in trained.layers])
    twin = " A switch shows those of the untrained twin." if len(sets) > 1 else ""
    alt = f"{_alt_of_input(trained, 'network', class_names)} Then the feature maps of {layers}.{twin}"
    html = _maps(sets, pictures, class_names, is_twin_elsewhere=untrained is not None and target == "print")
    return Exhibit(name="feature-maps", kind="figure", html=html, alt=alt, shows=("image",))


def untrained_maps(figure: FeatureMaps, pictures: Mapping[str, bytes], class_names: Sequence[str]) -> str:
    """The maps of the untrained twin, for the appendix of the PDF."""
    return _maps({"untrained": figure}, pictures, class_names)


def _maps(
    sets: Mapping[str, FeatureMaps],
    pictures: Mapping[str, bytes],
    class_names: Sequence[str],
    is_twin_elsewhere: bool = False,
) -> str:
    """The maps of one or both networks; `sets` has the same keys as NETWORKS."""
    return render(
        "exhibits/feature-maps.html.j2",
        pictures=pictures,
        class_names=class_names,
        stretch_notes=stretch_notes,
        sets=[(name, NETWORKS[name], _alt_of_input(figure, NETWORKS[name], class_names), figure, _layers(name, figure))
              for name, figure in sets.items()],
        is_twin_elsewhere=is_twin_elsewhere,
    )  # fmt: skip


def _layers(name: str, figure: FeatureMaps) -> list[tuple[LayerMaps, str, list[str]]]:
    """Each layer with its alternative text and its notes, on stretched maps and on inactive channels."""
    whose = "" if name == "trained" else f" of the {NETWORKS[name]}"
    return [
        (layer, _alt_of_layer(layer, whose), [*shape_notes(layer.shape[0], layer.shape[1]), *_inactive(layer)])
        for layer in figure.layers
    ]


def stretched(height: int, width: int) -> list[str]:
    """The note on maps or kernels that are drawn stretched; empty if their values are squares."""
    return stretch_notes(stretch(height, width))


def shape_notes(height: int, width: int) -> list[str]:
    """The notes on maps or kernels in a picture: that they are stretched, and how many values are averaged."""
    counts = zip(averaged(height, width), ("rows", "columns"), strict=True)
    return [*stretched(height, width), *(f"every {integer(n)} {what} averaged" for n, what in counts if n > 1)]


def stretch_notes(cell: tuple[int, int]) -> list[str]:
    """The note on values that are drawn so many times as high and as wide as a square; empty if they are squares."""
    tall, wide = cell
    if tall * wide == 1:
        return []
    return [f"drawn {integer(tall)} times as high" if tall > 1 else f"drawn {integer(wide)} times as wide"]


def kernels(figure: Kernels, pictures: Mapping[str, bytes]) -> Exhibit:
    """The first convolution's kernels, trained and untrained, each set with its own scale."""
    sets = {"Trained": figure.trained, "Untrained": figure.untrained}
    height, width = figure.shape
    what = f"{integer(figure.count)} kernels of {height} by {width} for {integer(figure.inputs)} input channel"
    alt = f"The {what}{'s' if figure.inputs > 1 else ''} of the first convolution, after and before training."
    html = render(
        "exhibits/kernels.html.j2",
        figure=figure,
        pictures=pictures,
        sets=[(title, each, _alt_of_kernels(title, each, figure)) for title, each in sets.items()],
        stretched=shape_notes(height, width),
    )
    return Exhibit(name="kernels", kind="figure", html=html, alt=alt)


def published(comparisons: Sequence[Reproduction], links: Links) -> Exhibit:
    """Every published number beside the reproduced one, with the verdict; times are compared as a ratio."""
    rows = [(row, f"published.{row.name}", *_written_row(row), _power(row)) for row in comparisons]
    html, bound = links.render("exhibits/published.html.j2", rows=rows)
    return Exhibit(name="published", kind="table", html=html, shows=("published",), bound=bound)


def _written_row(row: Reproduction) -> tuple[str, str, str]:
    """The published value, the reproduced one, and the range expected for one more run.

    A metric has as many decimals as were published. If there are few replicates, their values replace the range.
    """
    if row.verdict == "not judged":
        return significant(row.published), significant(row.reproduced or 0), ""
    published = number(row.published, row.decimals)
    reproduced = "" if row.reproduced is None else number(row.reproduced, row.decimals)
    if row.low is None or row.high is None or row.low == row.high:
        return published, reproduced, ""
    if len(row.by_replicate) < FEW_REPLICATES:
        return published, reproduced, ", ".join(number(value, row.decimals) for value in row.by_replicate)
    return published, reproduced, interval(number(row.low, row.decimals), number(row.high, row.decimals))


def _power(row: Reproduction) -> str:
    """A remark on a number that is within the spread of few replicates; empty for all others."""
    if row.verdict != "within the spread" or len(row.by_replicate) >= FEW_REPLICATES:
        return ""
    width = significant((row.high or 0) - (row.low or 0))
    return f"of {counted(len(row.by_replicate), 'replicate')}, which is {width} wide: a weak test"


def keras_size(size: float) -> str:
    """A number of bytes in Keras's units: 611.91 KB."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{number(size, 2)} {unit}"
        size /= 1024
    return f"{number(size, 2)} PB"


def _row(layer: Layer) -> dict[str, str | int]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "shape": f"({', '.join(str(size) for size in layer.output_shape)})",
        "parameters": layer.parameters,
        "inputs": ", ".join(layer.inputs),
    }


def _totals(summary: Summary) -> list[tuple[str, int, str, str]]:
    """The label, count, size, and name of each total. Sizes are proportional, since all weights have one type."""
    counts = {
        "Total parameters": ("total", summary.total),
        "Trainable": ("trainable", summary.trainable),
        "Non-trainable": ("non_trainable", summary.non_trainable),
    }
    each = summary.bytes / summary.total if summary.total else 0
    return [(label, count, keras_size(count * each), name) for label, (name, count) in counts.items()]


def _is_branched(layers: tuple[Layer, ...]) -> bool:
    """Whether the table must show the inputs of each layer, because they are not always the layer above.

    The inputs of the first layer do not count: they are the image, which the table of a Sequential model does not list.
    """
    below = zip(layers, layers[1:], strict=False)
    return any(layer.inputs not in ((), (above.name,)) for above, layer in below)


def _inactive(layer: LayerMaps) -> list[str]:
    """Notes on inactive channels: the dead ones, then those silent for this image only."""
    channels = integer(layer.shape[2])
    silent = len(set(layer.silent) - set(layer.dead))
    said = []
    if layer.dead:
        said.append(f"{integer(len(layer.dead))} of {channels} channels dead")
    if silent:
        said.append(f"{integer(silent)} of {channels} silent for this image")
    return said


def _alt_of_input(figure: FeatureMaps, network: str, class_names: Sequence[str]) -> str:
    image = ", ".join([f"Test image {figure.index}", *stretch_notes(figure.input.stretch)])
    return (
        f"{image}, of class {class_names[figure.label]}, which the {network} assigns to class "
        f"{class_names[figure.predicted]} with probability {probability(figure.probability)}."
    )


def _alt_of_layer(layer: LayerMaps, whose: str) -> str:
    height, width, channels = layer.shape
    tiles = f"{integer(channels)} channel{'s' if channels != 1 else ''} of {height} by {width}"
    grid = f"in {layer.rows} row{'s' if layer.rows != 1 else ''} of up to {layer.columns}"
    span = f"activations on one scale from {significant(layer.low)} to {significant(layer.high)}"
    inactive = "; ".join(_inactive(layer)) or "no channel is dead or silent"
    drawn = ", ".join([tiles, *shape_notes(height, width), grid])
    return f"Feature maps of {layer.name} ({layer.kind}){whose}: {drawn}; {span}; {inactive}."


def _alt_of_kernels(title: str, drawn: KernelSet, figure: Kernels) -> str:
    beyond = f" {counted(drawn.beyond, 'weight').capitalize()} beyond it." if drawn.beyond else ""
    tiles = ", ".join([f"{title} kernels in rows of up to {figure.columns}", *shape_notes(*figure.shape)])
    return (
        f"{tiles}; weights on one scale from {significant(-drawn.high)}, "
        f"blue, to {significant(drawn.high)}, red; zero has no color.{beyond}"
    )
