"""What an author's code raises is told in one line."""

from __future__ import annotations

import math

import pytest

from generator.core.authored import reason


class SilentError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def test_an_exception_that_cannot_say_what_happened_is_told_by_its_name() -> None:
    assert reason(SilentError()) == "SilentError"


def test_a_reason_is_one_line_without_what_keras_adds() -> None:
    assert reason(ValueError("too\n  few\n\nArguments received by Dense.call(): x")) == "ValueError: too few"
    assert reason(ValueError("Shapes: [2] vs. [2,3] [Op:Sub] name: ")) == "ValueError: Shapes: [2] vs. [2,3]"
    assert reason(ValueError("No [Op:Sub] name: x")) == "ValueError: No name: x"


class Layers:
    Conv2D = MaxPooling2D = None

    @property
    def built(self) -> bool:
        raise AttributeError("not built yet")


class SilentObject:
    def __dir__(self) -> list[str]:
        raise ValueError("no names")


def raised(code: str, **names: object) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any exception is told in the same way
        exec(code, {"math": math, "layers": Layers, **names})
    return caught.value


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("layers.Conv2d", "AttributeError: type object 'Layers' has no attribute 'Conv2d'. Did you mean Conv2D?"),
        ("math.sqr", "AttributeError: module 'math' has no attribute 'sqr'. Did you mean sqrt?"),
        ("def f(images): return image\nf(0)", "NameError: name 'image' is not defined. Did you mean images?"),
        ("prnt()", "NameError: name 'prnt' is not defined. Did you mean print?"),
        ("layers.xyz", "AttributeError: type object 'Layers' has no attribute 'xyz'"),
        (
            "from itertools import chian",
            "ImportError: cannot import name 'chian' from 'itertools' (unknown location). Did you mean chain?",
        ),
        ("layers().built", "AttributeError: not built yet"),
        ("raise AttributeError('no name', name=5)", "AttributeError: no name"),
        ("silent.name", "AttributeError: 'SilentObject' object has no attribute 'name'"),
    ],
)
def test_a_name_that_does_not_exist_is_told_with_the_nearest_one(code: str, told: str) -> None:
    assert reason(raised(code, silent=SilentObject())) == told
