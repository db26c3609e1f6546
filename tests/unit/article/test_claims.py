"""Claims: how conditions are judged, against cases worked out by hand, and which conditions are refused."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy import stats

from generator.article.claims import Assessment, assess, check, judge, refutations
from generator.core.errors import Place, ReportError
from generator.prose.expressions import LATER
from generator.records.claims import Claim, Judgment, PairedDifference
from generator.results.intervals import Quantity, of_replicates
from generator.results.significance import ALPHA

PLACE = Place(Path("article.md"), 7)


def quantity(*measured: float, seeds: tuple[int, ...] = ()) -> dict[str, Any]:
    made = Quantity(dict(zip(seeds or range(len(measured)), measured, strict=True)))
    return of_replicates(made).printable(made)


def judged(condition: str, values: dict[str, Any] | None = None) -> Judgment:
    """The judgment on the only claim of an article."""
    return together(condition, values=values)[0]


def together(*conditions: str, values: dict[str, Any] | None = None) -> list[Judgment]:
    """The judgments on all claims of an article, in their order."""
    return list(judge({str(n): assess(one, values or VALUES, PLACE) for n, one in enumerate(conditions)}).values())


VALUES: dict[str, Any] = {
    "test": {"accuracy": quantity(0.9908, 0.9876, 0.9841)},
    "a": quantity(10.0, 20.0, 30.0),
    "above_a": quantity(11.0, 21.5, 31.2),
    "like_a": quantity(11.0, 19.0, 31.0),
    "single": quantity(0.5),
    "other": quantity(0.1),
    "wilson": quantity(0.5) | {"low": 0.45, "high": 0.55},
    "gain": {"difference": quantity(1.0, 1.5, 1.2)},
    "no_gain": {"difference": quantity(1.0, -1.0, 1.0)},
    "elsewhere": quantity(1.0, 2.0, 3.0, seeds=(7, 8, 9)),
    "epochs": {1: {"loss": quantity(0.5, 0.6)}, 2: {"loss": quantity(0.1, 0.21)}},
    "published": {"epochs": {n: {"accuracy": {"reproduced": n / 9}, "seconds": {"reproduced": n}} for n in (1, 2)}},
    "count": 3,
    "name": "x",
    "yes": True,
    "no": False,
}


def verdict(condition: str, values: dict[str, Any] | None = None) -> str:
    return judged(condition, values).verdict


def refusal(condition: str) -> ReportError:
    with pytest.raises(ReportError) as caught:
        assess(condition, VALUES, PLACE)
    assert caught.value.where == PLACE
    return caught.value


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("test.accuracy.low > 0.97", "holds"),
        ("test.accuracy.low > 0.98", "does not hold"),
        ("test.accuracy.mean >= 0.98", "holds"),
        ("0.97 < test.accuracy.low < 0.98", "holds"),
        ("0.98 < test.accuracy.low < 0.99", "does not hold"),
        ("count == 3 and name == 'x'", "holds"),
        ("count != 3 or count > 2", "holds"),
        ("not count > 3", "holds"),
        ("count in [1, 2, 3]", "holds"),
        ("yes and not no", "holds"),
        ("test.accuracy.high - test.accuracy.low < 0.02", "holds"),
    ],
)
def test_a_condition_is_judged_on_what_it_reads(condition: str, expected: str) -> None:
    assert verdict(condition) == expected


def test_two_conditions_are_compared_by_their_differences_within_the_replicates() -> None:
    # The intervals of the means overlap widely: -5 to 45, and -4 to 46. The differences are 1, 1.5, and 1.2.
    judgment = judged("above_a.mean > a.mean")
    mean = (1 + 1.5 + 1.2) / 3
    deviation = math.sqrt(((1 - mean) ** 2 + (1.5 - mean) ** 2 + (1.2 - mean) ** 2) / 2)
    half = 4.302652729911275 * deviation / math.sqrt(3)
    (difference,) = judgment.differences
    assert judgment.verdict == "holds"
    assert (difference.mean, difference.low, difference.high) == pytest.approx((mean, mean - half, mean + half))
    assert (difference.replicates, difference.quantities) == (3, ("a", "above_a"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a.mean < above_a.mean", "holds"),
        ("a.mean > above_a.mean", "does not hold"),
        ("a.mean != above_a.mean", "holds"),
        ("like_a.mean > a.mean", "does not hold"),
        ("like_a.mean != a.mean", "does not hold"),
        ("above_a.mean - a.mean > 0.5", "holds"),
        ("above_a.mean - a.mean > 1.1", "does not hold"),
        ("above_a.mean > a.mean * 2", "does not hold"),
        ("epochs[2].loss.mean < epochs[1].loss.mean", "holds"),
        ("gain.difference.mean > 0", "holds"),
        ("no_gain.difference.mean > 0", "does not hold"),
        ("-50 < like_a.mean - a.mean < 50", "holds"),
    ],
)
def test_a_comparison_of_two_conditions_needs_the_whole_interval_on_one_side(condition: str, expected: str) -> None:
    assert verdict(condition) == expected


def test_with_one_replicate_a_comparison_of_two_conditions_is_undecided() -> None:
    judgment = judged("single.mean > other.mean")
    assert judgment.verdict == "undecided"
    assert judgment.differences == (PairedDifference(("other", "single"), 0.4, None, None, 1, None, (0.4,)),)
    assert (judgment.p, judgment.adjusted_p) == (None, None)
    assert verdict("wilson.low > 0.4") == "holds"


@pytest.mark.parametrize("condition", ["single.low > 0.4", "single.high < 0.4", "gain.difference.mean > 0"])
def test_with_one_replicate_what_asks_for_an_interval_is_undecided(condition: str) -> None:
    assert verdict(condition, {"single": quantity(0.5), "gain": {"difference": quantity(0.1)}}) == "undecided"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("not single.mean > other.mean", "undecided"),
        ("single.mean > other.mean and count == 3", "undecided"),
        ("single.mean > other.mean and count == 4", "does not hold"),
        ("single.mean > other.mean or count == 3", "holds"),
        ("single.mean > other.mean or count == 4", "undecided"),
    ],
)
def test_what_is_undecided_leaves_the_whole_so_unless_the_rest_settles_it(condition: str, expected: str) -> None:
    assert verdict(condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("not like_a.mean > a.mean", "does not hold"),
        ("not (like_a.mean > a.mean or like_a.mean < a.mean)", "does not hold"),
        ("not not above_a.mean > a.mean", "holds"),
        ("not a.mean > above_a.mean", "holds"),
        ("not (a.mean > above_a.mean or count > 3)", "holds"),
        ("not (a.mean < above_a.mean and count > 2)", "does not hold"),
        ("not 0.98 < test.accuracy.low < 0.99", "holds"),
        ("not no and not count in [1, 2]", "holds"),
    ],
)
def test_what_is_not_shown_does_not_show_its_opposite(condition: str, expected: str) -> None:
    assert verdict(condition) == expected


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=6),
    st.sampled_from([">", "<", ">=", "<="]),
)
def test_a_comparison_and_its_mirror_image_agree_and_its_opposite_never_holds_too(
    pairs: list[tuple[float, float]], sign: str
) -> None:
    values = {"p": quantity(*[p for p, _ in pairs]), "q": quantity(*[q for _, q in pairs])}
    mirrored = sign.replace("<", "?").replace(">", "<").replace("?", ">")
    assert verdict(f"p.mean {sign} q.mean", values) == verdict(f"q.mean {mirrored} p.mean", values)
    both = {verdict("p.mean > q.mean", values), verdict("p.mean < q.mean", values)}
    assert both != {"holds"}


def test_the_values_read_are_named_as_in_the_results() -> None:
    assert judged("epochs[1].loss.low < 1 and count > 2").values == {
        "epochs.1.loss.low": VALUES["epochs"][1]["loss"]["low"],
        "count": 3,
    }


# --- many comparisons ----------------------------------------------------------------------------

SIGNS = (">", ">=", "<", "<=", "!=")

DIFFERENCES = {
    "p": (1.0, 1.1, 0.9, 1.2, 1.0, 0.8),
    "q": (0.3, 0.5, 0.1, 0.6, -0.1, 0.4),
    "r": (0.2, 0.5, -0.1, 0.6, -0.3, 0.4),
    "s": (0.1, 0.5, -0.4, 0.6, -0.5, 0.4),
}
SIX: dict[str, Any] = {name: {"difference": quantity(*measured)} for name, measured in DIFFERENCES.items()}
SIX |= {"count": 3, "flat": {"difference": quantity(*[0.5] * 6)}, "nothing": {"difference": quantity(*[0.0] * 6)}}
P = {name: float(stats.ttest_1samp(measured, 0).pvalue) for name, measured in DIFFERENCES.items()}
"""SciPy's two-sided p of each: about 0.00001, 0.037, 0.19, and 0.58."""


