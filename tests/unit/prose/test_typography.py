"""Dashes, ellipses, what stands high or low, struck text and comments: as typographers and Pandoc have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.prose.prose import parse
from tests.unit.article.test_compose import composed

PATH = Path("article.md")


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a -- b", "<p>a – b</p>"),
        ("3--5", "<p>3–5</p>"),
        ("a---b", "<p>a—b</p>"),
        ("and so on...", "<p>and so on…</p>"),
        ("a ---- b", "<p>a ---- b</p>"),
        (r"\-- \...", "<p>-- ...</p>"),
        ("`a -- b...`", "<p><code>a -- b...</code></p>"),
        ("<https://a.org/x--y...z>", '<p><a href="https://a.org/x--y...z">https://a.org/x--y...z</a></p>'),
        ("[a--b](https://a.org/x--y)", '<p><a href="https://a.org/x--y">a–b</a></p>'),
        ("{{ 'a -- b...' }}", "<p>a -- b...</p>"),
        ("H~2~O and 10^3^", "<p>H<sub>2</sub>O and 10<sup>3</sup></p>"),
        (
            "{{ 1 + 2 }} × 4, **5** × 6, `7 × 8`, a× b",
            "<p>3\u00a0×\u00a04, <strong>5</strong>\u00a0×\u00a06, <code>7 × 8</code>, a× b</p>",
        ),
        (
            "10^{{ 1 + 2 }}^ and x^*n*^, y~**i**~",
            "<p>10<sup>3</sup> and x<sup><em>n</em></sup>, y<sub><strong>i</strong></sub></p>",
        ),
        ("SO~4~^2-^ and x^a~b~^", "<p>SO<sub>4</sub><sup>2-</sup> and x<sup>a<sub>b</sub></sup></p>"),
        ("x^`a b`^ and 5^th", "<p>x<sup><code>a b</code></sup> and 5^th</p>"),
        ("x^a b^ and x^ y^, ^^a^^ and ~~~a~", "<p>x^a b^ and x^ y^, ^^a^^ and ~~~a~</p>"),
        (r"x^a\^ and \^b^", "<p>x^a^ and ^b^</p>"),
        ("~5 or ~6, x^2 and y^3", "<p>~5 or ~6, x^2 and y^3</p>"),
        ("~~not *so*~~", "<p><s>not <em>so</em></s></p>"),
        ("Before.<!-- private {{ x }} @y --> After.", "<p>Before. After.</p>"),
        ("a\n<!-- b\nc -->\nd", "<p>a\n\nd</p>"),
        ("a\n\n<!-- b\n\nc {{ x }}\n-->\n\nd", "<p>a</p>\n<p>d</p>"),
        ("<!-- a --> b", "<p> b</p>"),
        ("`<!-- a -->`", "<p><code>&lt;!-- a --&gt;</code></p>"),
        (r"\<!-- a -->", "<p>&lt;!– a –&gt;</p>"),
    ],
)
def test_marks_are_printed_as_expected_and_code_and_addresses_as_written(written: str, printed: str) -> None:
    assert composed(written).body.strip() == printed


def test_math_keeps_its_hyphens() -> None:
    assert "–" not in composed("$a -- b$").body


def test_dashes_keep_the_lines_of_what_follows() -> None:
    prose = parse("a -- b...\nc <!-- d\ne --> {{ v }}", PATH)
    (expression,) = [token for token in prose.walk() if token.type == "expression"]
    assert prose.place(expression).line == 3
