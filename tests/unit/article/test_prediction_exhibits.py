"""What the network predicts, as exhibits: tables are read as trees, pictures by their alternatives."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from generator.article.prediction_exhibits import MAX_CLASSES, MAX_PAIRS, MAX_TURNED, classes, confusion, mistakes
from generator.records.figures import Picture
from generator.records.measures import ClassScore, Measures, Mistake, Network, Predictions
from generator.records.results import Origin
from generator.render.links import Links
from generator.results.intervals import of_replicates
from generator.results.measure_values import of_class, values
from tests.unit.article.test_exhibits import LINKS, NUMBERS, parsed, texts

Rows = tuple[tuple[int, ...], ...]
ONE: Rows = ((8, 2, 0), (1, 9, 0), (0, 3, 7))
OTHER: Rows = ((10, 0, 0), (2, 8, 0), (0, 5, 5))
ANIMALS = ("cat", "dog", "giraffe")


def predictions(rows: Rows, made: tuple[Mistake, ...] = ()) -> Predictions:
    named = [sum(row[label] for row in rows) for label in range(len(rows))]
    scores = tuple(
        ClassScore(
            label,
            sum(row),
            row[label] / named[label] if named[label] else None,
            row[label] / sum(row) if sum(row) else None,
        )
        for label, row in enumerate(rows)
    )
    return Predictions(rows, scores, made)


def diagonal(size: int) -> list[list[int]]:
    return [[9 if row == column else 0 for column in range(size)] for row in range(size)]


def frozen(rows: list[list[int]]) -> Rows:
    return tuple(map(tuple, rows))


def table(html: str) -> ElementTree.Element:
    found = parsed(f"<div>{html}</div>").find(".//table")
    assert found is not None
    return found


def test_the_matrix_sums_the_replicates_and_has_header_cells_for_rows_and_columns() -> None:
    exhibit = confusion([predictions(ONE), predictions(OTHER)], NUMBERS)
    assert exhibit and (exhibit.name, exhibit.kind) == ("confusion", "table")
    found = table(exhibit.html)
    assert texts(found, "thead/tr[1]/th") == ["True class", "Predicted class; images, all replicates together"]
    assert texts(found, "thead/tr[2]/th[@scope='col']") == ["0", "1", "2"]
    assert texts(found, "tbody/tr/th[@scope='row']") == ["0", "1", "2"]
    assert [texts(row, "td") for row in found.findall("tbody/tr")] == [
        ["18", "2", "0"], ["3", "17", "0"], ["0", "8", "12"]
    ]  # fmt: skip


def test_the_diagonal_is_bold_and_has_a_class_of_its_own() -> None:
    exhibit = confusion([predictions(ONE)], NUMBERS)
    assert exhibit
    found = table(exhibit.html)
    assert texts(found, "tbody/tr/td/b") == ["8", "9", "7"]
    for label, row in enumerate(found.findall("tbody/tr")):
        marked = ["right" in (cell.get("class") or "").split() for cell in row.findall("td")]
        assert marked == [place == label for place in range(3)]


def test_the_matrix_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    exhibit = confusion([predictions(ONE)], NUMBERS)
    assert exhibit
    box = parsed(exhibit.html)
    assert (box.get("role"), box.get("tabindex"), box.get("aria-label")) == ("region", "0", "Confusion matrix")


def test_the_alternative_says_how_many_are_right_and_what_is_confused_most() -> None:
    exhibit = confusion([predictions(ONE), predictions(OTHER)], NUMBERS)
    assert exhibit and exhibit.alt == (
        "Confusion matrix, of 3 classes, all replicates together: 47 of 60 predictions are right. "
        "Most often, 8 times, class 2 is mistaken for 1."
    )


def test_a_network_without_mistakes_has_a_matrix_all_the_same() -> None:
    exhibit = confusion([predictions(frozen(diagonal(2)))], NUMBERS)
    assert exhibit and exhibit.alt.endswith("18 of 18 predictions are right. No class is mistaken for another.")


def test_as_many_classes_as_are_legible_stand_in_a_matrix_and_more_as_pairs() -> None:
    few = confusion([predictions(frozen(diagonal(MAX_CLASSES)))], NUMBERS)
    assert few and len(table(few.html).findall("tbody/tr")) == MAX_CLASSES
    rows = diagonal(MAX_CLASSES + 1)
    rows[3][20], rows[0][1] = 6, 1
    many = confusion([predictions(frozen(rows)), predictions(frozen(rows))], NUMBERS)
    assert many and many.alt.startswith("The pairs of classes that are confused most, of 21 classes")
    found = table(many.html)
    assert texts(found, "thead//th") == [
        "True class", "Mistaken for", "Images, all replicates together", "Share of the class"
    ]  # fmt: skip
    assert [texts(row, "*") for row in found.findall("tbody/tr")] == [
        ["3", "20", "12", "40.0%"],
        ["0", "1", "2", "10.0%"],
    ]
    assert len(found.findall("tbody/tr/th[@scope='row']")) == 2


def test_of_many_pairs_only_the_most_confused_are_listed() -> None:
    rows = [[9 if row == column else row for column in range(30)] for row in range(30)]
    exhibit = confusion([predictions(frozen(rows))], NUMBERS)
    assert exhibit
    found = table(exhibit.html)
    assert texts(found, "tbody/tr/th") == ["29"] * MAX_PAIRS


def test_many_classes_without_a_mistake_have_no_table_of_confusions() -> None:
    assert confusion([predictions(frozen(diagonal(MAX_CLASSES + 1)))], NUMBERS) is None


def test_scores_are_means_with_what_each_of_few_replicates_gave_bound_to_their_results() -> None:
    named = [f"classes.{label}.{score}.mean" for label in range(3) for score in ("precision", "recall")]
    origins = {name: Origin(name, 0.5, "evidence", None, "c" * 64, "d" * 64) for name in named}
    exhibit = classes([predictions(ONE), predictions(OTHER)], NUMBERS, Links("page", origins))
    assert exhibit and (exhibit.name, exhibit.kind) == ("classes", "table")
    found = table(exhibit.html)
    assert texts(found, "thead/tr/th[@scope='col']") == ["Class", "Test images", "Precision", "Recall"]
    assert texts(found, "tbody/tr[1]/*") == ["0", "10", "86.1% (88.9%, 83.3%)", "90% (80%, 100%)"]
    assert [link.get("href") for link in found.iter("a")] == [f"#value:{name}" for name in named]
    assert exhibit.bound == tuple(named)


def test_scores_of_five_replicates_have_the_limits_of_their_counts() -> None:
    replicates = [predictions(rows) for rows in (ONE, OTHER, ONE, OTHER, ONE)]
    exhibit = classes(replicates, NUMBERS, Links("page", {}))
    scored = of_class("recall", 0, dict(enumerate(replicates)))
    assert exhibit and scored and scored.trials == dict.fromkeys(range(5), 10)
    recall = texts(table(exhibit.html), "tbody/tr[1]/td")[2]
    low, high = of_replicates(scored).low, of_replicates(scored).high
    assert low is not None and high is not None and high < 1
    assert recall == f"88% ({low:.0%} to {high:.0%})"
    precision = of_class("precision", 0, dict(enumerate(replicates)))
    assert precision and precision.trials == {0: 9, 1: 12, 2: 9, 3: 12, 4: 9}


def test_scores_of_one_replicate_have_wilsons_interval_for_their_images() -> None:
    exhibit = classes([predictions(ONE)], NUMBERS, LINKS)
    written = ["89% (57% to 98%)", "80% (49% to 94%)"]  # of 8 in 9 and 8 in 10 images
    assert exhibit and texts(table(exhibit.html), "tbody/tr[1]/td") == ["10", *written]
    assert "undefined" not in exhibit.html


def test_a_class_that_some_replicate_never_predicts_has_no_precision_and_no_bound_number() -> None:
    exhibit = classes([predictions(((3, 0), (2, 0))), predictions(((3, 0), (0, 2)))], NUMBERS, LINKS)
    assert exhibit
    found = table(exhibit.html)
    assert texts(found, "tbody/tr[2]/td")[1] == "undefined"
    assert found.findall("tbody/tr[2]/td[2]/data") == []
    assert "Precision is undefined for a class that a replicate never predicts." in exhibit.html
    assert "Recall is undefined" not in exhibit.html


def test_a_class_without_test_images_has_no_recall_and_the_table_says_so() -> None:
    exhibit = classes([predictions(((0, 0), (1, 2)))], NUMBERS, LINKS)
    assert exhibit and texts(table(exhibit.html), "tbody/tr[1]/td") == ["0", "0% (0% to 79%)", "undefined"]
    assert "Recall is undefined for a class without test images." in exhibit.html
    assert "Precision is undefined" not in exhibit.html


def test_records_without_classes_have_neither_table() -> None:
    empty = [Predictions((), (), ())]
    assert confusion(empty, NUMBERS) is None and classes(empty, NUMBERS, LINKS) is None


def test_every_mistake_is_an_image_with_its_labels_in_type() -> None:
    made = (Mistake(259, 6, 0, 0.99971), Mistake(12, 4, 9, 0.75))
    drawn = tuple(Picture(file=f"{rank}.png", width=112, height=112) for rank in (1, 2))
    exhibit = mistakes(made, drawn, {"1.png": b"one", "2.png": b"two"}, NUMBERS)
    items = parsed(exhibit.html).findall("div[@role='listitem']")
    assert [item.find("img").get("alt") for item in items] == [  # type: ignore[union-attr]
        "Test image 259, of class 6", "Test image 12, of class 4"
    ]  # fmt: skip
    assert [texts(item, "span") for item in items] == [
        ["6 mistaken for 0", "over 0.999"],
        ["4 mistaken for 9", "0.750"],
    ]
    assert exhibit.alt == (
        "The most confident mistakes of one replicate: class 6 mistaken for 0 with probability over 0.999; "
        "class 4 mistaken for 9 with probability 0.750."
    )


def test_stretched_mistakes_are_said_to_be() -> None:
    drawn = (Picture("1.png", 240, 60, stretch=(20, 1)),)
    html = mistakes((Mistake(12, 4, 9, 0.75),), drawn, {"1.png": b"one"}, NUMBERS).html
    assert 'alt="Test image 12, of class 4, drawn 20 times as high"' in html
    assert html.endswith('</div>\n<p class="note">The images are drawn 20 times as high.</p>\n')


def test_the_columns_of_a_matrix_are_named_like_its_rows() -> None:
    exhibit = confusion([predictions(ONE)], ANIMALS)
    assert exhibit and exhibit.alt.endswith("Most often, 3 times, class giraffe is mistaken for dog.")
    found = table(exhibit.html)
    assert texts(found, "thead/tr[2]/th[@scope='col']") == texts(found, "tbody/tr/th[@scope='row']") == list(ANIMALS)


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        ([f"class {number}" for number in range(6)], None),
        ([f"class {number}" for number in range(7)], 7),
        ([str(number) for number in range(MAX_CLASSES)], None),
        (["x" * 99, *"bcdefg"], MAX_TURNED),
        (["名" * 5, *"bcdefg"], 10),
    ],
)
def test_names_above_the_columns_are_turned_only_if_they_do_not_fit_beside_each_other(
    names: list[str], letters: int | None
) -> None:
    exhibit = confusion([predictions(frozen(diagonal(len(names))))], names)
    assert exhibit
    found = table(exhibit.html)
    assert found.get("style") == (f"--letters: {letters}" if letters else None)
    assert len(found.findall("thead//span[@class='turned']")) == (len(names) if letters else 0)


def test_pairs_classes_and_mistakes_are_called_by_the_names_of_their_classes() -> None:
    rows = diagonal(MAX_CLASSES + 1)
    rows[2][0] = 4
    names = (*ANIMALS, *NUMBERS[3:])
    pairs = confusion([predictions(frozen(rows))], names)
    assert pairs and texts(table(pairs.html), "tbody/tr[1]/*")[:2] == ["giraffe", "cat"]
    scores = classes([predictions(ONE)], ANIMALS, LINKS)
    assert scores and texts(table(scores.html), "tbody/tr/th") == list(ANIMALS)
    shown = mistakes((Mistake(12, 2, 0, 0.75),), (Picture("1.png", 112, 112),), {"1.png": b"one"}, ANIMALS)
    assert texts(parsed(shown.html), "div/span") == ["giraffe mistaken for cat", "0.750"]
    assert "class giraffe mistaken for cat" in shown.alt


def measures(seed: int, rows: Rows) -> Measures:
    return Measures(seed, (), Network((), None), Network((), None), (), None, predictions(rows), ())


def test_the_errors_of_all_replicates_are_results() -> None:
    found = {value.name: value.value for value in values([measures(0, ONE), measures(1, OTHER)])}
    wanted = {"predictions": 60, "wrong": 13, "most.label": 2, "most.predicted": 1, "most.images": 8}
    assert {name: found[f"errors.{name}"] for name in wanted} == wanted


def test_without_an_error_no_pair_is_confused_most() -> None:
    found = {value.name: value.value for value in values([measures(0, frozen(diagonal(2)))])}
    assert found["errors.wrong"] == 0 and "errors.most.label" not in found