def claims_of(*conditions: str) -> list[Judgment]:
    """Claims on the quantities above; p > 0 is short for p.difference.mean > 0."""
    return together(
        *(re.sub(r"\b([pqrs]|flat|nothing)\b", r"\1.difference.mean", one) for one in conditions), values=SIX
    )


def test_each_claim_is_adjusted_for_all_that_compare_conditions_by_holms_method() -> None:
    q, p, r, s = claims_of("q > 0", "p > 0", "r > 0", "s > 0")
    assert [one.p for one in (p, q, r, s)] == pytest.approx([P["p"], P["q"], P["r"], P["s"]])
    assert [one.adjusted_p for one in (p, q, r, s)] == pytest.approx([4 * P["p"], 3 * P["q"], 2 * P["r"], P["s"]])
    assert [one.verdict for one in (p, q, r, s)] == ["holds", "does not hold", "does not hold", "does not hold"]
    assert {one.family for one in (p, q, r, s)} == {4}
    assert claims_of("q > 0")[0].verdict == "holds"


def test_the_interval_that_is_shown_is_the_unadjusted_one() -> None:
    q = claims_of("q > 0", "p > 0", "r > 0")[0]
    (difference,) = q.differences
    expected = stats.ttest_1samp(DIFFERENCES["q"], 0).confidence_interval(0.95)
    assert q.verdict == "does not hold"
    assert (difference.low, difference.high) == pytest.approx((expected.low, expected.high))
    assert difference.low is not None and difference.low > 0
    assert difference.p == pytest.approx(P["q"])
    assert difference.by_replicate == DIFFERENCES["q"]


