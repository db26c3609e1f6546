"""Whether rebuilt values are those published: equal, or no further apart than their replicates let expect."""

from __future__ import annotations

import msgspec
import pytest

from generator.editions.catalogue import add
from generator.editions.value_check import OTHER_MACHINE, OTHER_TRAINING, RELATIVE, checks
from generator.records.claims import Claim, Verdict
from generator.records.document import Document, Stated
from generator.records.publication import Manifest
from generator.records.published import Reproduction
from generator.records.results import Number, Provenance
from generator.records.verification import ValueCheck
from generator.results.intervals import Quantity, around, of_next
from tests.support.publications import candidate, document


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    folder = tmp_path_factory.mktemp("site")
    return add(folder, candidate(folder.parent / "built")).latest


def with_values(**values: Number) -> Document:
    """Results with some more values; in a name, _ is a dot."""
    more = {name.replace("_", "."): Stated(value, "evidence", None, "", "") for name, value in values.items()}
    results = document(1)
    return msgspec.structs.replace(results, values={**results.values, **more})


def compared(manifest: Manifest, published: Document, rebuilt: Document) -> dict[str, ValueCheck]:
    return {check.name: check for check in checks(manifest, published, rebuilt)}


def verdict(manifest: Manifest, before: Number, after: Number) -> str:
    return compared(manifest, with_values(some_value=before), with_values(some_value=after))["some.value"].verdict


def test_equal_results_are_identical_value_by_value(manifest: Manifest) -> None:
    found = compared(manifest, document(1), document(1))
    assert {check.verdict for check in found.values()} == {"identical"}
    assert set(found) == {*document(1).values, *(f"data.{array}.sha256" for array in manifest.data)}


def moved(results: Document, **by: float) -> Document:
    """Results in which some values are moved; in a name, _ is a dot."""
    values = dict(results.values)
    for name, change in by.items():
        before = values[name.replace("_", ".")]
        assert isinstance(before.value, float)
        values[name.replace("_", ".")] = msgspec.structs.replace(before, value=before.value + change)
    return msgspec.structs.replace(results, values=values)


def half_a_spread(results: Document) -> float:
    measured = {seed: results.values[f"test.accuracy.replicate.{seed}"].value for seed in range(3)}
    expected = of_next(Quantity({seed: value for seed, value in measured.items() if isinstance(value, float)}))
    assert expected.low is not None and expected.high is not None
    return (expected.high - expected.low) / 2


def test_a_quantity_may_differ_by_what_its_replicates_let_one_further_run_be_expected_to(manifest: Manifest) -> None:
    rebuilt = document(1)
    half = half_a_spread(rebuilt)
    for share, said in ((0.99, "within tolerance"), (1.01, "outside")):
        for part in ("mean", "replicate_1", "low"):
            shifts = {"test_accuracy_replicate_2": 1e-4, f"test_accuracy_{part}": share * half}
            check = compared(manifest, moved(rebuilt, **shifts), rebuilt)[f"test.accuracy.{part.replace('_', '.')}"]
            assert check.verdict == said
            assert check.tolerance == pytest.approx(half)


def losses(*measured: float, low: float | str = 0.001) -> Document:
    """Results with one more quantity, a loss, which takes the place of what training came out as."""
    stated = {
        f"loss.replicate.{seed}": Stated(one, "train", seed, "", "", "positive") for seed, one in enumerate(measured)
    }
    stated |= {
        "loss.mean": Stated(sum(measured) / 3, "train", None, "", ""),
        "loss.low": Stated(low, "train", None, "", ""),
    }
    return document(1, values=stated)


def test_how_far_a_quantity_may_differ_is_measured_on_its_own_scale(manifest: Manifest) -> None:
    rebuilt = losses(0.01, 0.02, 0.04)
    expected = around(0.02, Quantity({0: 0.01, 1: 0.02, 2: 0.04}, "positive"))
    assert expected.low is not None and expected.high is not None
    assert 0.02 - expected.low < expected.high - 0.02
    for value, said in (
        (1.01 * expected.low, "within tolerance"), (0.99 * expected.low, "outside"), (-0.01, "outside"),
        (0.99 * expected.high, "within tolerance"), (1.01 * expected.high, "outside"),
    ):  # fmt: skip
        assert compared(manifest, losses(0.01, value, 0.04), rebuilt)["loss.replicate.1"].verdict == said


