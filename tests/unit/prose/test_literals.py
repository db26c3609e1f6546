"""The lint: which numbers of the prose are bound, listed, or refused, and on which line."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.diagnostics import refuse
from generator.core.errors import Place, UsageError
from generator.core.formatting import WORDS
from generator.prose.literals import check_reasons, numbers_in, unbound, unused
from generator.prose.prose import parse
from tests.conftest import dot

PATH = Path("article.md")


def numbers(text: str) -> list[str]:
    return [text[start:end] for start, end in numbers_in(text)]


def found(text: str, **literals: str) -> list[tuple[int | None, str]]:
    """The lines and the numbers that the lint finds in a prose."""
    return findings(text, literals)


def findings(text: str, literals: dict[str, str], path: Path = PATH) -> list[tuple[int | None, str]]:
    mistakes = unbound(parse(text, path), literals)
    assert all(isinstance(mistake.where, Place) for mistake in mistakes)
    return [
        (mistake.where.line if isinstance(mistake.where, Place) else None, mistake.what.split('"')[1])
        for mistake in mistakes
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It reached 99.08% and 99 %.", ["99.08%", "99 %"]),
        ("60,000 or 60'000 or 60\u202f000 or 1_000", ["60,000", "60'000", "60\u202f000", "1_000"]),
        ("−0.5, ±2, 1e-3, 1.5E+6", ["−0.5", "±2", "1e-3", "1.5E+6"]),
        ("0–9 and 28×28 and 3/4", ["0", "9", "28", "28", "3", "4"]),
        ("3x3, 10k, 2nd, 2D", ["3x3", "10k", "2nd", "2D"]),
        ("٩٩٪, ９９．０８％, ½, Ⅷ, ②, 10²", ["٩٩٪", "９９．０８％", "½", "Ⅷ", "②", "10²"]),
        ("two-thirds, Twelve, TEN, twenty-two", ["two", "Twelve", "TEN", "two"]),
        ("accuracy=0.99, p0.05, accuracy.97, top-5, v2.1", ["0.99", "0.05", "97", "5", "2.1"]),
        ("USA-99% and conv4%", ["99%", "4%"]),
    ],
)
def test_what_a_reader_takes_for_a_number_is_one(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "network often weight eightfold someone artwork tension stone",
        "conv4 Conv2D float32 F1 v2 two_layers m² CO₂",
        "SHA-256 CIFAR-10 GPT-4 UTF-8 MNIST-10k",
        "one, once, a single one, thirteen, dozens",
        "一般 三 layers, third, secondly",
    ],
)
def test_what_is_part_of_a_word_or_a_name_is_no_number(text: str) -> None:
    assert numbers(text) == []


@given(st.sampled_from(WORDS[2:]), st.text("abcdefgxyz", min_size=1, max_size=3))
def test_a_number_word_inside_a_longer_word_is_no_number(word: str, letters: str) -> None:
    joined = [letters + word, word + letters]
    assert [numbers(text) for text in joined if text not in WORDS] == [[] for text in joined if text not in WORDS]


@given(st.characters(categories=["Nd", "Nl", "No"]))
def test_no_digit_of_any_script_passes(digit: str) -> None:
    assert unicodedata.category(digit)[0] == "N"
    assert numbers(f"of {digit} layers") == [digit]


PLACES = {
    "paragraph": ("a\nb 7", 2),
    "heading": ("# A\n\n# Of 7", 3),
    "caption": ("::: figure x\n```\n1\n```\n\nA caption\nwith 7.\n:::", 7),
    "table": ("| a | b |\n|---|---|\n| c | 7 |", 3),
    "note": ("a[^n]\n\n[^n]: A\n  note 7", 4),
    "note in place": ("a\n^[a note\n7]", 3),
    "link": ("a\n[see 7](https://x)", 2),
    "list": ("1. a\n2. 7", 2),
    "definition": ("Term\n: is 7", 2),
    "quote": ("> a\n> 7", 2),
    "emphasis": ("a\n*b **7***", 2),
    "abstract": ("# Abstract {.unnumbered #abstract}\n\nOf 7.", 3),
    "claim": ('a\n[b\n7]{claim="x > 1"}', 3),
    "other wording": ('a\n[b]{claim="x > 1"}\n[7]{.otherwise}', 3),
    "expression": ("a\n{{ 7 }}", 2),
    "text in an expression": ("a\n{{ '7' if x else '' }}", 2),
    "number chosen by an expression": ("a\n{{ 7 if x else y }}", 2),
    "number instead of a result": ("a\n{{ x or 7 }}", 2),
    "number beside a result": ("a\n{{ x ~ 7 }}", 2),
    "number in a dictionary": ("a\n{{ {'y': x, 'z': 7}['z'] }}", 2),
    "title of a link": ('a\n[see](https://x "of 7")', 2),
    "title in a table": ('| a |\n|---|\n| [x](https://y "7") |', 3),
    "prefix of a citation": ("a\n[in 7 cases @k]\n\n::: references\n:::", 2),
    "exponent": ("a\nb^7^", 2),
    "struck text": ("a\n~~7~~", 2),
    "code that is a number": ("a\n`7`", 2),
    "entity": ("a\n&#55;", 2),
}


@pytest.mark.parametrize(("text", "line"), PLACES.values(), ids=PLACES)
def test_a_number_is_found_wherever_it_stands_in_the_prose(text: str, line: int) -> None:
    assert found(text) == [(line, "7")]


def test_a_number_is_found_in_the_alternative_of_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a7.png").write_bytes(dot())
    assert findings("\n![of 7](a7.png)", {}, tmp_path / "article.md") == [(2, "7")]


@pytest.mark.parametrize(
    "text",
    [
        "`x[7]` and\n\n```\n7\n```\n\n    7",
        "$7 + 7$\n\n$$ 7 $$",
        "a [@k, p. 7]\n\n::: references\n:::",
        "[a](https://example.org/7) <https://example.org/7>",
        "7. a\n8. b",
        "# A {#sec-7}\n\n@sec:sec-7",
        "{{ run.layers[7].size * 7 }} {{ x | number(7) }} {{ run['7'] }} {{ x if y in [7, '7'] else z }}",
        "[a]{.c7}",
        "a <!-- 7 --> b",
        "<!-- 7\n\n7 -->",
        "H~7~O",
    ],
)
def test_what_is_not_read_as_text_is_not_linted(text: str) -> None:
    assert found(text) == []


def test_markup_and_unseen_characters_do_not_hide_a_number() -> None:
    assert found("t*w*o, 9**9**, tw\u00ado, se\u200bven") == [(1, "two"), (1, "99"), (1, "two"), (1, "seven")]


def test_digits_that_touch_a_bound_number_are_found() -> None:
    assert found("1{{ x }}7%") == [(1, "1"), (1, "7%")]


def test_a_listed_phrase_excuses_its_numbers_across_lines_and_blanks() -> None:
    text = "Filters of 3\u00a0×\n3 pixels, and another 3."
    assert findings(text, {"3 × 3": "by design"}) == [(2, "3")]


@pytest.mark.parametrize("text", ["13", "3.5", "3%", "-3", "3x3", "3,000", "12 × 3", "３．５"])
def test_a_listed_number_does_not_excuse_a_longer_one(text: str) -> None:
    assert findings(text, {"3": "by design", "2 × 3": "by design"})[0] == (1, numbers(text)[0])


@pytest.mark.parametrize(
    ("listed", "other"), [("٢٥ of", "٩٩ of"), ("½ of", "¼ of"), ("0 to 9", "½ to 9"), ("５", "６")]
)
def test_a_listed_number_excuses_none_in_other_digits(listed: str, other: str) -> None:
    assert findings(listed, {listed: "by design"}) == []
    assert findings(other, {listed: "by design"}) != []


def test_a_listed_word_stands_for_itself_as_it_is_written() -> None:
    assert findings("two and Two", {"two": "by design"}) == [(1, "Two")]


def test_everything_is_told_in_one_message_with_lines_and_what_to_do() -> None:
    mistakes = unbound(parse("of 7\n\n| a |\n|---|\n| two |", PATH), {})
    with pytest.raises(Exception, match="There are 2 errors") as caught:
        refuse(mistakes)
    assert str(caught.value) == (
        "There are 2 errors.\n"
        '  article.md:1: "7" is typed by hand.'
        " Use {{ its.name }}, or list it with a reason under [literals] in paper.toml.\n"
        '  article.md:5: "two" is typed by hand.'
        " Use {{ its.name }}, or list it with a reason under [literals] in paper.toml.\n"
        "  Correct them and build again."
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"3 × 3" = ""', 'paper.toml:3: The literal "3 × 3" has no reason.\n  Say why'),
        ('"3 × 3" = "  "', 'paper.toml:3: The literal "3 × 3" has no reason.'),
        ('"many" = "by design"', 'paper.toml:3: The literal "many" contains no number.\n  Remove it.'),
    ],
)
def test_a_literal_without_a_reason_or_a_number_is_refused(tmp_path: Path, line: str, message: str) -> None:
    toml = tmp_path / "paper.toml"
    toml.write_text(f'[literals]\n"2" = "by design"\n{line}\n', encoding="utf-8")
    literal, reason = line.replace('"', "").split(" = ")
    with pytest.raises(UsageError, match=re.escape(message)):
        check_reasons({"2": "by design", literal: reason}, toml)


def test_code_that_is_nothing_but_a_number_is_a_number_typed_by_hand() -> None:
    """Code with a number in it, such as a command or a shape, is not."""
    prose = parse("A share of `96.4%`, from `12` images of `3 × 3` pixels, by `conv2` and `--seed 3`.", PATH)
    assert [error.what for error in unbound(prose, {})] == ['"96.4%" is typed by hand.', '"12" is typed by hand.']
    assert unbound(prose, {"96.4%": "an example", "12": "an example"}) == []


def test_a_literal_that_excuses_no_number_is_told_with_its_line(tmp_path: Path) -> None:
    toml = tmp_path / "paper.toml"
    toml.write_text('[literals]\n"two parts" = "so it is told"\n"3 × 3" = "the filters"\n"10" = "base"\n')
    literals = {"two parts": "so it is told", "3 × 3": "the filters", "10": "base"}
    prose = parse("In two\nparts, with `3 × 3` in code and 100 images.", PATH)
    assert unused(prose, literals, toml) == [
        f'warning: {toml}:3: no text uses the literal "3 × 3". Remove it.',
        f'warning: {toml}:4: no text uses the literal "10". Remove it.',
    ]


@given(st.text())
def test_any_text_can_be_linted_and_spans_lie_in_order(text: str) -> None:
    spans = numbers_in(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"Of $p = 0.987$.", [(1, "0.987")]),
        (r"Of $98.7\%$ and $99\,\%$.", [(1, "98.7%"), (1, "99%")]),
        (r"$\frac{1}{2} x_{12}^{10} + f(1,2) + 3x$ and $\hspace{0.5em} a \hspace{.5 em}$", []),
        ("Text.\n\n$$\na = 3\n+ 0.25 b\n$$ (eq:a)\n\n$$\n1.5\n$$", [(5, "0.25"), (9, "1.5")]),
        (r"$(0.5,0.75)$", [(1, "0.5"), (1, "0.75")]),
    ],
)
def test_decimal_fractions_and_percentages_in_equations_are_numbers_too(
    text: str, expected: list[tuple[int, str]]
) -> None:
    assert found(text) == expected


def test_a_listed_phrase_excuses_a_number_in_an_equation() -> None:
    assert findings(r"With $\beta = 0.9$, and $\gamma = 0.99$.", {r"\beta = 0.9": "Adam's default"}) == [(1, "0.99")]
    assert findings(r"With $\beta = 0.9$.", {"0.9": "Adam's default"}) == []
    for phrase in (r"\sigma^2 = 0.01", r"\frac{1}{2} + 0.5", "(0.5,0.75)", r"\alpha = 95\%"):
        assert findings(f"With ${phrase}$.", {phrase: "a setting"}) == []
    assert findings("It is 0.5 {{ x.y }}, and $0.5 y$.", {"0.5 3": "a setting"}) == [(1, "0.5"), (1, "0.5")]
