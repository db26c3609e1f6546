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
    made: dict[str, str] = {}

    def note(material: Material, target: Target) -> Article:
        made.update({name: exhibit.kind for name, exhibit in material.exhibits.items()})
        return compose(material, target)

    monkeypatch.setattr(writing, "compose", note)
    page()
    known = {name: exhibit.kind for name, exhibit in foreseen.exhibits().items()}
    assert known == made | {"published": "table", "explorer": "figure"}, "the tiny paper has neither of these"
