"""What changed between two editions, made up of as little as they can be."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from generator.core.errors import UsageError
from generator.core.formatting import as_text
from generator.diff.difference import NO_TEXT, differences, summary
from generator.diff.edition import ReadEdition, read_results
from generator.diff.tables import tables
from generator.diff.wording import with_sides
from generator.records.difference import Change, ClaimChange, Difference, Moved
from tests.support.editions import (
    ARRAY,
    CLAIM,
    COMPARISON,
    DENSE,
    ENVIRONMENT,
    RESULTS,
    edition,
    measured,
    results,
    stated,
    text,
)

CONVOLUTION = DENSE | {
    "name": "conv",
    "kind": "Conv2D",
    "output_shape": [None, 6, 6, 4],
    "parameters": 40,
    "trainable": 40,
}
MAPS = '<figure id="fig:maps" class="figure"><div class="chart"><p>{}</p></div><figcaption>Maps.</figcaption></figure>'


def changed(**changes: Any) -> Difference:
    """What differs when these parts of results.json do."""
    return differences(edition(), edition(**changes))


def claim(**changes: Any) -> dict[str, Any]:
    return CLAIM | changes


def test_equal_editions_differ_in_nothing() -> None:
    difference = changed()
    assert summary(difference) == ("Nothing changed.",)
    assert not any((difference.numbers, difference.claims, difference.prose, difference.figures, difference.data))


def test_a_claim_with_another_verdict_is_told() -> None:
    difference = changed(claims=[claim(verdict="does not hold")])
    condition = "test.accuracy.low > 0.5"
    assert difference.claims == (ClaimChange("It works.", "holds", "does not hold", condition, condition),)
    assert summary(difference) == ("Does not hold now: “It works.”",)


def turned(after: str = "Text.", **changes: Any) -> tuple[ReadEdition, ReadEdition]:
    """Two editions of an article with a claim of two wordings, which holds in the first and not in the second."""
    wordings = ("It has {b}.", "It has only {b}.")

    def side(frame: str, is_other: bool, **changes: Any) -> ReadEdition:
        text = frame.replace("{claim:1}", wordings[is_other])
        said = [
            {"section": "Results", "text": text, "frame": frame},
            {"section": "Results", "text": "It has only {b}."},
        ]
        verdict = "does not hold" if is_other else "holds"
        made = claim(**{"wordings": wordings, "otherwise": is_other, "verdict": verdict} | changes)
        return edition(claims=[made], text={"paragraphs": said, "listings": {}})

    return side("Text. {claim:1}", False), side(f"{after} {{claim:1}}", True, printed="It has only 2.", **changes)


def test_a_claim_whose_other_wording_is_printed_is_told_once_among_the_claims() -> None:
    difference = differences(*turned())
    assert difference.prose == ()
    assert summary(difference) == ("Does not hold now: “It works.” Printed instead: “It has only 2.”",)
    (table,) = tables(difference)
    assert table.rows == [("It works.", "holds", "does not hold; printed instead: “It has only 2.”")]
    before, after = turned()
    assert summary(differences(after, before)) == ("Holds now: “It works.”",)


def test_other_words_around_a_claim_whose_other_wording_is_printed_are_told() -> None:
    (passage,) = differences(*turned("Other.")).prose or ()
    assert [(piece.kind, piece.text) for piece in passage.pieces] == [
        ("removed", "Text."), ("added", "Other."), ("same", "It has {b}.")
    ]  # fmt: skip


def test_other_words_of_a_claim_whose_other_wording_is_printed_are_told() -> None:
    (passage,) = differences(*turned(wordings=("It has many {b}.", "It has only {b}."))).prose or ()
    assert [piece.text for piece in passage.pieces if piece.kind != "same"] == ["many"]


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        ("analysis.own.sharpness", (0.25, 0.5), "how sharp it is, sharpness (0.25 → 0.5)"),
        ("analysis.own.accuracy", (0.25, 0.5), "how sharp it is, accuracy (25.00% → 50.00%)"),
        ("variants.wide.analysis.own.sharpness", (0.25, 0.5), "how sharp it is, sharpness, wide (0.25 → 0.5)"),
        (
            "variants.wide.difference.analysis.own.accuracy",
            (-0.25, 0.5),
            "how sharp it is, accuracy, wide minus the main condition (−25.00 points → 50.00 points)",
        ),
        ("analysis.ablation.accuracy", (0.25, 0.5), "analysis.ablation.accuracy (25.00% → 50.00%)"),
        (
            "hierarchy.a.probe_mean.difference",
            (0.25, 0.5),
            "test accuracy of a linear probe on the channel means of a, trained minus untrained "
            "(25.00 points → 50.00 points)",
        ),
        (
            "hierarchy.a.dead.trained",
            (0.25, 0.5),
            "share of the channels of a that are dead, trained (25.00% → 50.00%)",
        ),
        (
            "hierarchy.a.selectivity.trained",
            (0.25, 0.5),
            "class selectivity of a, mean over its channels, trained (0.25 → 0.5)",
        ),
        ("final.loss", (0.25, 0.5), "loss on the training images, last epoch (0.25 → 0.5)"),
        ("final.accuracy", (0.123456, 0.123457), "accuracy on the training images, last epoch (12.3456% → 12.3457%)"),
        ("final.loss", (0.4312001, 0.4312002), "loss on the training images, last epoch (0.4312001 → 0.4312002)"),
    ],
)
def test_a_number_has_the_words_and_the_unit_that_the_article_gives_it(
    name: str, values: tuple[float, float], shown: str
) -> None:
    sides = [
        edition(
            measured(name, value, value), text=abstract(f"It is {{{name}.mean}}."), measures={"own": "How sharp it is"}
        )
        for value in values
    ]
    first = summary(differences(*sides))[0].replace("\u00a0", " ")
    assert first == f"In the abstract: {shown}, without a spread to judge by."


@pytest.mark.parametrize("name", ["times.total", "test.accuracy"])
@pytest.mark.parametrize("strange", ["soon", True, [0.5]])
def test_a_number_that_is_none_in_a_strange_edition_is_shown_as_it_is(name: str, strange: object) -> None:
    before, after = edition(measured(name, 0.25)), edition({name: stated(strange)})
    for pair in ((before, after), (after, before)):
        rows = [row for table in tables(differences(*pair)) for row in table.rows]
        assert any(as_text(strange) in row for row in rows)


def test_of_data_layers_and_verdicts_the_summary_says_what_changed() -> None:
    arrays = {**RESULTS["data"]["arrays"], "x_train": ARRAY | {"sha256": "b" * 64}}  # type: ignore[index]
    data = {"source": "data.npz", "arrays": arrays | {"x_test": ARRAY | {"shape": [3, 8, 8, 1]}}}
    dense = DENSE | {"parameters": 20, "trainable": 20}
    found = changed(data=data, model=[dense], published=[COMPARISON | {"verdict": "outside the spread"}])
    assert [line.replace("\u00a0", " ") for line in summary(found)] == [
        "Layers: dense (Dense 2, 10 parameters → Dense 2, 20 parameters).",
        "Data: test images (float32 4 × 8 × 8 × 1 → float32 3 × 8 × 8 × 1); "
        "digest of the training images (aaaaaaaaaa → bbbbbbbbbb).",
        "Published numbers whose verdict changed: Parameters in total (equal → outside the spread).",
    ]


def test_a_claim_is_the_same_though_its_place_or_its_words_changed() -> None:
    others = [
        claim(id="claim:1", sentence="Another.", condition="a > 1"),
        claim(id="claim:2", sentence="It does work."),
    ]
    assert [(one.sentence, one.before, one.after) for one in changed(claims=others).claims] == [
        ("Another.", None, "holds")
    ]


def test_a_claim_on_another_condition_is_told_although_it_holds() -> None:
    (found,) = changed(claims=[claim(condition="test.accuracy.low > 0.1")]).claims
    assert (found.before, found.after) == ("holds", "holds")
    assert (found.condition_before, found.condition_after) == ("test.accuracy.low > 0.5", "test.accuracy.low > 0.1")


def test_new_claims_and_claims_that_are_no_longer_made_are_told() -> None:
    difference = changed(claims=[claim(sentence="New.", condition="a > 1")])
    assert summary(difference) == ("New claim, which holds: “New.”", "No longer claimed: “It works.”")


def test_settings_layers_data_and_versions_are_told_by_name() -> None:
    arrays = {**RESULTS["data"]["arrays"], "classes": 3}  # type: ignore[index]
    before = edition({"training.epochs": stated(1), "data.classes": stated(2)})
    after = edition(
        {"training.epochs": stated(2), "data.classes": stated(3)},
        model=[CONVOLUTION, DENSE | {"inputs": ["conv"]}],
        data={"source": "data.npz", "arrays": arrays},
        replicates=[{"seed": 0, "environment": ENVIRONMENT | {"versions": {"keras": "3.16.0"}}}],
    )
    difference = differences(before, after)
    assert difference.settings == (Change("training.epochs", "1", "2"),)
    assert difference.layers == (
        Change("dense", "Dense 2, 10 parameters", "Dense 2, 10 parameters, reads conv"),
        Change("conv", None, "Conv2D 6\u00a0×\u00a06\u00a0×\u00a04, 40 parameters"),
    )
    assert difference.data == (Change("data.classes", "2", "3"),)
    assert difference.environment == (Change("keras", "3.15.0", "3.16.0"),)
    assert "Settings: number of epochs requested (1\u00a0→\u00a02)." in summary(difference)


def test_what_the_code_sets_is_told_among_the_settings_and_results_of_a_layer_are_not() -> None:
    """Of a layer whose name has a dot, too."""
    dotted = CONVOLUTION | {"name": "conv.1"}

    def sides(rate: float, filters: int) -> dict[str, Any]:
        names = ("model.optimizer.learning_rate", "code.WIDTH", "model.layers.conv.1.filters")
        values = dict(zip(names, map(stated, (rate, filters, filters)), strict=True))
        return values | {"model.layers.conv.1.parameters": stated(filters * 10)}

    before, after = (edition(sides(*each), model=[dotted]) for each in ((0.1, 4), (0.01, 8)))
    assert differences(before, after).settings == (
        Change("model.optimizer.learning_rate", "0.1", "0.01"),
        Change("code.WIDTH", "4", "8"),
        Change("model.layers.conv.1.filters", "4", "8"),
    )


def test_a_layer_that_was_frozen_is_told() -> None:
    frozen = Change("dense", "Dense 2, 10 parameters", "Dense 2, 10 parameters (0 trainable)")
    assert changed(model=[DENSE | {"trainable": 0}]).layers == (frozen,)


def test_numbers_that_only_one_edition_has_are_counted() -> None:
    before, after = edition({"a": stated(1), "b": stated(1)}), edition({"b": stated(1), "c": stated(1), "d": stated(1)})
    assert summary(differences(before, after)) == ("New: two numbers.", "Gone: one number.")


def test_other_words_and_other_code_are_told_by_section_and_by_listing() -> None:
    before = edition(text=text("One word is here.", **{"lst:a": "x = 1\ny = 2"}))
    after = edition(text=text("One word was here.", **{"lst:a": "x = 1\ny = 3", "lst:b": "z = 1"}))
    difference = differences(before, after)
    assert summary(difference) == ("Prose: Results.",)
    assert difference.prose and difference.code
    assert [piece.text for piece in difference.prose[0].pieces] == ["One word", "is", "was", "here."]
    assert [passage.section for passage in difference.code] == ["lst:a", "lst:b"]


def test_an_edition_that_keeps_no_text_is_compared_in_all_else_and_this_is_told() -> None:
    old = edition(text=None)
    for difference in (differences(old, edition({"a": stated(1)})), differences(edition(), old)):
        assert (difference.prose, difference.code) == (None, None)
        assert summary(difference)[-1] == NO_TEXT
        assert msgspec.json.decode(msgspec.json.encode(difference), type=Difference) == difference


def test_another_title_is_told() -> None:
    assert summary(changed(title="Another")) == ("Settings: title (A paper\u00a0→\u00a0Another).",)


def test_replicates_that_were_trained_in_different_places_are_all_named() -> None:
    environments = [{"seed": seed, "environment": ENVIRONMENT | {"cpu": cpu}} for seed, cpu in enumerate("AB")]
    assert changed(replicates=environments).environment == (Change("cpu", "A processor", "A and B"),)


def test_another_verdict_on_a_published_figure_is_told() -> None:
    difference = changed(published=[COMPARISON | {"verdict": "outside the spread"}])
    assert difference.comparisons == (Change("Parameters in total", "equal", "outside the spread"),)


def test_the_stages_whose_code_changed_are_told() -> None:
    difference = changed(stages={"train": {"code": "f" * 64, "data": "d" * 64, "key": "e" * 64}})
    assert difference.stages == (Change("train", "c" * 10, "f" * 10),)


def test_a_figure_changed_when_what_it_shows_did_and_not_its_number_or_caption() -> None:
    before = edition(body=MAPS.format("one"))
    assert differences(before, edition(body=MAPS.format("one").replace("Maps.", "Other words."))).figures == ()
    captioned = {"section": "Results", "text": "Maps.", "exhibit": "fig:maps"}
    after = edition(body=MAPS.format("two"), text={"paragraphs": [captioned], "listings": {}})
    (found,) = differences(before, after).figures
    assert (found.name, found.caption) == ("fig:maps", "Maps.")
    (gone,) = differences(before, edition()).figures
    assert (gone.before is None, gone.after) == (False, None)


def test_the_summary_names_what_tells_of_the_whole_first_and_counts_the_rest() -> None:
    pairs = ((0.99, 1.01), (1.99, 2.01))
    quantities = ("test.accuracy", "final.loss", "analysis.a_b.0.05", "analysis.a.b.c.d", "analysis.a.b.c.e")
    before, after = ({k: v for name in quantities for k, v in measured(name, *m).items()} for m in pairs)
    (sentence,) = summary(differences(edition(before), edition(after)))
    named = (
        "loss on the training images, last epoch (1 → 2)",
        "share of the test images that are classified correctly (1 → 2)",
        "analysis.a_b.0.05 (1 → 2)",
        "and 2 more",
    )
    assert sentence.replace("\u00a0", " ") == f"Beyond the spread of the replicates: {'; '.join(named)}."


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("analysis.noise.top_1.0.05", "analysis.noise.top_1.0.05"),
        ("variants.wide.analysis.noise.0.05", "variants.wide.analysis.noise.0.05"),
        ("variants.wide.difference.analysis.noise.0.05", "variants.wide.difference.analysis.noise.0.05"),
        (
            "variants.wide.difference.probes.pixels",
            "test accuracy of a linear probe on raw pixels, wide minus the main condition",
        ),
    ],
)
def test_the_summary_keeps_a_name_that_has_no_words(name: str, words: str) -> None:
    before, after = (edition(measured(name, *pair)) for pair in ((0.99, 1.01), (1.99, 2.01)))
    assert [line.partition(" (")[0] for line in summary(differences(before, after))] == [
        f"Beyond the spread of the replicates: {words}"
    ]


def test_a_difference_comes_back_from_json_as_it_was() -> None:
    before = edition(measured("test.accuracy", 0.9, 0.91), body=MAPS.format("one"), text=text("Some old words."))
    other = text("Some new words.", **{"lst:a": "x = 1"})
    after = edition(measured("test.accuracy", 0.5, 0.51), claims=[], model=[CONVOLUTION], text=other)
    difference = differences(before, after)
    assert all((difference.numbers, difference.claims, difference.layers, difference.prose, difference.figures))
    assert msgspec.json.decode(msgspec.json.encode(difference), type=Difference) == difference


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (results()[:-30], "results.json: It is damaged: input data was truncated"),
        (b"\xff\xfe", "results.json: It is damaged: "),
        (b"[]", "This generator, .*, cannot read it: expected `object`"),
        (results(format=2), "Its format is 2, and this generator reads 1"),
        (results(surprise=1), "cannot read it: object contains unknown field `surprise`"),
        (results(claims=[claim(verdict="perhaps")]), r"invalid enum value 'perhaps'(.|\n)*Generator 0.1.0 wrote it"),
        (
            msgspec.json.encode({key: RESULTS[key] for key in RESULTS if key != "values"}),
            "missing required field `values`",
        ),
    ],
)
def test_results_that_cannot_be_read_are_refused_with_the_reason(content: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_results(content, "results.json")


def test_values_of_many_layers_take_no_time_that_grows_with_the_square_of_their_number() -> None:
    layers = [DENSE | {"name": f"dense.{number}"} for number in range(3_000)]
    values = {f"model.layers.dense.{number}.hyperparameters.units": stated(number) for number in range(3_000)}
    begun = time.process_time()
    difference = differences(edition(values, model=layers), edition(model=layers))
    assert time.process_time() - begun < 2
    assert len(difference.settings) == 3_000


def test_other_data_of_a_variant_is_told() -> None:
    stages = ({**RESULTS["stages"], "data (half)": {"code": "c", "data": digit * 64, "key": "k"}} for digit in "de")  # type: ignore[dict-item]
    before, after = (edition(stages=one) for one in stages)
    assert differences(before, after).data == (Change("digest of data (half)", "d" * 10, "e" * 10),)


def abstract(*paragraphs: str, then: str = "Text.") -> dict[str, Any]:
    """An article with an abstract, and one paragraph below it."""
    return {"paragraphs": [*text(*paragraphs, section="Abstract")["paragraphs"], *text(then)["paragraphs"]]} | {
        "listings": {}
    }


def test_the_summary_begins_with_the_results_of_the_abstract_then_those_of_the_text_and_then_counts() -> None:
    said = abstract("It reached {test.accuracy.mean} and {final.loss.low}.", then="At {probes.pixels.mean} and {b}.")

    def values(accuracy: float, probe: float, b: int, other: float) -> dict[str, Any]:
        named = {"test.accuracy": accuracy, "final.loss": 0.5, "probes.pixels": probe, "other": other}
        each = (measured(name, mean - 0.01, mean + 0.01) for name, mean in named.items())
        return {name: one for found in each for name, one in found.items()} | {"b": stated(b)}

    before, after = (edition(values(*each), text=said) for each in ((0.5, 0.5, 1, 0.5), (0.9, 0.51, 2, 0.9)))
    assert [line.replace("\u00a0", " ") for line in summary(differences(before, after))] == [
        "In the abstract: share of the test images that are classified correctly (50.00% → 90.00%), beyond the spread "
        "of the replicates.",
        "In the text: test accuracy of a linear probe on raw pixels (50.00% → 51.00%), within the spread; "
        "b (1 → 2), without a spread to judge by.",
        "Also beyond the spread of the replicates: other (0.5 → 0.9).",
        "Within the spread: 1 of 5 numbers, 1 from few replicates (little power).",
        "Without a spread to judge by: 1 of 5 numbers.",
    ]


def test_the_summary_names_a_changed_number_of_the_abstract_that_follows_unchanged_ones() -> None:
    said = abstract("From {a}, {b}, {c} to {d}.")
    sides = [edition({name: stated(1) for name in "abc"} | {"d": stated(d)}, text=said) for d in (1, 2)]
    first = summary(differences(*sides))[0].replace("\u00a0", " ")
    assert first == "In the abstract: d (1 → 2), without a spread to judge by."


def test_the_summary_never_says_that_the_abstract_did_not_change() -> None:
    """The abstract may name another result than before, or one that other parts of the comparison cover."""

    def side(said: str, count: int) -> ReadEdition:
        return edition({"a": stated(1), "b": stated(2), "model.parameters": stated(count)}, text=abstract(said))

    parameters, named = "{a} of {model.parameters}.", side("{b}.", 100)
    for before, after in ((side(parameters, 100), side(parameters, 200)), (side("{a}.", 100), named)):
        assert not [line for line in summary(differences(before, after)) if "abstract" in line]
    assert summary(differences(named, named)) == ("Nothing changed.",)


def test_tables_say_in_words_what_rows_are_that_are_named_by_results() -> None:
    def side(a: int, loss: tuple[float, float], accuracy: tuple[float, float], seconds: float) -> ReadEdition:
        found = measured("loss", *loss) | measured("accuracy", *accuracy) | measured("times.total", seconds)
        numbers = {"a": stated(a), f"new.{a}": stated(a), "training.epochs": stated(a)}
        return edition(found | numbers, text=abstract("Of {a}."), model=[DENSE | {"parameters": a, "trainable": a}])

    sides = side(1, (0.9, 1.1), (1, 1.1), 1), side(2, (0.9, 1.2), (5, 5.1), 2)
    assert {table.title: dict(table.words) for table in tables(differences(*sides))} == {
        "In the abstract": {"a": "a"},
        "Beyond the spread of the replicates": {"accuracy": "accuracy"},
        "Within the spread of the replicates (little power where they are few)": {"loss": "loss"},
        "Changed, without a spread to judge by": {"a": "a"},
        "New or gone": {"new.1": "new.1", "new.2": "new.2"},
        "Times, which are not judged": {"times.total": "seconds for the whole training"},
        "Layers": {},
        "Settings": {"training.epochs": "number of epochs requested"},
    }


def test_the_tables_begin_with_the_results_of_the_abstract_and_the_text() -> None:
    said = abstract("It reached {test.accuracy.mean}.", then="At {a} in {times.total.mean}.")
    times = [measured("times.total", seconds, seconds) for seconds in (5, 6)]
    sides = [
        edition(measured("test.accuracy", mean, mean) | {"a": stated(mean)} | seconds, text=said)
        for mean, seconds in zip((0.5, 0.9), times, strict=True)
    ]
    first, second, *_ = tables(differences(*sides))
    assert (first.title, first.rows) == (
        "In the abstract", [("test.accuracy", "50.00%", "90.00%", "without a spread to judge by")]
    )  # fmt: skip
    assert (second.title, [row[0] for row in second.rows]) == ("In the text", ["a"]), "a time is no news"


def test_a_mean_that_is_equal_for_other_replicates_is_not_told_as_a_change_of_its_value() -> None:
    number = Moved("test.accuracy", "within the spread", 0.5, 0.5, unit="percent")
    assert with_sides("test accuracy", number) == "test accuracy (50.00% in both, from other replicates)"
