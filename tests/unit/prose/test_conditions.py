"""Conditions that say the same have one form, and others do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.prose.conditions import form_of

SAME = [
    ("a.x > b.x", "b.x < a.x"),
    ("a.x > b.x", "(a.x)>( b.x )"),
    ("a.x > b.x", "a.x - b.x > 0"),
    ("a.x > b.x", "not a.x <= b.x"),
    ("a.x - b.x > c - d", "a.x + d > c + b.x"),
    ("a.x - 1 > 0", "a.x > 1.0"),
    ("a > 0.1", "-0.1 > -a"),
    ("a != b", "b != a"),
    ("a['x'] > epochs[1].loss", "a.x > epochs[1]['loss']"),
    ("a > 1 and b > 2", "b > 2 and 1 < a"),
    ("a > 1 and a > 1", "a > 1"),
    ("a > 1 or (b > 2 or c > 3)", "(c > 3 or a > 1) or b > 2"),
    ("1 < a < 2", "a > 1 and a < 2"),
    ("not (a > 1 and b > 2)", "a <= 1 or b <= 2"),
    ("not (a > 1 or not b) and c", "c and b and a <= 1"),
    ("not not a", "a"),
    ("2 * a > 2 * b", "a > b"),
    ("a / 10 > 0.1 * b", "a > b"),
    ("0.1 * a - 0.3 > 0", "a > 3"),
    ("-2 * a == 2 * b", "b + a == 0"),
    ("2 * (a - b) > 1", "a - b > 0.5"),
    ("h.difference.mean > 0", "h.trained.mean > h.untrained.mean"),
    ("h['difference'].mean < 0.1", "h.trained.mean < h.untrained.mean + 0.1"),
    ("variants.x.difference.h.mean > 0", "variants.x.h.mean > h.mean"),
    ("variants['x-y'].difference.epochs[2].loss.mean < 0", "epochs[2].loss.mean > variants['x-y'].epochs[2].loss.mean"),
    (
        "variants.x.difference.h.difference.mean > 0",
        "variants.x.h.trained.mean - variants.x.h.untrained.mean > h.trained.mean - h.untrained.mean",
    ),
    ("variants.x.difference.h.mean > variants.y.difference.h.mean", "variants.x.h.mean > variants.y.h.mean"),
]
OTHER = [
    ("a > b", "b > a"),
    ("a > b", "a >= b"),
    ("a > b and c > d", "a > b or c > d"),
    ("a > 1", "a > 2"),
    ("a.x > b", "a.y > b"),
    ("epochs[1].loss > 1", "epochs[2].loss > 1"),
    ("not a", "a"),
    ("a in [1]", "a not in [1]"),
    ("a * 2 > b", "a > b"),
    ("-2 * a > -2 * b", "a > b"),
    ("a * b > c", "a > c"),
    ("a / 0 > b", "a > b"),
    ("0 * a > b", "a > b"),
    ("h.difference.low > 0", "h.difference.mean > 0"),
    ("variants.x.difference.h.mean > 0", "variants.y.difference.h.mean > 0"),
    ("variants.x.difference.h.low > 0", "variants.x.h.low > h.low"),
    ("variants.x.h.mean > 0", "h.mean > 0"),
    ("layers[n].x > 1", "layers[m].x > 1"),
    ("(a if b else c) > 1", "a > 1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_conditions_that_say_the_same_have_one_form(one: str, other: str) -> None:
    assert form_of(one) == form_of(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_conditions_that_say_something_else_have_another(one: str, other: str) -> None:
    assert form_of(one) != form_of(other)


def test_what_cannot_be_read_is_its_own_form() -> None:
    assert form_of("a >") == "a >"
    assert form_of("max(a) > 1") == "max(a) > 1"


@given(st.text("abc.()<>=!- 12andorit[]'|", max_size=24))
def test_any_text_has_a_form(text: str) -> None:
    assert form_of(text) == form_of(text)