@pytest.mark.parametrize("measured", [(0.0, 0.1, 0.2), (0.1, 0.1, 0.1)])
def test_what_replicates_give_no_limits_for_is_not_judged_where_training_came_out_otherwise(
    manifest: Manifest, measured: tuple[float, ...]
) -> None:
    found = compared(manifest, losses(0.3, 0.4, 0.5), losses(*measured, low="no interval"))
    for name in ("loss.replicate.0", "loss.mean", "loss.low"):
        assert (found[name].verdict, found[name].reason) == ("not judged", OTHER_TRAINING)


def test_an_interval_that_only_one_edition_has_is_not_judged_where_training_came_out_otherwise(
    manifest: Manifest,
) -> None:
    found = compared(manifest, losses(0.03, 0.03, 0.03, low="no interval"), losses(0.01, 0.02, 0.04))
    assert found["loss.low"].verdict == "not judged"
    assert found["loss.mean"].verdict == "within tolerance"


def test_a_forged_replicate_does_not_widen_what_is_allowed(manifest: Manifest) -> None:
    rebuilt = document(1)
    forged = moved(rebuilt, test_accuracy_replicate_0=-50.0, test_accuracy_mean=1.01 * half_a_spread(rebuilt))
    found = compared(manifest, forged, rebuilt)
    assert found["test.accuracy.replicate.0"].verdict == found["test.accuracy.mean"].verdict == "outside"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.5, 0.5, "identical"),
        (0.5, 0.5 * (1 + 0.9 * RELATIVE), "within tolerance"),
        (0.5, 0.5 * (1 - 1.1 * RELATIVE), "outside"),
        (0.5, float("nan"), "outside"),
        (0.0, 1e-12, "outside"),
        (3, 4, "outside"),
        (1000, 1001, "outside"),
        ("left", "right", "outside"),
        (True, False, "outside"),
        ((1.0, 2.0), (1.0, 2.1), "outside"),
    ],
)
def test_any_other_fraction_may_differ_by_a_thousandth_and_all_else_must_be_equal(
    manifest: Manifest, before: Number, after: Number, said: str
) -> None:
    assert verdict(manifest, before, after) == said


def test_a_value_that_only_one_edition_has_is_outside(manifest: Manifest) -> None:
    more = with_values(some_value=1)
    assert compared(manifest, more, document(1))["some.value"] == ValueCheck("some.value", "outside", 1, None)
    assert compared(manifest, document(1), more)["some.value"] == ValueCheck("some.value", "outside", None, 1)


def test_times_and_the_surroundings_are_never_judged(manifest: Manifest) -> None:
    row = Reproduction(("epochs", 1, "seconds"), "Epoch 1: seconds", 144.0, "not judged", 3.0, ratio=0.1)
    names = ("times.total.mean", "environment.cpu", "data.source", "published.epochs.1.seconds.ratio")
    for name in names:
        before, after = ({name: Stated(text, "train", None, "", "")} for text in ("one", "other"))
        rebuilt = document(1, values=after, published=(row,))
        check = compared(manifest, document(1, values=before), rebuilt)[name]
        assert (check.verdict, check.reason) == ("not judged", OTHER_MACHINE)


def test_an_edition_does_not_exempt_its_own_values_by_calling_them_times(manifest: Manifest) -> None:
    row = Reproduction(("epochs", 1, "loss"), "Epoch 1: loss", 0.3, "not judged", 0.2, ratio=0.1)
    published = msgspec.structs.replace(with_values(published_epochs_1_loss_reproduced=0.3), published=(row,))
    found = compared(manifest, published, with_values(published_epochs_1_loss_reproduced=0.2))
    assert found["published.epochs.1.loss.reproduced"].verdict == "outside"


def test_a_restated_quantity_is_judged_by_its_own_spread(manifest: Manifest) -> None:
    name = "published.test.accuracy.reproduced"
    published, rebuilt = (
        msgspec.structs.replace(made, values={**made.values, name: Stated(value, "published", None, "", "")})
        for made, value in ((moved(document(1), test_accuracy_replicate_2=1e-4), 0.911), (document(1), 0.92))
    )
    assert compared(manifest, published, rebuilt)[name].verdict == "within tolerance"