def test_a_comparison_is_judged_on_the_replicates_that_both_sides_have() -> None:
    """As where a variant has fewer than the main condition: 6, 7.5, and 8 against the first three of 1 to 5."""
    values = {"many": quantity(1.0, 2.0, 3.0, 40.0, 50.0), "few": quantity(6.0, 7.5, 8.0), "count": 3}
    (claim,) = together("few.mean > many.mean", values=values)
    assert claim.verdict == "holds" and claim.differences[0].by_replicate == (5.0, 5.5, 5.0)
    (other,) = together("many.mean < few.mean", values=values)
    assert other.verdict == "holds" and other.p == pytest.approx(claim.p)


@pytest.mark.parametrize(
    "others",
    [
        ("q > 0",),
        ("0 < q", "(q) > 0", "q>0", "q - 0 > 0", "-q < 0", "not q <= 0"),
    ],
)
def test_claims_that_say_the_same_count_once(others: tuple[str, ...]) -> None:
    for claim in claims_of("q > 0", *others):
        assert (claim.family, claim.verdict) == (1, "holds")
        assert claim.adjusted_p == pytest.approx(P["q"])


@pytest.mark.parametrize("bound", ["count > 2", "count == 4", "p.difference.mean > 0 or count == 3"])
def test_bounds_stand_outside_of_the_family(bound: str) -> None:
    first, second = together("q.difference.mean > 0", bound, values=SIX)
    assert first.family == (2 if "difference" in bound else 1)
    assert second.family == (2 if "difference" in bound else 0)
    assert (second.adjusted_p is None) == (second.family == 0)


