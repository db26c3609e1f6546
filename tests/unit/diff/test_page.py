"""The page of a difference: what its tables say."""

from __future__ import annotations

import pytest

from generator.diff import page
from generator.diff.difference import differences
from tests.support.editions import edition, measured


def test_a_number_is_named_in_words_beside_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.render.fonts.page_rules", str)  # to cut them takes seconds
    quantities = ("test.accuracy", "analysis.own_measure")
    before, after = (
        edition({name: value for one in quantities for name, value in measured(one, *values).items()})
        for values in ((0.9, 0.91), (0.5, 0.51))
    )
    html = page.render_difference(differences(before, after), before.page, after.page)
    words = "share of the test images that are classified correctly"
    assert f'<th scope="row">{words} <code>test.accuracy</code></th>' in html
    assert '<th scope="row">analysis.own_measure</th>' in html, "it has no other description"
