"""The table of the variants: bound cells, and a best value that is marked only if it is told apart from all others."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace as changed
from scipy import stats

from generator.article import foreseen
from generator.article.comparison import comparison, faults
from generator.core.errors import Place, ReportError
from generator.paper import Column, Comparison, Paper, load_paper
from generator.prose.expressions import LATER
from generator.records.article import Exhibit
from generator.records.condition import Condition, Variant
from generator.records.results import Provenance, origins, tree
from generator.render.links import Links
from generator.results.outcome import ConditionOutcome, Outcome, Replicate
from generator.results.results import values
from tests.unit.article.test_foreseen import TRIAL
from tests.unit.article.test_writing import TOML, outcome, replicate
from tests.unit.article.test_writing import bare as unmeasured

PLACE = Place(Path("paper.toml"), 9)
MAIN = (980, 971, 992, 985, 977)
LIKE_MAIN = (981, 970, 993, 984, 979)
WORSE = (800, 792, 809, 806, 796)
WORST = (700, 693, 709, 704, 695)
ACCURACY = Column("Accuracy", "test.accuracy | percent", "most")


def made(folder: Path, columns: Sequence[Column], *measured: Sequence[int]) -> Outcome:
    """A study in which so many of 1000 images are classified correctly, by condition and replicate."""
    (folder / "paper.toml").write_text(TOML)
    names = [f"v{number}" for number in range(1, len(measured))]
    paper = changed(load_paper(folder, {}), comparison=Comparison("as it is", tuple(columns)))
    paper = changed(paper, variants={name: Variant(f"variant {name[1]}") for name in names})
    known = outcome(paper, (0,))
    conditions = [
        ConditionOutcome(
            Condition(name, f"variant {name[1:]}" if name else "as it is", {"n": number}, {}, paper.training),
            known.dataset,
            _of(counts),
        )
        for number, (name, counts) in enumerate(zip(["", *names], measured, strict=True))
    ]
    behind = {f"{stage} ({name})": one for name in names for stage, one in known.provenance.items()}
    return replace(
        known,
        main=conditions[0],
        variants=tuple(conditions[1:]),
        provenance=dict[str, Provenance](known.provenance) | behind,
    )


def _of(counts: Sequence[int]) -> tuple[Replicate, ...]:
    each = (replicate(seed, count, unmeasured(seed)) for seed, count in enumerate(counts))
    return tuple(replace(one, evidence=changed(one.evidence, images=1000)) for one in each)


def table(folder: Path, columns: Sequence[Column], *measured: Sequence[int]) -> Exhibit:
    study = made(folder, columns, *measured)
    named = values(study)
    known = origins(named, study.provenance)
    links = Links("page", {origin.name: origin for origin in known.values()})
    return comparison(study, tree(named), known, links, PLACE)


def marked(exhibit: Exhibit) -> list[tuple[int, int]]:
    """The cells that are marked, by row and column."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', exhibit.html)
    cells = [re.findall(r"<td.*?</td>", row) for row in rows]
    return [(row, column) for row, own in enumerate(cells) for column, cell in enumerate(own) if "<strong>" in cell]


def note(exhibit: Exhibit) -> str:
    return "".join(re.findall(r'<p class="note">(.*?)</p>', exhibit.html))


def test_every_cell_is_bound_to_the_results_of_its_condition(tmp_path: Path) -> None:
    columns = (changed(ACCURACY, best=None), Column("Parameters", "model.parameters.total | integer"))
    made = table(tmp_path, columns, MAIN, WORSE)
    assert re.findall(r'<th scope="(?:col|row)".*?>(.*?)</th>', made.html) == [
        "Condition", "Accuracy", "Parameters", "as it is", "variant 1",
    ]  # fmt: skip
    assert {"test.accuracy.mean", "variants.v1.test.accuracy.mean", "variants.v1.model.parameters.total"} < {
        *made.bound
    }
    assert made.html.count('value="1290"') == 2 and "1,290" in made.html
    assert ">98.1% (" in made.html and ">80.06% (" in made.html
    assert marked(made) == [] and note(made) == "", "no column says what is best"


def test_the_best_is_marked_if_it_is_told_apart_from_all_others(tmp_path: Path) -> None:
    made = table(tmp_path, [ACCURACY], WORSE, MAIN, WORST)
    assert marked(made) == [(1, 0)]
    how = "paired t-tests at 5%, adjusted for three comparisons by Holm’s method."
    assert note(made) == f"Bold: differs significantly from all other conditions, by {how}"


def test_the_best_is_not_marked_if_one_other_is_like_it(tmp_path: Path) -> None:
    made = table(tmp_path, [ACCURACY], WORSE, MAIN, LIKE_MAIN)
    assert marked(made) == []
    assert note(made).startswith("No condition differs significantly from all others, by paired t-tests at 5%, adj")


def test_the_least_is_the_best_where_less_is_better(tmp_path: Path) -> None:
    assert marked(table(tmp_path, [changed(ACCURACY, best="least")], WORSE, MAIN, WORST)) == [(2, 0)]