def test_only_the_side_that_is_claimed_can_hold() -> None:
    (wrong,) = claims_of("p < 0")
    assert (wrong.verdict, wrong.p, wrong.adjusted_p) == ("does not hold", 1.0, 1.0)
    assert wrong.differences[0].p == pytest.approx(P["p"])
    assert claims_of("p != 0")[0].p == pytest.approx(P["p"])


@pytest.mark.parametrize(
    ("condition", "p"),
    [
        ("p > 0 and q > 0", P["q"]),
        ("q > 0 and p > 0 and r > 0", P["r"]),
        ("p > 0 or q > 0", 2 * P["p"]),
        ("q > 0 or (r > 0 or s > 0)", 3 * P["q"]),
        ("q > 0 or r < 0", 2 * P["q"]),
        ("r > 0 or s > 0 or s < -9", min(1.0, 3 * P["r"])),
        ("s > 0 or s > 9", 1.0),
        ("not (p <= 0 or q <= 0)", P["q"]),
        ("not (q <= 0 and r <= 0)", 2 * P["q"]),
        ("not not q > 0", P["q"]),
        ("q > 0 and count == 3", P["q"]),
        ("q > 0 and count == 4", 1.0),
        ("q > 0 or count == 4", 2 * P["q"]),
        ("q > 0 or count == 3", 0.0),
        ("(q > 0 or r > 0) and p > 0", 2 * P["q"]),
        ("-9 < q < 9", max(float(stats.ttest_1samp(DIFFERENCES["q"], end).pvalue) for end in (-9, 9))),
    ],
)
def test_and_takes_the_largest_p_or_the_smallest_times_its_parts_and_not_reverses(condition: str, p: float) -> None:
    (claim,) = claims_of(condition)
    assert claim.p == pytest.approx(p)
    assert claim.verdict == ("holds" if p <= 0.05 else "does not hold")


@pytest.mark.parametrize("condition", ["flat > 0", "flat < 0", "nothing > 0", "nothing >= 0", "not flat > 0"])
def test_identical_differences_leave_p_undefined_and_the_claim_undecided(condition: str) -> None:
    claim, other = claims_of(condition, "q > 0")
    assert (claim.verdict, claim.p, claim.adjusted_p, claim.family) == ("undecided", None, None, 2)
    (difference,) = claim.differences
    assert (difference.low, difference.high, difference.p) == (None, None, None)
    assert other.verdict == "does not hold"
    assert other.adjusted_p == pytest.approx(2 * P["q"])


def test_what_is_undecided_leaves_others_decided() -> None:
    assert [one.verdict for one in claims_of("flat > 0", "p > 0", "s > 0")] == ["undecided", "holds", "does not hold"]


