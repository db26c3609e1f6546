"""Exhibits are real text, made from records, with alternatives that say what the pictures show."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec.structs import replace

from generator.article.exhibits import architecture, feature_maps, keras_size, kernels, published, untrained_maps
from generator.records.figures import FeatureMaps, Kernels, KernelSet, LayerMaps, Picture
from generator.records.published import Agreement, Reproduction
from generator.records.run import Layer, Summary, Times
from generator.render.links import Links

LINKS = Links("page", {})
NUMBERS = tuple(map(str, range(40)))
"""What classes without names are called."""

PNG = b"\x89PNG stands for a picture"
LOG = ("Epoch 1/1", "12/12 ━━━━━━━━━━ 1s 9ms/step - accuracy: 0.9098 - loss: 0.2945")


def summary(*, branched: bool = False, name: str = "wide") -> Summary:
    rows = (
        Layer(name="in", kind="InputLayer", output_shape=(None, 8, 8, 1), parameters=0, trainable=0, inputs=()),
        Layer(
            name=name,
            kind="Conv2D",
            output_shape=(None, 6, 6, 4),
            parameters=40,
            trainable=40,
            inputs=("in",),
        ),
        Layer(
            name="norm",
            kind="BatchNormalization",
            output_shape=(None, 6, 6, 4),
            parameters=16,
            trainable=8,
            inputs=("in", name) if branched else (name,),
        ),
    )
    return Summary(layers=rows, total=1536, trainable=1528, non_trainable=8, bytes=6144, text="")


def times(*log: str) -> Times:
    return Times(epoch_seconds=(1.0,), total_seconds=1.0, log=log or LOG)


def maps(name: str = "wide", dead: tuple[int, ...] = (), silent: tuple[int, ...] = ()) -> LayerMaps:
    return LayerMaps(
        name=name,
        kind="convolution",
        shape=(6, 7, 4),
        columns=4,
        rows=1,
        low=0.0,
        high=3.7149,
        scale="sequential",
        picture=Picture(file="maps.png", width=400, height=100),
        color_bar=Picture(file="bar.png", width=251, height=12),
        dead=dead,
        silent=silent,
    )


def figure(*layers: LayerMaps, probability: float = 0.875) -> FeatureMaps:
    return FeatureMaps(
        seed=0,
        index=12,
        label=3,
        predicted=5,
        probability=probability,
        input=Picture(file="input.png", width=224, height=224),
        layers=layers or (maps(),),
    )


PICTURES = {"maps.png": PNG, "bar.png": PNG + b" of a bar", "input.png": PNG + b" of the input"}


def parsed(html: str) -> ElementTree.Element:
    """The exhibit as a tree; pictures are closed, so that XML can read what HTML allows."""
    closed = re.sub(r"<(img|input)([^>]*)>", r"<\1\2/>", html.replace(" checked", ""))
    return ElementTree.parse(io.StringIO(closed)).getroot()


def texts(element: ElementTree.Element, path: str) -> list[str]:
    return [" ".join("".join(found.itertext()).split()) for found in element.findall(path)]


def test_the_summary_is_a_table_with_header_cells_for_rows_and_columns() -> None:
    table = parsed(architecture(summary(), times(), LINKS).html).find("div/table")
    assert table is not None
    assert texts(table, "thead//th") == ["Layer", "Kind", "Output shape", "Parameters"]
    assert {cell.get("scope") for cell in table.findall("thead//th")} == {"col"}
    assert texts(table, "tbody//th[@scope='row']") == ["in", "wide", "norm"]
    assert texts(table, "tbody/tr[2]/*") == ["wide", "Conv2D", "(None, 6, 6, 4)", "40"]


def test_the_totals_stand_in_the_foot_with_their_sizes_as_keras_prints_them() -> None:
    table = parsed(architecture(summary(), times(), LINKS).html)
    assert [texts(row, "*") for row in table.findall("div/table/tfoot/tr")] == [
        ["Total parameters (6.00 KB)", "1,536"],
        ["Trainable (5.97 KB)", "1,528"],
        ["Non-trainable (32.00 B)", "8"],
    ]


def test_a_branched_network_says_what_each_layer_reads() -> None:
    table = parsed(architecture(summary(branched=True), times(), LINKS).html)
    assert texts(table, "div/table/thead//th")[3] == "Inputs"
    assert texts(table, "div/table/tbody/tr[3]/td")[2] == "in, wide"
    widths = [sum(int(cell.get("colspan", 1)) for cell in row) for row in table.findall("div/table//tr")]
    assert set(widths) == {5}


def test_a_table_that_begins_below_the_input_says_no_more_than_one_that_has_it() -> None:
    whole = summary()
    table = parsed(architecture(msgspec.structs.replace(whole, layers=whole.layers[1:]), times(), LINKS).html)
    assert "Inputs" not in texts(table, "div/table/thead//th")


def test_classes_with_names_are_called_by_them() -> None:
    exhibit = feature_maps(figure(), None, PICTURES, [f"sort {number}" for number in NUMBERS], "page")
    assert re.search(r"of class sort \d, which the network assigns to class sort \d with", exhibit.alt)
    assert re.search(r"class sort \d\. The network predicts\s+sort \d with", exhibit.html)


def test_the_log_keeps_kerass_own_lines() -> None:
    exhibit = parsed(architecture(summary(), times(), LINKS).html)
    assert ["".join(line.itertext()) for line in exhibit.findall("pre/span")] == list(LOG)


def test_layer_names_and_log_lines_are_text_and_never_markup() -> None:
    hostile = "<b>bold</b>\"'&"
    pair = (
        architecture(summary(name=hostile), times(hostile), LINKS),
        feature_maps(figure(maps(name=hostile)), None, PICTURES, NUMBERS, "page"),
    )
    for exhibit in pair:
        tree = parsed(exhibit.html)
        assert hostile in "".join(tree.itertext())
        assert "bold" not in texts(tree, ".//b")


def test_every_picture_says_which_layer_it_shows_and_on_what_scale() -> None:
    tree = parsed(feature_maps(figure(maps(dead=(1, 2), silent=(1, 2, 3))), None, PICTURES, NUMBERS, "page").html)
    shown, bar = tree.findall(".//div[@class='layer']//img")
    assert shown.get("alt") == (
        "Feature maps of wide (convolution): 4 channels of 6 by 7, in 1 row of up to 4; activations on one "
        "scale from 0 to 3.715; 2 of 4 channels dead; 1 of 4 silent for this image."
    )
    assert all(image.get("alt") for image in tree.iter("img"))
    assert (bar.get("width"), bar.get("height")) == ("251", "12")


def test_the_whole_is_described_by_its_image_and_its_layers_in_order() -> None:
    exhibit = feature_maps(figure(maps("a"), maps("b"), maps("c")), None, PICTURES, NUMBERS, "page")
    assert exhibit.alt == (
        "Test image 12, of class 3, which the network assigns to class 5 with probability 0.875. "
        "Then the feature maps of a, b, and c."
    )
    assert texts(parsed(exhibit.html), ".//div[@class='layer']/p/b") == ["a", "b", "c"]


def test_names_shapes_and_ranges_are_printed_as_text() -> None:
    tree = parsed(feature_maps(figure(), None, PICTURES, NUMBERS, "page").html)
    assert texts(tree, ".//div[@class='layer']/p[@class='head']/*") == ["wide", "convolution", "6 × 7 × 4"]
    assert texts(tree, ".//div[@class='layer']/p[@class='scale']/span") == ["0", "3.715"]


def test_stretched_maps_are_said_to_be() -> None:
    long = msgspec.structs.replace(maps(), shape=(3, 240, 4))
    html = feature_maps(figure(long), None, PICTURES, NUMBERS, "page").html
    assert '<span class="note">drawn 20 times as high</span>' in html
    assert "4 channels of 3 by 240, drawn 20 times as high, in 1 row" in html
    assert "times as" not in feature_maps(figure(), None, PICTURES, NUMBERS, "page").html


@pytest.mark.parametrize(("shape", "averaged"), [((2000, 1, 4), "every 5 rows"), ((1, 2000, 4), "every 5 columns")])
def test_maps_whose_values_are_averaged_are_said_to_be(shape: tuple[int, int, int], averaged: str) -> None:
    long = msgspec.structs.replace(maps(), shape=shape)
    html = feature_maps(figure(long), None, PICTURES, NUMBERS, "page").html
    direction = "high" if shape[0] == 1 else "wide"
    assert f'<span class="note">drawn 500 times as {direction}; {averaged} averaged</span>' in html
    assert f"drawn 500 times as {direction}, {averaged} averaged, in 1 row" in html


def test_a_stretched_image_is_said_to_be_where_it_is_seen_and_where_it_is_read_out() -> None:
    long = msgspec.structs.replace(figure(), input=Picture("input.png", 240, 60, stretch=(20, 1)))
    exhibit = feature_maps(long, None, PICTURES, NUMBERS, "page")
    assert "Test image 12, class 3, drawn 20 times as high. The network" in exhibit.html
    assert exhibit.alt.startswith("Test image 12, drawn 20 times as high, of class 3, which")
    assert 'alt="Test image 12, drawn 20 times as high, of class 3, which' in exhibit.html


def test_stretched_kernels_are_said_to_be() -> None:
    html = kernels(msgspec.structs.replace(kernel_figure(), shape=(1, 9)), PICTURES).html
    assert '<span class="note">drawn 3 times as high</span>' in html
    assert 'alt="Trained kernels in rows of up to 8, drawn 3 times as high; weights' in html


def test_dead_channels_are_stated_and_the_cross_explained_only_where_there_are_any() -> None:
    with_dead = feature_maps(figure(maps(dead=(1, 2))), None, PICTURES, NUMBERS, "page").html
    without = feature_maps(figure(), None, PICTURES, NUMBERS, "page").html
    assert "2 of 4 channels dead" in with_dead and "crossed-out tile" in with_dead
    assert "dead" not in without.replace("no channel is dead", "")


def test_a_probability_is_not_rounded_to_certainty() -> None:
    assert "probability over 0.999" in feature_maps(figure(probability=0.99998), None, PICTURES, NUMBERS, "page").html
    assert "probability over 0.999" in feature_maps(figure(probability=1.0), None, PICTURES, NUMBERS, "page").html


def test_pictures_are_inside_the_exhibit() -> None:
    html = feature_maps(figure(), None, PICTURES, NUMBERS, "page").html
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    assert [base64.b64decode(text) for text in found] == [PICTURES[n] for n in ("input.png", "maps.png", "bar.png")]


def test_exhibits_carry_the_names_by_which_an_author_calls_them() -> None:
    pair = (architecture(summary(), times(), LINKS), feature_maps(figure(), None, PICTURES, NUMBERS, "page"))
    assert [(exhibit.name, exhibit.kind) for exhibit in pair] == [
        ("architecture", "figure"),
        ("feature-maps", "figure"),
    ]
    assert pair[0].alt.startswith("The 3 layers of the network") and "1,536 in total" in pair[0].alt


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0.00 B"), (626600, "611.91 KB"), (3 * 1024**2, "3.00 MB"), (2.0**51, "2.00 PB")]
)
def test_sizes_are_written_as_keras_writes_them(size: float, text: str) -> None:
    assert keras_size(size) == text


def test_a_summary_without_parameters_has_totals_of_zero() -> None:
    empty = msgspec.structs.replace(summary(), total=0, trainable=0, non_trainable=0, bytes=0)
    assert architecture(empty, times(), LINKS).html.count("0.00 B") == 3


def test_the_page_switches_between_the_maps_of_the_network_and_those_of_its_twin() -> None:
    exhibit = feature_maps(figure(maps("a")), figure(maps("a")), PICTURES, NUMBERS, "page")
    tree = parsed(exhibit.html)
    assert texts(tree, "fieldset/label") == ["after training", "before training"]
    assert [part.get("class") for part in tree.findall("div")] == ["set trained", "set untrained"]
    assert exhibit.alt.endswith("Then the feature maps of a. A switch shows those of the untrained twin.")


def test_on_paper_the_maps_of_the_twin_are_in_an_appendix() -> None:
    exhibit = feature_maps(figure(maps("a")), figure(maps("a")), PICTURES, NUMBERS, "print")
    assert "untrained" not in exhibit.html and 'href="#appendix:twin"' in exhibit.html


def test_the_untrained_twins_maps_have_the_same_layout_and_say_whose_they_are() -> None:
    hostile = "<b>bold</b>\"'&"
    tree = parsed(untrained_maps(figure(maps(hostile), maps("b")), PICTURES, NUMBERS))
    layers = tree.findall(".//div[@class='layer']/img[@class='maps']")
    assert all("of the untrained twin" in (image.get("alt") or "") for image in layers)
    assert len(layers) == 2 and hostile in "".join(tree.itertext())
    assert "The untrained twin predicts 5" in " ".join("".join(tree.itertext()).split())


def kernel_figure(inputs: int = 1) -> Kernels:
    picture = Picture(file="maps.png", width=436, height=216)
    return Kernels(
        shape=(3, 3),
        inputs=inputs,
        count=32,
        columns=8,
        trained=KernelSet(high=0.3772, beyond=0, picture=picture),
        untrained=KernelSet(high=0.1407, beyond=2, picture=picture),
        color_bar=Picture(file="bar.png", width=251, height=12),
    )


def test_kernels_stand_in_two_sets_each_with_its_printed_range() -> None:
    exhibit = kernels(kernel_figure(), PICTURES)
    tree = parsed(exhibit.html)
    assert texts(tree, "div/p/b") == ["Trained", "Untrained"]
    assert texts(tree, "div/p[@class='scale']/span") == [
        "−0.3772", "0.3772", "−0.1407", "0.1407", "two weights beyond the scale"
    ]  # fmt: skip
    assert all(image.get("alt") for image in tree.iter("img"))
    assert (
        exhibit.alt
        == "The 32 kernels of 3 by 3 for 1 input channel of the first convolution, after and before training."
    )


def test_kernels_of_color_say_that_they_have_a_row_for_each_channel() -> None:
    exhibit = kernels(kernel_figure(inputs=3), PICTURES)
    assert "one row for each of 3 input channels" in exhibit.html and "3 input channels of the first" in exhibit.alt


def test_a_published_number_below_zero_has_a_minus_sign_in_every_column() -> None:
    row = Reproduction(
        ("epochs", 1, "score"),
        "Score",
        -1234.5,
        "within the spread",
        -1230.25,
        -1240.0,
        -1220.0,
        decimals=1,
        by_replicate=(-1230.0,) * 5,
    )
    cells = texts(parsed(published([row], Links("page", {})).html), ".//tbody/tr/td")
    assert cells[:2] == ["−1,234.5", "−1,230.2 (−1,240.0 to −1,220.0)"]


def test_a_small_number_has_a_power_of_ten_in_a_table_too() -> None:
    row = Reproduction(("epochs", 1, "seconds"), "Time", 4.3e-6, "not judged", 8.6e-6, ratio=2.0)
    cells = texts(parsed(published([row], Links("page", {})).html), ".//tbody/tr/td")
    assert cells == ["4.3 × 10⁻⁶", "8.6 × 10⁻⁶", "ratio of 2"]


def row(verdict: Agreement, *measured: float) -> Reproduction:
    return Reproduction(
        ("epochs", 1, "loss"), "Loss", 0.05, verdict, 0.04, 0.012, 0.136, decimals=4, by_replicate=measured
    )


def test_a_number_within_the_spread_of_few_replicates_is_said_to_be_a_weak_test_with_the_width() -> None:
    few, many = row("within the spread", 0.03, 0.04, 0.05), row("within the spread", *[0.03, 0.05] * 3)
    html = [" ".join(re.sub("<[^>]*>", "", published([one], Links("page", {})).html).split()) for one in (few, many)]
    assert "0.0400 (0.0300, 0.0400, 0.0500)" in html[0]
    assert "within the spread of three replicates, which is 0.124 wide: a weak test" in html[0]
    assert "0.0400 (0.0120 to 0.1360)" in html[1] and html[1].endswith("within the spread")


def test_why_a_number_is_undecided_is_said() -> None:
    undecided = replace(row("undecided", 0.04, 0.04), low=None, high=None, reason="all replicates are equal")
    html = " ".join(re.sub("<[^>]*>", "", published([undecided], Links("page", {})).html).split())
    assert html.endswith("0.0400 undecided: all replicates are equal")