def test_conditions_are_compared_on_the_replicates_that_both_have(tmp_path: Path) -> None:
    """The main condition has the larger mean, by its other replicates; on the first three the variant is ahead."""
    main, variant = (500, 510, 490, 950, 951), (600, 611, 589)
    assert marked(table(tmp_path, [ACCURACY], main, variant)) == [(1, 0)]


def test_a_best_value_of_what_turns_out_to_be_no_quantity_is_refused(tmp_path: Path) -> None:
    """As of a name that is known only after the run, such as a measure of the author's without its last key."""
    with pytest.raises(
        ReportError, match=r"paper\.toml:9: The column \"Lost\" has a best value, but errors is not one"
    ):
        table(tmp_path, [Column("Lost", "errors", "most")], MAIN, WORSE)


def test_columns_with_one_heading_have_their_own_marks(tmp_path: Path) -> None:
    columns = [ACCURACY, changed(ACCURACY, best="least"), changed(ACCURACY, best=None)]
    made = table(tmp_path, columns, WORSE, MAIN, WORST)
    assert marked(made) == [(1, 0), (2, 1)]
    assert "adjusted for six comparisons" in note(made)


def test_all_pairs_of_all_columns_count_for_the_adjustment(tmp_path: Path) -> None:
    """Alone the difference would be told apart; of seven columns it is not."""
    main, other = (980, 971, 992, 985, 977), (976, 969, 984, 982, 972)
    p = float(stats.ttest_rel(main, other).pvalue)
    assert 0.05 / 7 < p < 0.05
    assert marked(table(tmp_path, [ACCURACY], main, other)) == [(0, 0)]
    assert marked(table(tmp_path, [ACCURACY] * 7, main, other)) == []


def test_one_replicate_tells_nothing_apart(tmp_path: Path) -> None:
    assert marked(table(tmp_path, [ACCURACY], MAIN[:1], WORSE[:1])) == []


def test_equal_conditions_are_not_told_apart(tmp_path: Path) -> None:
    assert marked(table(tmp_path, [ACCURACY], MAIN, MAIN)) == []


# --- before training -----------------------------------------------------------------------------


def told(folder: Path, *columns: Column) -> list[str]:
    paper = made(folder, columns, MAIN, WORSE).paper
    return [str(fault) for fault in faults(paper, foreseen.names(paper, {}, {}), PLACE, {})]


def test_a_column_with_an_unknown_name_is_told_once_with_its_line(tmp_path: Path) -> None:
    (fault,) = told(tmp_path, ACCURACY, Column("Lost", "test.acuracy | percent"))
    assert fault.startswith("paper.toml:9: ") and 'Did you mean "accuracy"?' in fault


def test_a_name_that_one_condition_lacks_is_told(tmp_path: Path) -> None:
    """`image` is of the main condition alone."""
    (fault,) = told(tmp_path, Column("Image", "image.index"))
    assert fault.startswith("paper.toml:9: ") and "image" in fault


@pytest.mark.parametrize("value", ["test.accuracy.mean | percent", "model.parameters.total", "1 - test.accuracy.mean"])
def test_a_best_value_of_what_is_not_one_quantity_is_refused(tmp_path: Path, value: str) -> None:
    (fault,) = told(tmp_path, Column("Lost", value, "least"))
    assert f'The column "Lost" has a best value, but {value} is not one quantity over replicates' in fault
    assert "or remove best" in fault


def test_a_best_value_of_what_is_not_known_yet_is_not_refused(tmp_path: Path) -> None:
    """The metrics are known only when the model has been built."""
    assert told(tmp_path, Column("Loss", "final.loss | number(3)", "least"), ACCURACY) == []


def test_a_best_validation_metric_of_different_images_is_refused(tmp_path: Path) -> None:
    column = Column("Loss", "final.val_loss | number(3)", "least")
    paper, trial = made(tmp_path, (column,), MAIN, WORSE).paper, msgspec.structs.replace(TRIAL, metrics=("val_loss",))
    trials = dict.fromkeys(("", "v1"), trial)
    for validated, count in ({"": "a", "v1": "a"}, 0), ({"": "a", "v1": "b"}, 1):
        told = list(faults(paper, foreseen.names(paper, {}, trials, (), validated), PLACE, validated))
        assert [str(fault).count("the conditions validate on different images") for fault in told] == [1] * count


def test_columns_without_variants_have_no_faults() -> None:
    paper = Paper(
        "A paper", (), datetime.date(2026, 1, 2), comparison=Comparison(columns=(Column("A", "no.such.name"),))
    )
    assert list(faults(paper, {"test": LATER}, PLACE, {})) == []


def test_the_note_says_on_which_replicates_conditions_of_different_numbers_are_compared(tmp_path: Path) -> None:
    shared = "on the replicates that both have"
    assert shared in table(tmp_path, [ACCURACY], MAIN, WORSE[:3]).html
    assert shared not in table(tmp_path, [ACCURACY], MAIN, WORSE).html
