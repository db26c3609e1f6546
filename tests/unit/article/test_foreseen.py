"""Every exhibit that a run gives is foreseen: one that is not would be refused before anything is trained."""

from __future__ import annotations

import pytest

from generator.article import foreseen, writing
from generator.article.compose import compose
from generator.article.material import Material
from generator.records.article import Article, Target
from tests.end_to_end.test_page_snapshot import page


def test_every_exhibit_of_a_paper_is_foreseen_with_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The paper's charts, pictures, and tables are those of a convolutional network, so that none is left out."""
    made: set[tuple[str, str]] = set()

    def note(material: Material, target: Target) -> Article:
        made.update((exhibit.name, exhibit.kind) for exhibit in material.exhibits.values())
        return compose(material, target)

    monkeypatch.setattr(writing, "compose", note)
    page()
    known = {(exhibit.name, exhibit.kind) for exhibit in foreseen.exhibits().values()}
    others = {("published", "table"), ("explorer", "figure"), ("variants", "table"), ("variants", "figure")}
    assert known == made | others | {("analysis", "listing")}, "the tiny paper has none of these others"