REFUSED = {
    "no result": ("1 < 2", "uses no result.", 'Compare a result with something, as in claim="test.accuracy.low'),
    "empty part": ("count > 1 and 1 < 2", "contains a comparison that uses no result.", "Compare a result"),
    "truth": ("count > 1 or true", "has a part that is not a comparison.", "Compare a result"),
    "condition inside": ("(a.mean > like_a.mean) if yes else no", "has a part that is not a comparison.",
                         "Compare a result"),
    "filtered truth": ("[a.mean > like_a.mean] | first", "has a part that is not a comparison.",
                       "Compare a result"),
    "comparison inside": ("(a.mean > like_a.mean) == yes", "contains a comparison inside another.", "Join comparisons"),
    "choice inside": ("(1 if a.mean > like_a.mean else 0) > 0", "contains a comparison inside another.", "Join"),
    "filter": ("(a.mean - like_a.mean) | abs > 0", "compares a and like_a through a filter", "Compare the means"),
    "equal after not": ("not a.mean != like_a.mean", "claims that a and like_a are equal", "Claim that one"),
    "number alone": ("count", "has a part that is a number, not a comparison.", "Compare a result"),
    "syntax": ("count >", "cannot be read: ", "Correct the expression."),
    "assignment": ("count = 3", '"=" does not compare', "Write == to compare."),
    "name": ("test.accurcy.low > 1", ': "test" has no "accurcy".', 'Did you mean "accuracy"?'),
    "call": ("max(count) > 1", ": an expression cannot call functions.", "Use a filter"),
    "spread": ("test.accuracy > 0.9", "uses test.accuracy, a quantity with an interval.",
               "Write test.accuracy.mean, .low or .high."),
    "many": ("epochs[count].loss.mean > 1", "uses epochs, which names many results.", "Write the whole name"),
    "ends": ("a.low > like_a.high", "compares a and like_a by values other than their means.",
             "Compare their means"),
    "ends of a difference": ("gain.difference.low > 0", "compares gain.difference by values other than their means.",
                             "Compare their means"),
    "one replicate": ("a.replicate[0] > like_a.replicate[0]",
                      "compares a and like_a by values other than their means.", "Compare their means"),
    "equality": ("a.mean == like_a.mean", "claims that a and like_a are equal, which no measurement can show.",
                 "Claim that one is larger"),
    "replicates": ("a.mean > elsewhere.mean", "compares a and elsewhere, which were measured on different replicates.",
                   "Compare quantities"),
    "restated": ("published.epochs[2].accuracy.reproduced > published.epochs[1].accuracy.reproduced",
                 "uses published.epochs[2].accuracy.reproduced, which restates epochs[2].accuracy.mean.",
                 "Write epochs[2].accuracy.mean."),
    "lists": ("[a.mean] > [like_a.mean]", "cannot be judged: A comparison of two conditions is for numbers",
              "Compare a result"),
    "kinds": ("name > 3", "cannot be computed: '>' not supported", "Correct the expression"),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "what", "next"), REFUSED.values(), ids=REFUSED)
def test_a_condition_that_decides_nothing_is_refused(condition: str, what: str, next: str) -> None:
    error = refusal(condition)
    assert error.what.startswith(f'claim="{condition}"')
    assert what in error.what
    assert error.next.startswith(next)


SPREAD = {"mean": LATER, "low": LATER, "high": LATER}
FORESEEN: dict[str, Any] = {
    "test": {"accuracy": SPREAD | {"replicate": LATER}},
    "final": {"loss": SPREAD | {"replicate": LATER}},
    "random": SPREAD,
    "published": LATER,
    "data": {"preview": LATER},
}


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("test.accuracy.mean", "has a part that is a number, not a comparison"),
        ("test.accuracy > 0.9", "uses test.accuracy, a quantity with an interval"),
        ("test.accuracy", "uses test.accuracy, a quantity with an interval"),
        ("final.loss.mean == test.accuracy.mean", "claims that final.loss and test.accuracy are equal"),
        ("(final.loss.mean - test.accuracy.mean) | abs > 0", "compares final.loss and test.accuracy through a filter"),
        ("final.loss.low > test.accuracy.low", "compares final.loss and test.accuracy by values other"),
        ("(test.accuracy.low > 0.9) == data.preview", "contains a comparison inside another"),
        ("data.preview or not 1 < 2", "contains a comparison that uses no result"),
        ("published.epochs[2].loss.reproduced < 1", "restates epochs[2].loss.mean"),
    ],
)
def test_a_condition_that_can_never_be_judged_is_refused_before_training(condition: str, what: str) -> None:
    with pytest.raises(ReportError, match=re.escape(what)):
        check(condition, FORESEEN, PLACE)


