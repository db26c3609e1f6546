"""Values in the prose: what expressions can say, how values are written, and what is refused."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.core.errors import Place, ReportError
from generator.core.formatting import NO_INTERVAL
from generator.prose.expressions import LATER, check, text_of, value_of

PLACE = Place(Path("article.md"), 7)
VALUES = {
    "run": {
        "accuracy": 0.9908,
        "parameters": 156650,
        "epochs": 2,
        "time": 144.31,
        "name": "conv1",
        "seeds": [0, 1, 2],
        "nothing": None,
        "items": "not the method of a mapping",
        "layers": [{"name": "conv1", "size": 320}, {"name": "conv2", "size": 9248}],
    }
}


def text(expression: str) -> str:
    return text_of(expression, VALUES, PLACE)


def refusal(expression: str) -> ReportError:
    with pytest.raises(ReportError) as caught:
        text(expression)
    assert caught.value.where == PLACE
    return caught.value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("run.accuracy | percent", "99.08%"),
        ("run.accuracy | percent(digits=1)", "99.1%"),
        ("0.999996 | percent", "99.9996%"),
        ("1.0 | percent", "100.00%"),
        ("0.000001 | percent", "0.0001%"),
        ("run.parameters | integer", "156,650"),
        ("run.parameters", "156650"),
        ("12345.678 | number(1)", "12,345.7"),
        ("run.epochs | words", "two"),
        ("13 | words", "13"),
        ("run.epochs | counted('epoch')", "two epochs"),
        ("1 | counted('epoch')", "one epoch"),
        ("3 | counted('class', 'classes')", "three classes"),
        ("run.time | seconds", "144\u00a0s"),
        ("0.07531 | seconds", "0.0753\u00a0s"),
        ("run.accuracy | round(2)", "0.99"),
        ("run.seeds | join(', ')", "0, 1, 2"),
        ("run.seeds | length | words", "three"),
        ("run.layers | sum(attribute='size') | integer", "9,568"),
        ("run.layers | map(attribute='name') | join(' and ')", "conv1 and conv2"),
        ("run.layers[1].name", "conv2"),
        ("run['name'] + '!'", "conv1!"),
        ("run.items", "not the method of a mapping"),
        ("'many' if run.epochs > 1 else 'one'", "many"),
        ("2 ** 10 - 24", "1000"),
        ("-3", "\u22123"),
    ],
)
def test_an_expression_prints_as_a_reader_expects_it(expression: str, expected: str) -> None:
    assert text(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 / 3", "0.3333"),
        ("2 / 1", "2"),
        ("12345.6", "12,346"),
        ("1234567.0", "1.235\u00a0×\u00a010⁶"),
        ("0.00000123456", "1.235\u00a0×\u00a010⁻⁶"),
        ("-0.5", "\u22120.5"),
    ],
)
def test_a_number_without_a_filter_has_four_significant_digits_at_most_and_all_of_its_whole_part(
    expression: str, expected: str
) -> None:
    assert text(expression) == expected


@pytest.mark.parametrize(
    ("mean", "half", "filters", "expected"),
    [
        (0.98750, 0.00833, "", "0.9875 ± 0.0083"),
        (0.98750, 0.00833, " | percent", "98.75% ± 0.83%"),
        (0.98750, 0.00833, " | percent(1)", "98.8% ± 0.8%"),
        (12345.6, 230.0, "", "12,346 ± 230"),
        (27.14, 0.42, " | seconds", "27.14 s ± 0.42 s"),
        (0.5, 0.0, "", "0.5"),
        (3e-7, 1e-7, "", "(3.0 ± 1.0) × 10⁻⁷"),
        (-3.14159e9, 2.5e6, "", "(\u22123.1416 ± 0.0025) × 10⁹"),
        (1.0e-9, 0.5, "", "0.00 ± 0.50"),
        (999_999.0, 50_000.0, "", "999,999 ± 50,000"),
        (3.0e-5, 1.0e-5, " | seconds", "(3.0 ± 1.0) × 10⁻⁵ s"),
        (5e-324, 0.0, "", "4.941 × 10⁻³²⁴"),
        (0.9908, 0.0, " | percent", "99.08%"),
        (27.1437, 0.0, " | seconds", "27.1 s"),
        (3e-7, 1e-7, " | number(8)", "0.00000030 ± 0.00000010"),
        (3e-9, 1e-9, " | percent", "0.00000030% ± 0.00000010%"),
        (-0.25, 0.013, " | number(2)", "\u22120.25 ± 0.01"),
    ],
)
def test_a_spread_is_written_with_the_decimals_that_its_interval_leaves(
    mean: float, half: float, filters: str, expected: str
) -> None:
    values = {"x": {"mean": mean, "low": mean - half, "high": mean + half, "replicate": {0: mean}}}
    assert text_of(f"x{filters}", values, PLACE).replace("\u00a0", " ") == expected


def quantity(*measured: float, low: float | str = 0.9, high: float | str = 0.99) -> dict[str, object]:
    replicate = dict(enumerate(measured))
    return {"mean": statistics.fmean(measured), "low": low, "high": high, "replicate": replicate}


@pytest.mark.parametrize(
    ("measured", "writing", "expected"),
    [
        ((0.9908, 0.9876, 0.9841), " | percent", "98.75% (99.08%, 98.76%, 98.41%)"),
        ((0.9908, 0.9876, 0.9841), " | percent(1)", "98.8% (99.1%, 98.8%, 98.4%)"),
        ((0.996, 0.994, 0.947), " | percent", "97.9% (99.6%, 99.4%, 94.7%)"),
        ((0.99996, 0.9), " | percent", "94.998% (99.996%, 90.000%)"),
        ((0.0217, 0.0391, 0.0562), "", "0.039 (0.022, 0.039, 0.056)"),
        ((-0.1, 0.02, 0.05), " | number(2)", "\u22120.01 (\u22120.10, 0.02, 0.05)"),
        ((1e-7, 6e-7, 2e-7), "", "3.0 × 10⁻⁷ (1.0 × 10⁻⁷, 6.0 × 10⁻⁷, 2.0 × 10⁻⁷)"),
        ((3.1, 3.25), " | seconds", "3.17 s (3.10 s, 3.25 s)"),
    ],
)
def test_few_replicates_are_written_one_by_one(measured: tuple[float, ...], writing: str, expected: str) -> None:
    assert text_of(f"x{writing}", {"x": quantity(*measured)}, PLACE).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("mean", "low", "high", "expected"),
    [
        (3e-7, 1e-7, 6e-7, "3.0 × 10⁻⁷ (1.0 × 10⁻⁷ to 6.0 × 10⁻⁷)"),
        (1234567.0, 1.2e6, 1.3e6, "1.235 × 10⁶ (1.200 × 10⁶ to 1.300 × 10⁶)"),
        (123456.7, 120000.0, 130000.0, "123,457 (120,000 to 130,000)"),
        (900_000.0, 800_000.0, 1_200_000.0, "900,000 (800,000 to 1,200,000)"),
    ],
)
def test_a_quantity_has_a_power_of_ten_where_its_mean_alone_has_one(
    mean: float, low: float, high: float, expected: str
) -> None:
    values = {"x": {"mean": mean, "low": low, "high": high, "replicate": {}}}
    assert text_of("x", values, PLACE).replace("\u00a0", " ") == expected
    assert ("×" in text_of("x.mean", values, PLACE)) == ("×" in expected)


def test_five_replicates_are_written_with_their_interval() -> None:
    four, five = quantity(*[0.96, 0.98] * 2), quantity(*[0.96, 0.98] * 2, 0.97)
    assert text_of("x | percent", {"x": four}, PLACE) == "97.0% (96.0%, 98.0%, 96.0%, 98.0%)"
    assert text_of("x | percent", {"x": five}, PLACE) == "97.0% (90.0%\u00a0to\u00a099.0%)"


@pytest.mark.parametrize("count", [2, 3, 7])
def test_equal_replicates_are_said_to_show_no_spread(count: int) -> None:
    equal = quantity(*[0.5] * count, low=NO_INTERVAL, high=NO_INTERVAL)
    assert text_of("x | percent", {"x": equal}, PLACE) == "50.00% (in each replicate)"
    assert text_of("x | percent(1)", {"x": equal}, PLACE) == "50.0% (in each replicate)"


def test_one_replicate_is_written_alone_and_with_an_interval_of_its_own_if_it_has_one() -> None:
    assert text_of("x", {"x": quantity(0.5, low=NO_INTERVAL, high=NO_INTERVAL)}, PLACE) == "0.5"
    assert text_of("x | percent", {"x": quantity(0.98)}, PLACE) == "98.0% (90.0%\u00a0to\u00a099.0%)"


def test_many_replicates_without_an_interval_are_written_with_their_range() -> None:
    six = quantity(1.0, 0.9, 0.95, 0.97, 0.98, 0.99, low=NO_INTERVAL, high=NO_INTERVAL)
    assert text_of("x | percent", {"x": six}, PLACE) == "96% (6 replicates from 90%\u00a0to\u00a0100%)"
    assert text_of("x | percent", {"x": quantity(1.0, 0.9, 0.95, 0.97, 0.98, low=NO_INTERVAL, high=NO_INTERVAL)},
                   PLACE) == "96% (100%, 90%, 95%, 97%, 98%)"  # fmt: skip


def test_an_end_of_an_interval_is_not_written_as_all() -> None:
    five = quantity(*[0.96, 0.98] * 3, low=0.95, high=0.99996)
    assert text_of("x | percent", {"x": five}, PLACE) == "97.000% (95.000%\u00a0to\u00a099.996%)"


def test_an_interval_whose_middle_is_not_the_mean_is_written_by_its_ends() -> None:
    values = {"x": {"mean": 0.9876, "low": 0.9852, "high": 0.9896}}
    assert text_of("x | percent", values, PLACE) == "98.76% (98.52%\u00a0to\u00a098.96%)"


def test_the_value_itself_can_be_had_for_comparisons() -> None:
    assert value_of("run.accuracy > 0.99", VALUES, PLACE) is True


@pytest.mark.parametrize(
    ("expression", "what", "next"),
    [
        (
            "run.accurcy",
            '{{ run.accurcy }}: "run" has no "accurcy".',
            'Did you mean "accuracy"? Known: accuracy, epochs, items, layers, name, nothing, parameters, ',
        ),
        ("rnu.epochs", '{{ rnu.epochs }}: "rnu" is not defined.', 'Did you mean "run"? Known: run.'),
        (
            "run.seeds[3]",
            '{{ run.seeds[3] }}: "run.seeds" has no item 3.',
            "It has 3 items, counted from 0.",
        ),
        (
            "run.layers[0].nme",
            '{{ run.layers[0].nme }}: "run.layers[0]" has no "nme".',
            'Did you mean "name"? Known: name, size.',
        ),
        (
            "run.accuracy.mean",
            '{{ run.accuracy.mean }}: "run.accuracy" is a number and has no "mean".',
            "Write run.accuracy alone.",
        ),
        (
            "run.time | secnds",
            '{{ run.time | secnds }}: there is no filter "secnds".',
            'Did you mean "seconds"? Known: abs, capitalize, counted, first, integer, join, last, length, lower, map, '
            "max, min, number, percent, points, round, seconds, sum, upper, words.",
        ),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_known_one(expression: str, what: str, next: str) -> None:
    error = refusal(expression)
    assert error.what == what
    assert error.next.startswith(next)


@pytest.mark.parametrize(
    ("expression", "next"),
    [
        ('classes["0"].precision', "It is a number: write classes.0."),
        ("by.0", 'It is text: write by["0"].'),
    ],
)
def test_a_key_of_the_other_type_is_told_with_the_way_to_write_it(expression: str, next: str) -> None:
    with pytest.raises(ReportError) as caught:
        value_of(expression, {"classes": {0: {"precision": 0.5}}, "by": {"0": 1}}, PLACE)
    assert caught.value.next == next


def test_an_unknown_name_is_found_in_a_branch_that_is_not_taken() -> None:
    assert '"run" has no "typo"' in refusal("run.epochs if true else run.typo").what


@pytest.mark.parametrize(
    ("expression", "kind"),
    [("run.nothing", "None"), ("run.seeds", "a list"), ("run if true", "a group of values"), ("1 == 1", "True")],
)
def test_a_value_that_is_not_text_or_a_number_is_not_printed(expression: str, kind: str) -> None:
    error = refusal(expression)
    assert error.what == f"{{{{ {expression} }}}} is {kind}, which cannot be printed in a sentence."
    assert error.next == "Print one of its parts, or use a filter such as join, length, or percent."


@pytest.mark.parametrize(
    ("expression", "next"),
    [
        ("variants", 'Name one of them: variants.wide, variants["no-pooling"].'),
        ("variants.wide", "Name one of them: variants.wide.test, variants.wide.0."),
        ("variants.wide | percent", "Name one of them: variants.wide.test, variants.wide.0."),
        ("empty", "None of them is a number or text."),
    ],
)
def test_a_name_of_several_values_is_told_with_the_names_below_it_also_before_training(
    expression: str, next: str
) -> None:
    spread = {"mean": 0.5, "low": 0.4, "high": 0.6, "replicate": {}}
    values = {"variants": {"wide": {"test": spread, 0: 1}, "no-pooling": 1}, "empty": {}}
    for look_up in (check, text_of):
        with pytest.raises(ReportError) as caught:
            look_up(expression, values, PLACE)
        assert (caught.value.what, caught.value.next) == (f"{{{{ {expression} }}}} stands for several values.", next)
    check("variants.wide.test | percent", values, PLACE)


@pytest.mark.parametrize(
    ("expression", "typed", "share"),
    [
        ("run.accuracy > 95%", "95%", "0.95"),
        ("(97.5 %) < run.accuracy", "97.5%", "0.975"),
        ("5% and true", "5%", "0.05"),
        ("run.accuracy > 95% - 0.01", "95%", "0.95"),
        ("run.accuracy > 95% - 0.5%", "95%", "0.95"),
        ("95% * 2 < 1", "95%", "0.95"),
        ("1e2%", "1e2%", "1"),
        ("12_000%", "12_000%", "120"),
        ("1e-7% < 1", "1e-7%", "0.000000001"),
        ("0x1F%", "0x1F%", "0.31"),
    ],
)
def test_a_number_in_percent_is_told_as_typed_with_the_share_to_write(expression: str, typed: str, share: str) -> None:
    error = refusal(expression)
    assert error.what == f'{{{{ {expression} }}}}: "{typed}" is not a number.'
    assert error.next == f"Write {share}."


def test_a_remainder_and_a_percent_sign_in_quotes_are_none() -> None:
    assert [text(remainder) for remainder in ("7 % 4", "7 % (4)", "7 % run.epochs")] == ["3", "3", "1"]
    assert text("'95%'") == "95%"
    assert text(r"'\'95% and \''") == "'95% and '"


def test_a_percentage_without_a_digit_before_the_point_is_not_read_as_another() -> None:
    assert refusal(".5% < 1").what == "{{ .5% < 1 }} cannot be read: unexpected '.'."


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("1 / 0", "division by zero"),
        ("run.name | percent", "percent is for numbers, and this is text"),
        ("run.nothing | integer", "integer is for numbers, and this is None"),
        ("1.5 | words", "words is for whole numbers, and this is 1.5"),
        ("run.seeds[run.accuracy]", "list object has no element 0.9908"),
        ("run.time | number(99)", "digits must be a whole number from 0 to 12"),
        ("run.time | round(-999999999)", "digits must be a whole number from 0 to 12"),
        ("'a' * 10**9", "* is for numbers, and this is text"),
        ("[0] * 10**9", "* is for numbers, and this is a list"),
        ("'%1000000000d' % 1", "% is for numbers, and this is text"),
        ("9 ** 9 ** 9", "the power is too large"),
        ("''.__class__", "'str object' has no attribute '__class__'"),
        ("run.layers | map(attribute='__class__') | join", "has no attribute '__class__'"),
        ("run.layers | map('format') | join", "No filter named 'format'"),
    ],
)
def test_an_expression_that_fails_is_told_and_not_a_traceback(expression: str, why: str) -> None:
    error = refusal(expression)
    assert error.what.startswith(f"{{{{ {expression} }}}} cannot be computed: ")
    assert why in error.what
    assert error.next.startswith("Correct the expression, or the values it uses.")


def test_who_forgets_that_a_filter_binds_first_is_reminded() -> None:
    error = refusal("run.epochs + 1 | number(2)")
    assert error.what.endswith("cannot be computed: + is for numbers, and this is text.")
    assert error.next.endswith("Filters apply first: write (a + b) | percent.")
    assert text("(run.epochs + 1) | number(2)") == "3.00"


@pytest.mark.parametrize("expression", ["range(10**9)", "run.name.upper()", "''.join(run.seeds)"])
def test_functions_and_methods_cannot_be_called(expression: str) -> None:
    error = refusal(expression)
    assert error.what == f"{{{{ {expression} }}}}: an expression cannot call functions."
    assert error.next.startswith("Use a filter, as in x | percent: abs, ")


@pytest.mark.parametrize(
    ("expression", "why", "next"),
    [
        ("run.time | number", "number: missing a required argument: 'digits'", "Write number(digits)."),
        ("run.time | integer(2)", "integer: too many positional arguments", "Write integer without parentheses."),
        ("run.time | percent(1, 2)", "percent: too many positional arguments", "Write percent(digits)."),
    ],
)
def test_a_filter_with_other_arguments_than_it_takes_is_refused(expression: str, why: str, next: str) -> None:
    error = refusal(expression)
    assert (error.what, error.next) == (f"{{{{ {expression} }}}}: the filter {why}.", next)


def test_tests_are_refused_because_they_would_hide_a_missing_value() -> None:
    error = refusal("run.typo is defined")
    assert error.what == '{{ run.typo is defined }}: there is no test "is defined".'
    assert error.next == "Compare with ==, <, > or in."


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("run.epochs +", "unexpected 'end of expression'"),
        ("1 2", "something follows the expression"),
        ("'a", "unexpected"),
    ],
)
def test_what_is_not_an_expression_is_refused(expression: str, why: str) -> None:
    error = refusal(expression)
    assert error.what.startswith(f"{{{{ {expression} }}}} cannot be read: ")
    assert why in error.what
    assert error.next == "Correct the expression."


def test_a_measure_that_is_not_there_is_told_with_how_one_is_marked() -> None:
    with pytest.raises(ReportError) as caught:
        value_of("analysis.m.mean", {"analysis": {}}, PLACE)
    assert caught.value.what == '{{ analysis.m.mean }}: "analysis" has no "m".'
    assert caught.value.next == "There are none here. A measure has @measure on the line before its def."


def test_one_equals_sign_is_told_with_the_comparison() -> None:
    error = refusal("run.epochs = 3")
    assert (error.what, error.next) == ('{{ run.epochs = 3 }}: "=" does not compare.', "Write == to compare.")


@pytest.mark.parametrize(
    ("sign", "right"),
    [("=>", ">="), ("=<", "<="), ("<>", "!="), ("≥", ">="), ("≤", "<="), ("≠", "!="), ("&&", "and"), ("||", "or")],
)
def test_an_operator_of_another_language_is_told_with_the_one_to_write(sign: str, right: str) -> None:
    error = refusal(f"run.epochs {sign} 3")
    assert error.what == f'{{{{ run.epochs {sign} 3 }}}}: "{sign}" is not an operator of expressions.'
    assert error.next == f"Write {right}."
    assert text(f'"{sign}"') == sign


@pytest.mark.parametrize(
    "expression", ["1 - x | percent", "'a' if y else (x | round | integer) / 60", "2 * x | number(1)"]
)
def test_a_calculation_with_what_a_filter_has_formatted_is_told_before_there_are_results(expression: str) -> None:
    with pytest.raises(ReportError, match="is for numbers, but .* applies first and gives text") as caught:
        check(expression, {"x": LATER, "y": LATER}, PLACE)
    assert caught.value.next.startswith("Put parentheses around the calculation, as in (a ")


def test_a_constant_of_the_code_is_told_with_its_whole_name() -> None:
    with pytest.raises(ReportError, match='"SIZE" is not defined') as caught:
        value_of("SIZE + 1", {"code": {"SIZE": 3}}, PLACE)
    assert caught.value.next == "It is in the code: write code.SIZE."


def test_a_number_that_is_not_finite_is_not_printed() -> None:
    with pytest.raises(ReportError, match="is nan, not a number, which cannot be printed in a sentence"):
        text_of("x", {"x": float("nan")}, PLACE)


@given(st.text())
@example(" × ")
def test_text_comes_out_as_it_is_except_that_a_product_does_not_break(value: str) -> None:
    assert text_of("value", {"value": value}, PLACE) == value.replace(" × ", "\xa0×\xa0")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_number_is_written_with_more_than_four_significant_digits_but_for_its_whole_part(value: float) -> None:
    mantissa = text_of("value", {"value": value}, PLACE).split("\u00a0")[0]
    plain = mantissa.replace("\u2212", "").replace(",", "")
    assert len(plain.replace(".", "").lstrip("0")) <= 4 or (plain.isdigit() and float(plain) == round(abs(value)))


@given(st.text(max_size=30))
def test_any_text_as_an_expression_gives_text_or_a_plain_message(expression: str) -> None:
    try:
        result = text_of(expression, VALUES, PLACE)
    except ReportError as error:
        assert error.where == PLACE
        assert error.next
    else:
        assert isinstance(result, str)


@pytest.mark.parametrize(
    "expression",
    ["(" * 200 + "1" + ")" * 200, "[" * 30 + "1" + "]" * 30, "1" + " + 1" * 200, "not " * 5000 + "1", "-" * 5000 + "1"],
)
def test_an_expression_that_is_too_large_to_read_is_refused_with_the_limit(expression: str) -> None:
    error = refusal(expression)
    assert error.what.endswith("}}: the expression is too large.")
    assert error.next == "Write at most 200 names, numbers, and signs, with brackets up to 20 deep."


def test_an_expression_may_be_as_large_as_any_that_is_read() -> None:
    assert text("(" * 20 + "1" + ")" * 20) == "1"
    assert text("1" + " + 1" * 99) == "100"
    assert text("-" * 199 + "1") == "\N{MINUS SIGN}1"


@pytest.mark.parametrize(
    ("expression", "next"),
    [
        ("variants.wide-net.loss", 'Write variants["wide-net"].'),
        ("1 - variants.half-the-data.loss | percent", 'Write variants["half-the-data"].'),
    ],
)
def test_a_name_with_a_hyphen_is_told_to_take_brackets(expression: str, next: str) -> None:
    variants = {"variants": {"wide-net": {"loss": 0.5}, "half-the-data": {"loss": 0.25}, "wide": 1}, "data": 2}
    with pytest.raises(ReportError, match="has a hyphen, which is read as a minus") as caught:
        text_of(expression, variants, PLACE)
    assert caught.value.next == next
    assert text_of("variants.wide - data", variants, PLACE) == "−1"