def test_where_all_replicates_gave_the_same_their_mean_must_be_the_same(manifest: Manifest) -> None:
    forged = moved(document(1), test_accuracy_mean=0.01)
    assert compared(manifest, forged, document(1))["test.accuracy.mean"].verdict == "outside"


@pytest.mark.parametrize(
    ("name", "stage", "replicate", "before", "after", "said"),
    [
        ("mistakes.0.index", "evidence", 0, 7, 8, "not judged"),
        ("confusion.0.1", "evidence", None, 7, 8, "not judged"),
        ("figures.one.high", "figures", 0, 1.5, 2.5, "not judged"),
        ("published.loss.verdict", "published", None, "within the spread", "outside the spread", "not judged"),
        ("confusion.0.1", "evidence", None, 7, 7, "identical"),
        ("model.bytes", "train", None, 7, 8, "outside"),
        ("data.title", "data", None, "one", "other", "outside"),
        ("one.accuracy.replicate.0", "train", 0, 0.1, 0.2, "outside"),
    ],
)
def test_where_training_came_out_otherwise_what_has_no_spread_is_not_judged(
    manifest: Manifest, name: str, stage: str, replicate: int | None, before: Number, after: Number, said: str
) -> None:
    published, rebuilt = (
        msgspec.structs.replace(made, values={**made.values, name: Stated(value, stage, replicate, "", "")})
        for made, value in ((moved(document(1), test_accuracy_replicate_2=1e-4), before), (document(1), after))
    )
    check = compared(manifest, published, rebuilt)[name]
    assert check.verdict == said
    assert check.reason == (OTHER_TRAINING if said == "not judged" else "")


def test_other_data_is_outside(manifest: Manifest) -> None:
    results = document(1)
    arrays = msgspec.structs.replace(
        results.data.arrays, x_test=msgspec.structs.replace(results.data.arrays.x_test, sha256="f" * 64)
    )
    rebuilt = msgspec.structs.replace(results, data=msgspec.structs.replace(results.data, arrays=arrays))
    found = compared(manifest, results, rebuilt)
    assert [name for name, check in found.items() if check.verdict == "outside"] == ["data.x_test.sha256"]


def test_other_data_of_a_variant_is_outside(manifest: Manifest) -> None:
    published, rebuilt = (
        msgspec.structs.replace(document(1), stages={"data (half)": Provenance("c" * 64, digit * 64, "k" * 64)})
        for digit in "de"
    )
    found = compared(manifest, published, rebuilt)
    assert found["data (half).sha256"].verdict == "outside"
    assert compared(manifest, published, published)["data (half).sha256"].verdict == "identical"


@pytest.mark.parametrize(("after", "said"), [("holds", "identical"), ("undecided", "outside")])
def test_a_claim_must_come_out_the_same(manifest: Manifest, after: Verdict, said: str) -> None:
    claims = [
        Claim("claim:1", "It is so.", "x > y", verdict, {}, (), 1, otherwise=False) for verdict in ("holds", after)
    ]
    found = compared(manifest, document(1, claims=(claims[0],)), document(1, claims=(claims[1],)))
    assert found["claim:1.verdict"].verdict == said


def test_times_of_variants_are_not_judged_and_neither_are_their_differences(manifest: Manifest) -> None:
    """What trained models gave is judged in a variant as in the main condition, by its replicates."""
    names = ("times", "variants_wide_times", "variants_wide_difference_times")
    each = {f"{name}_epoch_replicate_{seed}": 1.0 for name in names for seed in range(3)}
    counted = {f"variants_wide_count_replicate_{seed}": seed / 4 for seed in range(3)}
    before, after = with_values(**each, **counted), with_values(**dict.fromkeys(each, 2.0), **counted)
    before = moved(before, variants_wide_count_replicate_1=9.0)
    found = compared(manifest, before, after)
    said = {name: found[name.replace("_", ".")] for name in each}
    assert {check.verdict for check in said.values()} == {"not judged"}
    assert {check.reason for check in said.values()} == {OTHER_MACHINE}
    assert found["variants.wide.count.replicate.1"].verdict == "outside"