@pytest.mark.parametrize(
    "condition",
    ["data.preview", "test.accuracy.low > random.mean", "published.epochs[1].seconds.reproduced > 1",
     "final.loss.mean > test.accuracy.mean", "published.epochs[1].loss.verdict == 'equal'"],
)  # fmt: skip
def test_a_condition_that_can_be_judged_passes_before_training(condition: str) -> None:
    check(condition, FORESEEN, PLACE)


def test_a_mean_held_against_what_has_no_replicates_is_a_bound() -> None:
    values = {"trained": quantity(0.62, 0.6, 0.48, 0.56, 0.6), "random": {"mean": 0.444, "low": 0.37, "high": 0.52}}
    judgment = judged("trained.low > random.mean", values)
    assert (judgment.verdict, judgment.family) == ("holds", 0)


def test_a_difference_and_its_two_means_are_one_hypothesis() -> None:
    trained, untrained = (1.0, 2.1, 3.3), (0.5, 1.4, 2.9)
    paired = [after - before for after, before in zip(trained, untrained, strict=True)]
    h = {"trained": quantity(*trained), "untrained": quantity(*untrained), "difference": quantity(*paired)}
    one, other = together("h.difference.mean > 0", "2 * h.trained.mean > 2 * h.untrained.mean", values={"h": h})
    assert (one.family, other.family) == (1, 1)
    assert one.p == pytest.approx(other.p)


@given(st.text("ac.()<>=! 12andortmeu[]'|", max_size=24))
def test_any_text_as_a_condition_gives_a_verdict_or_a_plain_message(condition: str) -> None:
    try:
        assert verdict(condition or " ") in ("holds", "does not hold", "undecided")
    except ReportError as error:
        assert error.where == PLACE
        assert error.next


def claim(verdict: Any, otherwise: bool = False, differences: tuple[PairedDifference, ...] = ()) -> Claim:
    return Claim("claim:1", "It is so.", "a.low > 1", verdict, {"a.low": 0.123456789}, differences, 12, otherwise)


def test_a_claim_that_does_not_hold_is_told_with_sentence_condition_and_values() -> None:
    (error,) = refutations(
        [replace(claim("does not hold", differences=(PairedDifference(("a", "b"), 1.0, -2.0, 4.0, 3),)),
                 adjusted_p=0.4321, family=9)], PLACE.path
    )  # fmt: skip
    assert str(error) == (
        'article.md:12: The claim "It is so." does not hold: a.low > 1, but a.low is 0.123457,'
        " the mean difference over three replicates is 1 (−2 to 4 at 95%, unadjusted),"
        " p is 0.4321 when adjusted for nine claims.\n"
        "  Change the claim, add [other wording]{.otherwise}, or build with --draft to see it struck through."
    )


def test_only_what_is_printed_and_does_not_hold_is_refuted() -> None:
    others = [claim("holds"), claim("undecided"), claim("does not hold", otherwise=True)]
    assert refutations(others, PLACE.path) == []


def test_a_difference_without_an_interval_is_not_told() -> None:
    (error,) = refutations(
        [claim("does not hold", differences=(PairedDifference(("a", "b"), 1.0, None, None, 1),))], PLACE.path
    )
    assert error.what == 'The claim "It is so." does not hold: a.low > 1, but a.low is 0.123457.'


@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_which_side_holds_does_not_depend_on_how_large_a_difference_is(factor: float) -> None:
    values = {"up": {"difference": quantity(factor, 1.1 * factor, 1.2 * factor)}}
    values["down"] = {"difference": quantity(-factor, -1.1 * factor, -1.2 * factor)}
    held = {name: [sign for sign in SIGNS if verdict(f"{name}.difference.mean {sign} 0", values) == "holds"]
            for name in values}  # fmt: skip
    assert held == {"up": [">", ">=", "!="], "down": ["<", "<=", "!="]}


