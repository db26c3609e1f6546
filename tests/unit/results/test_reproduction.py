"""Published against reproduced: verdicts worked out by hand, and errors that a table holds by itself."""

from __future__ import annotations

import math
import statistics
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.errors import Place, ReportError
from generator.records.published import Agreement, Published, PublishedEpoch, Reproduction
from generator.records.run import Curve, Epoch, Layer, Run, Summary, Times
from generator.results.reproduction import COUNTED, inconsistencies, reproductions, values

COUNTS = {"c1": 320, "c2": 9248, "c3": 18496, "c4": 36928, "c5": 73856, "d1": 16512, "d2": 1290}
CHANNELS = {"c1": 32, "c2": 32, "c3": 64, "c4": 64, "c5": 128, "d1": 128, "d2": 10}
TOTAL = 156650


def summary(counts: dict[str, int] | None = None) -> Summary:
    counts = counts or COUNTS
    layers = [Layer("in", "InputLayer", (None, 28, 28, 1), 0, 0, ())]
    for name, count in counts.items():
        kind, shape = ("Conv2D", (None, 3, 3)) if name.startswith("c") else ("Dense", (None,))
        layers.append(Layer(name, kind, (*shape, CHANNELS[name]), count, count, (layers[-1].name,)))
    total = sum(counts.values())
    return Summary(tuple(layers), total, total, 0, 4 * total, "")


def runs(*metrics: float, epochs: int = 1) -> list[Run]:
    made = (
        (seed, (Epoch(1875, {"accuracy": metric, "loss": metric}),) * epochs) for seed, metric in enumerate(metrics)
    )
    return [Run(seed, summary(), (), passed, Curve((), {}), "probabilities") for seed, passed in made]


def times(count: int, seconds: float = 10.0) -> list[Times]:
    return [Times((seconds,), seconds, ()) for _ in range(count)]


def compared(published: Published, *metrics: float) -> dict[str, Reproduction]:
    rows = reproductions(published, runs(*metrics or (0.5,)), times(len(metrics) or 1), Path("paper.toml"))
    return {row.name: row for row in rows}


def epoch(metrics: dict[str, float | str], *times: float) -> PublishedEpoch:
    """Metrics as paper.toml has them: those with zeros at their ends are given as text."""
    return PublishedEpoch({name: Decimal(str(value)) for name, value in metrics.items()}, *times)


def of_metric(name: str, value: float | str, *metrics: float) -> Reproduction:
    return compared(Published(epochs=(epoch({name: value}),)), *metrics)[f"epochs.1.{name}"]


def test_a_row_that_its_total_and_its_shape_rule_out_is_found_unaided() -> None:
    rows = compared(Published(parameters=COUNTS | {"c4": 96928}, total=TOTAL))
    wrong = {name: row for name, row in rows.items() if row.verdict == "internally inconsistent"}
    assert list(wrong) == ["parameters.c4"]
    assert wrong["parameters.c4"].expected == 36928
    assert wrong["parameters.c4"].reason == (
        "the rows do not add up to the table’s own total; the layer’s shape cannot have this number"
    )
    assert {row.verdict for name, row in rows.items() if name not in wrong} == {"equal"}


def test_a_row_that_only_its_total_rules_out_is_found() -> None:
    found = inconsistencies(Published(parameters=COUNTS | {"c4": 64 * (25 * 64 + 1)}, total=TOTAL), summary())
    assert found == {"c4": (36928, "the rows do not add up to the table’s own total")}


@pytest.mark.parametrize(("row", "count"), [("c4", 96928), ("c5", 73857), ("d2", 1291), ("d1", 128 * 257)])
def test_a_row_is_accused_by_its_shape_only_if_the_rows_do_not_add_up_to_the_total(row: str, count: int) -> None:
    rows = COUNTS | {row: count}
    for total in (None, sum(rows.values())):
        assert inconsistencies(Published(parameters=rows, total=total), summary()) == {}
        assert compared(Published(parameters=rows, total=total))[f"parameters.{row}"].verdict == "outside the spread"


def test_a_table_of_a_network_with_other_layer_sizes_is_not_called_inconsistent() -> None:
    rows = COUNTS | {"c5": 96 * (9 * 64 + 1), "d1": 128 * 97}
    found = compared(Published(parameters=rows, total=sum(rows.values())))
    differing = {"parameters.c5", "parameters.d1", "total"}
    assert {name for name, row in found.items() if row.verdict == "outside the spread"} == differing
    assert not [name for name, row in found.items() if row.verdict == "internally inconsistent"]


def test_no_row_is_accused_if_putting_it_right_does_not_give_the_total() -> None:
    rows = COUNTS | {"c5": 96 * (9 * 64 + 1), "d1": 128 * 97}
    found = inconsistencies(Published(parameters=rows, total=sum(rows.values()) + 7), summary())
    assert found == {"": (sum(rows.values()), "the rows do not add up to the table’s own total")}


