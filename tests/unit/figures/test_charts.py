"""Charts are drawn from measures: legible in any colors, the same each time, and with their data in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec.structs import replace

from generator.figures.charts import draw
from generator.figures.plotting import KEY_CHARACTER, REPLICATE, WIDTH, key_columns
from generator.figures.svg import NAMESPACE
from generator.records.charts import Chart
from generator.records.measures import Measures, Network, Probe, Probing
from generator.records.run import Curve
from tests.support.measuring import measures, run, unmeasured

NAMES = ["learning-curves", "edge-energy", "orientation", "probes", "selectivity"]


def drawn(*measured: Measures) -> tuple[dict[str, Chart], dict[str, bytes]]:
    charts, files = draw([run(one.seed) for one in measured], measured)
    return {chart.name: chart for chart in charts}, files


def alone(measured: Measures, *names: str) -> Measures:
    """With only these measures of the layers, so that no other chart is drawn of them."""
    others = dict.fromkeys({"probe_mean", "probe_pca", "orientation", "selectivity"} - set(names))

    def cut(network: Network) -> Network:
        return Network(tuple(replace(layer, **others) for layer in network.layers), None)

    return replace(measured, trained=cut(measured.trained), untrained=cut(measured.untrained), ablation=())


def drawn_alone(name: str, *measured: Measures) -> dict[str, bytes]:
    """The files of the charts of one measure, without the course of the training."""
    return draw([run(one.seed, ()) for one in measured], [alone(one, name) for one in measured])[1]


def title(svg: bytes) -> str:
    return ElementTree.fromstring(svg).findtext(f"{{{NAMESPACE}}}title") or ""


def texts(svg: bytes) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{{{NAMESPACE}}}text")]


@pytest.fixture(scope="module")
def three() -> tuple[dict[str, Chart], dict[str, bytes]]:
    return drawn(*(measures(seed) for seed in range(3)))


@pytest.fixture(scope="module")
def five() -> dict[str, bytes]:
    """The files of five replicates, which are enough for intervals."""
    return drawn(*(measures(seed) for seed in range(5)))[1]


def test_every_chart_has_its_panels_and_every_panel_its_file(three: tuple[dict[str, Chart], dict[str, bytes]]) -> None:
    charts, files = three
    assert list(charts) == NAMES
    assert [len(chart.panels) for chart in charts.values()] == [2, 2, 2, 2, 2]
    assert [panel.file for chart in charts.values() for panel in chart.panels] == list(files)
    assert all(not chart.omissions for chart in charts.values())


def test_titles_and_keys_end_within_their_panel(five: dict[str, bytes]) -> None:
    """With five replicates, there are intervals, which the key names."""
    for name, svg in five.items():
        written = [text for text in ElementTree.fromstring(svg).iter(f"{{{NAMESPACE}}}text") if "x" in text.attrib]
        begun = [text for text in written if text.attrib["text-anchor"] == "start"]
        assert begun and all(
            float(text.attrib["x"]) + len(str(text.text)) * KEY_CHARACTER <= WIDTH for text in begun
        ), name


@pytest.mark.parametrize(("last", "columns"), [("mean, interval", 2), ("mean and 95% interval", 1)])
def test_a_key_has_as_many_columns_as_fit(last: str, columns: int) -> None:
    """The second column begins after the longest name of the first."""
    assert key_columns(["random kernels, 95%", "random kernels, mean", "each replicate", last]) == columns


def test_a_chart_is_drawn_with_the_same_bytes_each_time(three: tuple[dict[str, Chart], dict[str, bytes]]) -> None:
    assert drawn(*(measures(seed) for seed in range(3)))[1] == three[1]


def test_charts_take_the_color_of_the_text_and_no_box_is_behind_them(
    three: tuple[dict[str, Chart], dict[str, bytes]],
) -> None:
    for svg in three[1].values():
        assert b"currentColor" in svg
        for leftover in (b"#000000", b"#ffffff", b"<style", b"style=", b"metadata", b"Matplotlib", b"DejaVu", b"<?xml"):
            assert leftover not in svg, leftover


def test_an_id_is_in_the_page_once_and_only_if_it_is_referred_to(
    three: tuple[dict[str, Chart], dict[str, bytes]],
) -> None:
    page = b"".join(three[1].values()).decode()
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {
        link.lstrip("#") for link in re.findall(r'href="([^"]+)"|url\((#\w+)\)', page) for link in link if link
    } == set(ids)


def test_the_alternative_has_the_data(three: tuple[dict[str, Chart], dict[str, bytes]]) -> None:
    files = three[1]
    assert "trained a 51.00%, b 51.00%; untrained a 26.00%, b 26.00%" in title(files["probe-mean.svg"])
    assert "Raw pixels: 75.00%" in title(files["probe-mean.svg"])
    energy = title(files["edge-energy.svg"])
    assert "untrained 0.4, 0.41, 0.42; trained 0.65, 0.66, 0.67" in energy
    assert "Random kernels: 0.444, 95% between 0.35 and 0.55" in energy
    assert "Validation after epoch 2: 0.25, 0.375, 0.5." in title(files["learning-loss.svg"])


def test_a_curve_ends_where_its_replicate_did() -> None:
    """The second replicate stopped after the first of two epochs."""
    longer, shorter = run(0), run(1)
    curve = Curve(shorter.curve.steps[:2], {name: points[:2] for name, points in shorter.curve.metrics.items()})
    shorter = msgspec.structs.replace(shorter, epochs=shorter.epochs[:1], curve=curve)
    charts, files = draw([shorter, longer], [unmeasured(0), unmeasured(1)])
    told = title(files["learning-loss.svg"])
    assert "over 10 to 20 steps, by replicate: first 0.25, 0.5, last 0.1667, 0.125." in told
    assert "Validation after epoch 1: 0.375, 0.25. Validation after epoch 2: 0.25 (1 of 2 replicates)." in told


def test_text_is_text_and_names_the_layers_in_depth_order(three: tuple[dict[str, Chart], dict[str, bytes]]) -> None:
    found = texts(three[1]["orientation.svg"])
    assert found.index("a") < found.index("b")
    assert {"Orientation selectivity", "trained", "untrained", "Layer", "Mean over channels"} <= set(found)


def test_a_single_replicate_has_no_intervals() -> None:
    files = drawn_alone("orientation", measures(0))
    assert not bars(files["orientation.svg"])
    assert not marks(files["orientation.svg"])


def bars(svg: bytes) -> list[ElementTree.Element]:
    """The error bars, one for each line and layer."""
    paths = ElementTree.fromstring(svg).iter(f"{{{NAMESPACE}}}path")
    return [path for path in paths if path.get("stroke-width") == "1.2" and path.get("fill") == "none"]


def marks(svg: bytes) -> list[ElementTree.Element]:
    """The short strokes, one for each replicate of each line and layer, and that of the key."""
    uses = ElementTree.fromstring(svg).iter(f"{{{NAMESPACE}}}use")
    return [use for use in uses if use.get("stroke-width") == str(REPLICATE["markeredgewidth"])]


def test_few_replicates_are_drawn_one_by_one_and_more_with_error_bars(five: dict[str, bytes]) -> None:
    few = drawn_alone("orientation", *(measures(seed) for seed in range(4)))["orientation.svg"]
    many = five["orientation.svg"]
    assert not bars(few) and len(marks(few)) == 2 * 2 * 4 + 1
    assert "each replicate" in texts(few) and "each replicate" not in texts(many)
    assert len(bars(many)) == 2 * 2 and not marks(many)


def test_replicates_that_give_no_interval_are_drawn_one_by_one_however_many_they_are(five: dict[str, bytes]) -> None:
    assert not marks(five["class-selectivity.svg"])
    same = [replace(measures(0), seed=seed) for seed in range(5)]
    equal = drawn_alone("selectivity", *same)["class-selectivity.svg"]
    assert not bars(equal) and len(marks(equal)) == 2 * 2 * 5 + 1


def test_what_does_not_apply_has_no_panels_but_a_reason() -> None:
    charts, files = drawn(unmeasured(0))
    assert {name: bool(chart.panels) for name, chart in charts.items()} == {
        name: name == "learning-curves" for name in NAMES
    }
    assert charts["probes"].omissions == ("the network has no layers",)
    assert set(files) == {"learning-loss.svg", "learning-accuracy.svg"}


def test_a_training_without_accuracy_shows_its_loss() -> None:
    charts, _ = draw([run(0, ("loss",))], [unmeasured(0)])
    assert [panel.title for panel in charts[0].panels] == ["Loss by training step"]
    charts, _ = draw([run(0, ())], [unmeasured(0)])
    assert charts[0].omissions == ("no loss or accuracy was recorded while training",)


def test_every_metric_noted_has_a_curve_and_the_loss_is_first() -> None:
    charts, files = draw([run(0, ("top_k_accuracy", "loss"))], [unmeasured(0)])
    assert [panel.title for panel in charts[0].panels] == ["Loss by training step", "Top k error by training step"]
    assert {"learning-loss.svg", "learning-top_k_accuracy.svg"} <= set(files)


def test_names_of_any_kind_are_written_as_they_are() -> None:
    names = ["$x$", "<b>&amp;", "层", "a_rather_long_name_of_a_layer"]
    found = texts(drawn_alone("probe_pca", measures(0, names), measures(1, names))["probe-pca.svg"])
    assert set(names) <= set(found)


def test_a_share_beyond_the_end_of_a_scale_is_drawn_at_the_end_and_the_label_says_so() -> None:
    def labels(accuracy: float) -> list[str]:
        pixels = Probing(100, 100, 100, 2, Probe(accuracy, 0.1), Probe(0.75, 0.1))
        probed = [replace(measures(seed), probing=pixels) for seed in range(2)]
        return texts(drawn_alone("probe_mean", *probed)["probe-mean.svg"])

    assert "≥ 99.9%" in labels(1.0) and "99.9%" not in labels(1.0)
    assert not any(label.startswith("≥") for label in labels(0.999))


def test_of_sixty_layers_not_all_are_named_and_none_is_left_out() -> None:
    names = [f"block{number}_convolution" for number in range(60)]
    files = drawn_alone("orientation", measures(0, names), measures(1, names))
    named = [text for text in texts(files["orientation.svg"]) if text.startswith("block")]
    assert 10 < len(named) < 40
    assert all(f"{name} 0." in title(files["orientation.svg"]) for name in names)
