"""The constants of an experiment are the names that its code sets once to a number or a text."""

from __future__ import annotations

import ast

import pytest

from generator.results.code_values import constants, is_setting


def test_numbers_texts_and_tuples_of_numbers_that_are_set_once_are_constants() -> None:
    code = 'RATE = 0.1\nWIDTH: int = 32\nNAME = "wide"\nSHIFT = -2\nANGLES = (0, 15, 30)\nIS_DEEP = True\n'
    assert constants(ast.parse(code)) == {
        "RATE": 0.1,
        "WIDTH": 32,
        "NAME": "wide",
        "SHIFT": -2,
        "ANGLES": (0, 15, 30),
        "IS_DEEP": True,
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("code", "WIDTH"), True),
        (("model", "optimizer", "learning_rate"), True),
        (("model", "loss"), True),
        (("model", "layers", "conv.1", "filters"), True),
        (("model", "layers", "conv.1", "kernel_initializer", "kind"), True),
        (("model", "layers", "conv.1", "parameters"), False),
        (("model", "parameters", "total"), False),
        (("test", "accuracy", "mean"), False),
    ],
)
def test_what_the_code_sets_is_told_from_results_by_its_name(path: tuple[str, ...], expected: bool) -> None:
    assert is_setting(path) is expected


@pytest.mark.parametrize(
    "code",
    [
        "X = 1\nX = 2",
        "X = 1\nX += 1",
        "X = 1\nif True:\n    X = 2",
        "X = 1\nfor X in range(3):\n    pass",
        "X = 1\ndef change():\n    global X\n    X = 2",
        "X = 1\nimport numpy as X",
        "X = 1\ndef X():\n    pass",
        "X = 1\ndel X",
        "X = 1\n(X := 2)",
        "X = Y = 1",
        "X: int",
        "X = 1\ntry:\n    pass\nexcept OSError as X:\n    pass",
        "X = 1\nmatch 2:\n    case X:\n        pass",
        "X = 1\nmatch {}:\n    case {**X}:\n        pass",
        "X = 1\nfrom module import *",
    ],
)
def test_a_name_that_is_set_more_than_once_is_no_constant(code: str) -> None:
    assert "X" not in constants(ast.parse(code))


@pytest.mark.parametrize(
    "value",
    [
        "2 * 14",
        "f(1)",
        "None",
        "{1: 2}",
        "('a',)",
        "()",
        "[1, 2]",
        "''",
        r"'\ud800'",
        "1e999",
        "10**2",
        str(2**70),
        "1j",
    ],
)
def test_what_is_computed_or_no_result_can_hold_is_no_constant(value: str) -> None:
    assert constants(ast.parse(f"X = {value}")) == {}