@pytest.mark.parametrize(("count", "is_possible"), [(321, False), (320, True), (32 * 26, True)])
def test_a_convolution_of_the_images_is_judged_by_its_output_channels(count: int, is_possible: bool) -> None:
    whole = summary()
    sequential = replace(whole, layers=whole.layers[1:])
    rows = COUNTS | {"c1": count, "c2": 32 * (25 * 32 + 1)}  # c2 is another layer, and the sum is right but for c1
    total = sum((rows | {"c1": 320}).values())
    found = inconsistencies(Published(parameters=rows, total=total), sequential)
    both = "the rows do not add up to the table’s own total; the layer’s shape cannot have this number"
    if count == 320:
        assert found == {}
    else:
        assert found.get("c1") == (None if is_possible else (320, both))


def test_a_wrong_total_is_found() -> None:
    rows = compared(Published(parameters=COUNTS, total=TOTAL + 1))
    total = rows["total"]
    assert (total.verdict, total.expected) == ("internally inconsistent", TOTAL)
    assert {row.verdict for name, row in rows.items() if name != "total"} == {"equal"}


@given(st.dictionaries(st.sampled_from(sorted(COUNTS)), st.integers(1, 10**6)))
def test_a_row_that_is_as_its_layer_needs_is_never_accused(changes: dict[str, int]) -> None:
    rows = COUNTS | changes
    found = inconsistencies(Published(parameters=rows, total=TOTAL), summary())
    assert all(rows[name] != COUNTS[name] for name in found if name)


@given(st.integers(1, 9), st.integers(0, 1), st.integers(1, 9))
def test_a_consistent_table_of_another_network_is_not_accused(side: int, bias: int, other: int) -> None:
    rows = COUNTS | {"c4": 64 * (side * side * 64 + bias), "c5": 128 * (other * other * 64 + bias)}
    assert inconsistencies(Published(parameters=rows, total=sum(rows.values())), summary()) == {}


def test_rows_that_leave_layers_out_are_not_added_up() -> None:
    assert inconsistencies(Published(parameters={"c1": 320}, total=TOTAL), summary()) == {}


def test_a_layer_of_a_kind_without_a_rule_is_not_judged_by_its_shape() -> None:
    layers = (
        Layer("in", "InputLayer", (None, 8, 8, 3), 0, 0, ()),
        Layer("norm", "BatchNormalization", (None, 8, 8, 3), 12, 6, ("in",)),
    )
    assert inconsistencies(Published(parameters={"norm": 13}), Summary(layers, 12, 6, 6, 48, "")) == {}


def test_a_count_that_differs_is_outside_for_it_has_no_spread() -> None:
    row = compared(Published(steps=1874))["steps"]
    assert (row.verdict, row.reproduced) == ("outside the spread", 1875)


@pytest.mark.parametrize(
    ("published", "verdict"),
    [(2.0, "equal"), (2.04, "within the spread"), (28.6, "within the spread"), (28.8, "outside the spread"),
     (0.12, "within the spread"), (0.09, "outside the spread"), (-1.0, "outside the spread")],
)  # fmt: skip
def test_a_metric_is_within_if_one_further_run_would_be_expected_there(published: float, verdict: str) -> None:
    # On the scale of logarithms the mean is ln(6)/3 and half the width 4.303 × 0.5555 × √(4/3): 0.115 to 28.7.
    logs = [0.0, math.log(2), math.log(3)]
    half = 4.302652729911275 * statistics.stdev(logs) * math.sqrt(4 / 3)
    row = of_metric("loss", published, 1.0, 2.0, 3.0)
    assert row.verdict == verdict
    assert (row.reproduced, row.low, row.high) == pytest.approx(
        (2.0, math.exp(statistics.fmean(logs) - half), math.exp(statistics.fmean(logs) + half))
    )
    assert row.by_replicate == (1.0, 2.0, 3.0)


def test_no_further_run_is_expected_beyond_what_an_accuracy_can_be() -> None:
    row = of_metric("accuracy", 0.99, 0.995, 0.95, 0.998)
    assert row.verdict == "within the spread"
    assert row.low is not None and row.high is not None
    assert 0 < row.low < 0.95 and 0.998 < row.high < 1


def test_a_published_number_is_held_against_the_limits_as_they_are_printed() -> None:
    row = of_metric("accuracy", 1.0, 0.995, 0.95, 0.999)
    assert row.high is not None and row.high < 1
    assert (row.decimals, row.verdict) == (1, "equal")
    epochs = (epoch({"accuracy": "1.0000", "loss": 0.1234}),)
    rows = {row.name: row for row in reproductions(
        Published(epochs=epochs), runs(0.9950, 0.95, 0.99995), times(3), Path("p"))}  # fmt: skip
    row = rows["epochs.1.accuracy"]
    assert (row.decimals, row.verdict) == (4, "within the spread")