@pytest.mark.parametrize(("chance", "expected"), [((ALPHA, ALPHA), "holds"), ((ALPHA, 1.0), "undecided")])
def test_a_p_of_exactly_five_percent_holds(chance: tuple[float, float], expected: str) -> None:
    compared = Assessment("p > 0", chance, {}, (PairedDifference(("p",), 1.0, 0.0, 2.0, 3, ALPHA),))
    assert judge({"claim:1": compared})["claim:1"].verdict == expected


def test_quantities_that_no_replicate_is_known_of_are_held_against_each_other_as_bounds() -> None:
    values = {"a": {"mean": 2.0, "low": 1.0, "high": 3.0}, "b": {"mean": 1.5, "low": 1.0, "high": 2.0}}
    judgment = judged("a.mean > b.mean", values)
    assert (judgment.verdict, judgment.differences, judgment.family) == ("holds", (), 0)


# --- variants ------------------------------------------------------------------------------------

MAIN, WIDE = (0.5, 0.7, 0.9), (0.6, 0.82, 1.01)
STUDY: dict[str, Any] = {
    "loss": quantity(*MAIN),
    "variants": {
        "wide": {
            "loss": quantity(*WIDE),
            "difference": {"loss": quantity(*(one - other for one, other in zip(WIDE, MAIN, strict=True)))},
        }
    },
}


@pytest.mark.parametrize("condition", ["variants.wide.loss.mean > loss.mean", "variants.wide.difference.loss.mean > 0"])
def test_a_comparison_with_a_variant_is_judged_on_the_differences_within_the_replicates(condition: str) -> None:
    """The replicates differ by much more than the conditions do, but in both alike."""
    found = judged(condition, STUDY)
    assert (found.verdict, found.family) == ("holds", 1)
    assert found.p == pytest.approx(float(stats.ttest_rel(WIDE, MAIN).pvalue))
    assert verdict(condition.replace(">", "<"), STUDY) == "does not hold"


def test_both_ways_to_compare_a_variant_are_one_claim() -> None:
    conditions = ("variants.wide.loss.mean > loss.mean", "variants.wide.difference.loss.mean > 0")
    assert [one.family for one in together(*conditions, values=STUDY)] == [1, 1]


def test_an_end_of_a_difference_between_conditions_is_refused() -> None:
    with pytest.raises(ReportError, match="by values other than their means"):
        assess("variants.wide.difference.loss.low > 0", STUDY, PLACE)


@pytest.mark.parametrize("condition", ["{0}.mean > {1}.mean", "{1}.mean - {0}.mean < 0.1", "not {0}.mean < {1}.mean"])
def test_validation_metrics_of_different_images_are_not_compared(condition: str) -> None:
    """Two metrics of one condition may be compared, and so may those of two variants that are validated alike."""
    metrics = {"final": {"val_loss": STUDY["loss"], "val_more": quantity(*WIDE)}}
    values = {**metrics, "variants": {"wide": metrics, "long": {"final": {"val_loss": quantity(*WIDE)}}}}
    main, wide, other = "final.val_loss", "variants.wide.final.val_loss", "variants.wide.final.val_more"
    validated = {"": "a", "wide": "b", "long": "b"}
    with pytest.raises(ReportError, match="which are measured on different images"):
        assess(condition.format(wide, main), values, PLACE, validated)
    with pytest.raises(ReportError, match="which are measured on different images"):
        check(condition.format(wide, main), values, PLACE, validated)
    for left, right in ((other, wide), ("variants.long.final.val_loss", wide)):
        assert assess(condition.format(left, right), values, PLACE, validated).differences
    assert assess(condition.format(wide, main), values, PLACE, {"": "a", "wide": "a"}).differences


def test_a_bound_on_a_variant_is_a_bound() -> None:
    assert judged("variants.wide.loss.low > 0.1", STUDY).p is None
