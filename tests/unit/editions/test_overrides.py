"""What a manifest may set for the build that verifies it."""

from __future__ import annotations

import pytest

from generator.editions.overrides import MAX_COUNTS, MAX_TEXT_CHARACTERS, fault


def test_what_another_machine_can_set_the_same_way_is_taken() -> None:
    assert fault({"training.epochs": "5", "training.replicates": 10, "figures.image": "3", "title": "Another"}) == ""
    assert all(fault({name: str(most)}) == "" for name, most in MAX_COUNTS.items())


@pytest.mark.parametrize(
    "name",
    [
        "data.path",
        "data.mirrors",
        "data.environment",
        "data.check",
        "fonts.fallback",
        "training.threads",
        "published.total",
    ],
)
def test_what_leads_out_of_the_paper_is_refused(name: str) -> None:
    assert fault({"training.epochs": "5", name: "1"}) == (
        f"It was built with --set {name}, which is not a setting that `verify` accepts from a site."
    )


@pytest.mark.parametrize("value", ["10001", "9" * 5000, "-1", "1e9", "[2]", ""])
def test_a_training_has_an_end(value: str) -> None:
    assert fault({"training.epochs": value}).endswith("but `verify` accepts only a number up to 10,000.")


@pytest.mark.parametrize("value", ["a\0b", "a\nb", "a\x1b[31mb", "a\x85b"])
@pytest.mark.parametrize("name", ["title", "authors", "figures.image", "date"])
def test_a_text_that_no_command_can_be_given_is_refused(name: str, value: str) -> None:
    assert fault({name: value}) == (
        f"It was built with --set {name}={value}, but `verify` accepts only a text without control characters."
    )


def test_a_text_has_an_end() -> None:
    assert fault({"title": "a" * MAX_TEXT_CHARACTERS}) == ""
    assert fault({"title": "a" * (MAX_TEXT_CHARACTERS + 1)}) == (
        f"It was built with --set title={'a' * 20}, but `verify` accepts only a text of up to 10,000 characters."
    )