@pytest.mark.parametrize("measured", [(0.99, 0.95, 1.0), (0.98, 0.98, 0.98)])
def test_replicates_that_give_no_limits_leave_a_number_undecided(measured: tuple[float, ...]) -> None:
    row = of_metric("accuracy", 0.97, *measured)
    assert (row.verdict, row.low, row.high) == ("undecided", None, None)
    assert row.reason == ("all replicates are equal" if len(set(measured)) == 1 else "")


@pytest.mark.parametrize(("published", "verdict"), [(0.8886, "equal"), (0.8887, "undecided")])
def test_one_replicate_has_no_spread_to_judge_by(published: float, verdict: str) -> None:
    row = of_metric("accuracy", published, 0.88864)
    assert (row.verdict, row.low, row.high) == (verdict, None, None)


def test_a_metric_is_judged_with_the_decimals_that_its_author_wrote() -> None:
    published = Published(epochs=(epoch({"accuracy": 0.98, "loss": 0.9844}),))
    rows = compared(published, 0.9841, 0.984101)
    assert [(row.decimals, row.verdict) for row in rows.values()] == [(2, "equal"), (4, "outside the spread")]
    assert of_metric("accuracy", "0.9800", 0.9841, 0.984101).verdict == "outside the spread"


def test_a_time_is_a_ratio_and_never_judged() -> None:
    rows = compared(Published(epochs=(PublishedEpoch(seconds=40, milliseconds_per_step=32),)), 0.5, 0.5)
    assert {row.verdict for row in rows.values()} == {"not judged"}
    assert rows["epochs.1.seconds"].ratio == 0.25
    assert rows["epochs.1.milliseconds_per_step"].ratio == pytest.approx(10_000 / 1875 / 32)


def test_an_epoch_that_was_not_run_is_said_and_not_dropped() -> None:
    epochs = (PublishedEpoch(), epoch({"accuracy": 0.9}, 144.0))
    rows = compared(Published(epochs=epochs))
    assert {name: row.verdict for name, row in rows.items()} == {
        "epochs.2.accuracy": "not run",
        "epochs.2.seconds": "not run",
    }


def test_rows_that_name_no_layer_or_metric_are_refused_all_at_once(tmp_path: Path) -> None:
    toml = tmp_path / "paper.toml"
    toml.write_text("[published]\ntotal = 1\n\n[published.parameters]\nc1 = 320\nc9 = 3\n[[published.epochs]]\n")
    published = Published(parameters={"c1": 320, "c9": 3}, epochs=(epoch({"acuracy": 1.0}),))
    with pytest.raises(ReportError) as caught:
        reproductions(published, runs(0.5), times(1), toml)
    assert f"{Place(toml, 6)}: published.parameters.c9 is not a layer of the network. " in str(caught.value)
    assert f"{Place(toml, 7)}: Epoch 1 of [published] has acuracy, which the network does not measure." in str(
        caught.value
    )
    assert 'Did you mean "accuracy"?' in str(caught.value)


def test_the_prose_can_say_how_the_comparison_came_out() -> None:
    published = Published(parameters=COUNTS | {"c4": 96928}, total=TOTAL)
    named = {value.name: value.value for value in values(published, list(compared(published).values()))}
    assert named["published.inconsistent.count"] == 1
    assert named["published.inconsistent.names"] == "c4"
    assert named["published.equal.count"] == 7
    assert named["published.rows"] == 8
    assert named["published.sum"] == 216650
    assert named["published.parameters.c4.expected"] == 36928
    assert named["published.parameters.c4.published"] == 96928


def test_an_epoch_that_one_replicate_did_not_reach_is_not_run() -> None:
    published = Published(epochs=(epoch({"loss": 0.5}), epoch({"loss": 0.5}, 1.0)))
    ran = [*runs(0.5, epochs=2), *runs(0.5)]
    rows = reproductions(published, ran, [*times(1), Times((1.0, 1.0), 2.0, ())], Path("paper.toml"))
    assert {row.name: row.verdict for row in rows} == {
        "epochs.1.loss": "equal", "epochs.2.loss": "not run", "epochs.2.seconds": "not run",
    }  # fmt: skip


def test_the_counts_of_all_verdicts_add_up_to_the_rows() -> None:
    epochs = (epoch({"accuracy": 0.9, "loss": 0.5}, 10.0, 5.0), epoch({"loss": 0.4}, 9.0))
    published = Published(parameters=COUNTS | {"c4": 96928}, total=TOTAL, steps=1874, epochs=epochs)
    rows = list(compared(published, 0.91, 0.92, 0.93).values())
    named = {value.name: value.value for value in values(published, rows)}
    counts = {name: named[f"published.{name}.count"] for name in COUNTED}
    assert sum(counts.values()) == named["published.rows"] == len(rows)  # type: ignore[arg-type]
    assert counts["not_judged"] == 2 and counts["not_run"] == 2
    assert set(COUNTED.values()) == set(get_args(Agreement))
