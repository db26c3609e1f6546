"""What an article needs: only the measures that it names, of the conditions that it names them of."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.article.needs import needs
from generator.paper import Column, Comparison, load_paper
from generator.prose.prose import parse
from generator.records.analysis import Declared
from generator.records.condition import MAIN
from generator.records.measures import AFTER
from generator.records.needs import Needs

TOML = """\
title = "A paper"
authors = ["Ada Example"]
date = 2026-01-02
[variants.wide]
title = "Wide"
model = { width = 9 }
[variants.three-blocks]
title = "Deep"
model = { blocks = 3 }
"""
ALL = tuple(AFTER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "paper.toml").write_text(TOML)
    return tmp_path


def of(folder: Path, text: str, *columns: str) -> Needs:
    comparison = Comparison(columns=tuple(Column("A column", value) for value in columns))
    paper = replace(load_paper(folder, {}), comparison=comparison)
    return needs(parse(f"# A section\n\n{text}\n", folder / "article.md"), paper, (), ())


def measured(folder: Path, text: str, *columns: str) -> dict[str, tuple[str, ...]]:
    """The measures by condition, of those that need any."""
    return {name: stages for name, stages in of(folder, text, *columns).measures.items() if stages}


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("test.accuracy", ()),
        ("classes[0].recall", ()),
        ("hierarchy.conv.field.size", ()),
        ("hierarchy.conv.edge_energy.null.low", ()),
        ("omitted.kernels.conv", ()),
        ("hierarchy.conv.dead.trained", ("activity",)),
        ("hierarchy.conv.selectivity.difference.mean", ("activity",)),
        ("hierarchy.conv.probe_pca.trained.mean", ("probes",)),
        ("hierarchy.conv.probe_mean_shuffled.trained.mean", ("probes",)),
        ("probes.pixels.low", ("probes",)),
        ("omitted.probe.pixels", ("probes",)),
        ("hierarchy.conv.orientation.trained", ("activity", "orientation")),
        ("hierarchy['conv'].ablation_most.trained", ("activity", "ablation")),
        ("hierarchy.conv", ALL),
        ("hierarchy[layer].probe_pca.trained.mean", ALL),
        ("omitted", ALL),
    ],
)
def test_a_name_asks_for_the_stage_that_measures_it_and_what_that_rests_on(
    folder: Path, name: str, stages: tuple[str, ...]
) -> None:
    """What stands for many names may be any of them."""
    expected = {MAIN: stages} if stages else {}
    assert measured(folder, f"It is {{{{ {name} | percent }}}}.") == expected
    assert measured(folder, f'[So.]{{claim="{name} > 0"}}') == expected
    assert measured(folder, f"::: table own\n| A |\n| --- |\n| {{{{ {name} }}}} |\n\nIt.\n:::") == expected


@pytest.mark.parametrize(
    ("kind", "name", "stages"),
    [
        ("figure", "feature-maps", ("activity",)),
        ("table", "receptive-fields", ("activity",)),
        ("figure", "orientation", ("activity", "orientation")),
        ("figure", "probes", ("probes",)),
        ("figure", "selectivity", ("activity", "ablation")),
        ("figure", "architecture", ()),
        ("figure", "edge-energy", ()),
        ("figure", "learning-curves", ()),
        ("table", "confusion", ()),
    ],
)
def test_an_exhibit_asks_for_what_it_shows(folder: Path, kind: str, name: str, stages: tuple[str, ...]) -> None:
    assert measured(folder, f"::: {kind} {name}\nIt.\n:::") == ({MAIN: stages} if stages else {})


def test_the_explorer_is_needed_where_it_has_a_place(folder: Path) -> None:
    assert of(folder, "::: figure explorer\nIt.\n:::").explorer
    assert not of(folder, "Nothing.").explorer


@pytest.mark.parametrize("variant", ["wide", "three-blocks"])
def test_a_name_of_a_variant_asks_for_the_stage_of_that_variant_alone(folder: Path, variant: str) -> None:
    text = f"It is {{{{ variants['{variant}'].hierarchy.conv.probe_pca.trained.mean }}}}."
    assert measured(folder, text) == {variant: ("probes",)}


def test_a_difference_asks_for_the_stages_of_both_conditions(folder: Path) -> None:
    text = "It is {{ variants.wide.difference.hierarchy.conv.orientation.trained }}."
    assert measured(folder, text) == dict.fromkeys((MAIN, "wide"), ("activity", "orientation"))


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("variants.wide", ("wide",)),
        ("variants.wide.difference", (MAIN, "wide")),
        ("variants.wide.difference[which]", (MAIN, "wide")),
        ("variants[which].hierarchy.conv.dead.trained", (MAIN, "wide", "three-blocks")),
    ],
)
def test_a_name_that_may_be_any_asks_for_all(folder: Path, name: str, conditions: tuple[str, ...]) -> None:
    assert measured(folder, f"It is {{{{ {name} }}}}.") == dict.fromkeys(conditions, ALL)


def test_a_variant_that_is_not_there_asks_for_nothing(folder: Path) -> None:
    """It is told when the names are looked up."""
    assert measured(folder, "It is {{ variants.wiide.probes.pixels.mean }}.") == {}


@pytest.mark.parametrize("kind", ["table", "figure"])
def test_columns_ask_for_their_stages_of_every_condition_if_they_have_a_place(folder: Path, kind: str) -> None:
    columns = ("probes.pixels | percent", "test.accuracy | percent")
    assert measured(folder, "Nothing.", *columns) == {}
    everywhere = dict.fromkeys((MAIN, "wide", "three-blocks"), ("probes",))
    assert measured(folder, f"::: {kind} variants\nIt.\n:::", *columns) == everywhere


def test_figures_and_tables_of_the_author_need_what_their_code_mentions_of_every_condition(folder: Path) -> None:
    declared = [Declared("curve", "figure", 1), *(Declared(name, "measure", 2) for name in ("noise", "turns"))]
    paper, prose = load_paper(folder, {}), parse("# A\n\n::: figure curve\nIt.\n:::\n", folder / "article.md")
    for is_open, own in ((False, ("analysis-noise",)), (True, ("analysis-noise", "analysis-turns"))):
        found = needs(prose, paper, declared, {"noise", "probes"}, is_open)
        stages = dict.fromkeys((MAIN, "wide", "three-blocks"), ("probes", *own))
        assert (found.drawn, found.measures) == (("curve",), stages)


def test_the_comparison_is_made_only_where_it_has_a_place(folder: Path) -> None:
    assert of(folder, "::: table variants\nIt.\n:::", "test.accuracy").compared
    assert not of(folder, "Nothing.", "test.accuracy").compared
