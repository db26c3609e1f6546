"""Lists that are too long to be read are cut."""

from __future__ import annotations

from generator.core.formatting import first_few


def test_of_a_long_list_the_first_few_are_named_and_the_others_counted() -> None:
    assert first_few("abcd", 3) == "a, b, c, and 1 more"
    assert first_few(["v; w", "x; y", "z"], 2, "; ") == "v; w; x; y; and 1 more"
    assert first_few("abc", 3) == "a, b, c"
    assert first_few(["x; y", "z"], 1, "; ") == "x; y and 1 more"
    assert first_few("a" * 2000, 1) == "a and 1,999 more"
    assert first_few([], 3) == ""
