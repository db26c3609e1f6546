"""What an author's code raises is told in one line."""

from __future__ import annotations

from generator.core.authored import reason


class SilentError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def test_an_exception_that_cannot_say_what_happened_is_told_by_its_name() -> None:
    assert reason(SilentError()) == "SilentError"


def test_a_reason_is_one_line_without_what_keras_adds() -> None:
    assert reason(ValueError("too\n  few\n\nArguments received by Dense.call(): x")) == "ValueError: too few"
