"""The chart of the variants: a panel for each column that shows one quantity, a point for each replicate."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace as changed

from generator.figures import comparison
from generator.figures.svg import NAMESPACE
from generator.paper import Column
from generator.records.charts import Chart
from generator.results.outcome import ConditionOutcome
from tests.unit.article.test_comparison import MAIN, WORSE, made
from tests.unit.figures.test_charts import title

ACCURACY = Column("Test accuracy", "test.accuracy|percent")
LOSS = Column("Loss", "final.loss | number(3)", "least")
OTHERS = (
    Column("Parameters", "model.parameters.total | integer"),
    Column("Mean", "test.accuracy.mean | percent"),
    Column("Change", "final.loss.mean - epochs[1].loss.mean"),
)


@pytest.fixture
def conditions(tmp_path: Path) -> list[ConditionOutcome]:
    study = made(tmp_path, (), MAIN, WORSE)
    return [study.main, *study.variants]


def drawn(conditions: list[ConditionOutcome], *columns: Column) -> tuple[Chart, dict[str, bytes]]:
    main, *variants = conditions
    return comparison.compared(main, variants, columns)


def test_each_column_of_one_quantity_has_a_panel_and_no_other_has(conditions: list[ConditionOutcome]) -> None:
    chart, files = drawn(conditions, OTHERS[0], ACCURACY, *OTHERS[1:], LOSS)
    assert [(panel.file, panel.title) for panel in chart.panels] == [
        ("variants-2.svg", "Test accuracy"),
        ("variants-5.svg", "Loss"),
    ]
    assert set(files) == {"variants-2.svg", "variants-5.svg"}
    assert chart.omissions == ()
    assert chart.shows == ("variants.v1.test.accuracy", "variants.v1.final.loss")


def test_without_such_a_column_the_chart_says_why_it_is_empty(conditions: list[ConditionOutcome]) -> None:
    chart, files = drawn(conditions, *OTHERS)
    assert (chart.panels, files) == ((), {})
    assert chart.omissions == ("no column shows one quantity that was measured on replicates",)


def test_every_replicate_is_told_in_words_as_the_column_writes_it(conditions: list[ConditionOutcome]) -> None:
    (svg,) = drawn(conditions, ACCURACY)[1].values()
    assert title(svg) == (
        "Test accuracy by condition, each replicate. "
        "as it is: 98.00%, 97.10%, 99.20%, 98.50%, and 97.70%; variant 1: 80.00%, 79.20%, 80.90%, 80.60%, and 79.60%."
    )


def test_percentage_points_are_drawn_as_the_column_writes_them(conditions: list[ConditionOutcome]) -> None:
    """Not as shares, a hundred times as small as in the table."""
    (svg,) = drawn(conditions, Column("Difference", "test.accuracy | points"))[1].values()
    assert title(svg).endswith("variant 1: 80.00, 79.20, 80.90, 80.60, and 79.60.")
    numbers = {float(text) for text in re.findall(r">([\d.]+)</text>", svg.decode())}
    assert len(numbers) > 1 and min(numbers) > 1


def test_every_replicate_is_a_point(conditions: list[ConditionOutcome]) -> None:
    """Ten points of replicates, and the two means beside them."""
    (svg,) = drawn(conditions, ACCURACY)[1].values()
    uses = list(ElementTree.fromstring(svg).iter(f"{{{NAMESPACE}}}use"))
    assert len(uses) >= 12


def test_conditions_are_labeled_with_their_titles_and_long_ones_make_the_rows_higher(
    conditions: list[ConditionOutcome],
) -> None:
    main, variant = conditions
    words = "with training images that are turned by up to forty-five degrees"
    many = [
        replace(variant, condition=changed(variant.condition, name=f"v{number}", title=f"{words}, {number}"))
        for number in range(6)
    ]
    (short,) = drawn(conditions, ACCURACY)[1].values()
    (long,) = drawn([main, *many], ACCURACY)[1].values()
    written = "".join(ElementTree.fromstring(long).itertext())
    assert "as it is" in written and all(word in written for word in words.split())
    heights = [float(ElementTree.fromstring(svg).attrib["viewBox"].split()[3]) for svg in (short, long)]
    assert heights[1] > heights[0] + 6 * 5 * 13 / 2


def test_equal_conditions_give_equal_bytes(conditions: list[ConditionOutcome]) -> None:
    assert drawn(conditions, ACCURACY, LOSS) == drawn(conditions, ACCURACY, LOSS)


def test_the_key_explains_intervals_also_where_only_a_variant_has_one(tmp_path: Path) -> None:
    """The main condition has too few replicates for an interval, as may happen the other way round."""
    for measured in ((MAIN, WORSE[:2]), (MAIN[:2], WORSE)):
        study = made(tmp_path, (), *measured)
        (svg,) = drawn([study.main, *study.variants], ACCURACY)[1].values()
        assert svg.count(b">mean, interval<") == 1
