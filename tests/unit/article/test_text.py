"""What an article says in words: the author's paragraphs, with names in place of numbers and of numbering."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.article.compose import compose
from generator.article.material import Material
from generator.prose.prose import parse
from generator.records.article import Article, ArticleText, Paragraph
from generator.records.results import Origin
from generator.records.results import Path as Name
from tests.conftest import dot
from tests.unit.article.test_compose import BIBLIOGRAPHY, EVERYTHING, EXHIBITS, REFERENCES, VALUES

ORIGINS: dict[Name, Origin] = {
    (group, name): Origin(f"{group}.{name}", 1, "train", None, "c" * 64, "d" * 64)
    for group, name in (("run", "accuracy"), ("run", "epochs"), ("run", "name"))
}


def composed(prose: str, path: Path = Path("article.md"), accuracy: float = 0.9908) -> Article:
    values = {"run": {**VALUES["run"], "accuracy": accuracy}}
    return compose(Material(parse(prose, path), values, EXHIBITS, BIBLIOGRAPHY, ORIGINS), "page")


def said(prose: str, path: Path = Path("article.md"), accuracy: float = 0.9908) -> ArticleText:
    return composed(prose, path, accuracy).text


def texts(prose: str) -> list[str]:
    return [paragraph.text for paragraph in said(prose).paragraphs]


@pytest.mark.parametrize(
    ("prose", "text"),
    [
        ("It is {{ run.accuracy | percent }}.", "It is {run.accuracy}."),
        ("[{{ run.epochs }} epochs](https://example.org)", "{run.epochs} epochs"),
        ("By {{ run.name }}.", 'By <b>"x"</b>.'),
        ("A *word* and `code`,\nand $x^2$.", "A word and code, and x^2."),
        ("Noted[^a] twice[^a].\n\n[^a]: On {{ run.epochs }}.\n\n    More.", "Noted^[On {run.epochs}. More.] twice."),
        ('[So.]{claim="run.accuracy > 2"} [Not *so*.]{.otherwise}', "Not so."),
        ('[So.]{claim="run.accuracy > 0"} [Not *so*.]{.otherwise}', "So."),
        ("```python\nx = 1\n```", "x = 1"),
        ("$$ x + 1 $$", "x + 1"),
        ("10^3^ and 10^−6^, x^2a^, x^i,j^, H~2~O, L~max~.", "10³ and 10⁻⁶, x^2a, x^(i,j), H₂O, L_max."),
        ("10^{{ run.epochs }}^, x^*n*~2~^", "10^({run.epochs}), xⁿ₂"),
        ('[10^3^.]{claim="run.accuracy > 0"}', "10³."),
        ("```{=html}\n<b>as it is</b>\n```", "<b>as it is</b>"),
    ],
)
def test_a_paragraph_says_what_is_read_with_names_for_numbers(prose: str, text: str) -> None:
    assert texts(prose) == [text]


OWN = '[It is {{ run.name }}.]{claim="run.accuracy > 0.5"} [It is *not* {{ run.epochs }}.]{.otherwise}'


@pytest.mark.parametrize("accuracy", [0.1, 0.9])
@pytest.mark.parametrize(
    ("prose", "frame"),
    [
        (f"So: {OWN} And so on.", "So: {claim:1} And so on."),
        (f"Noted[^a].\n\n[^a]: On {OWN}", "Noted^[On {claim:1}]."),
        (f"::: table own\n| {OWN} | b |\n|---|---|\n| c | d |\n\nOwn.\n:::", "{claim:1} b"),
    ],
)
def test_a_claim_has_both_wordings_and_its_place_whichever_is_printed(prose: str, frame: str, accuracy: float) -> None:
    article = composed(prose, accuracy=accuracy)
    (claim,) = article.claims
    assert claim.wordings == ('It is <b>"x"</b>.', "It is not {run.epochs}.")
    assert claim.printed == ("" if accuracy > 0.5 else f"It is not {VALUES['run']['epochs']}.")
    (one,) = [paragraph for paragraph in article.text.paragraphs if paragraph.frame]
    assert one.frame == frame and one.text == frame.replace("{claim:1}", claim.wordings[claim.otherwise])


def test_a_paragraph_without_such_a_claim_has_no_frame() -> None:
    article = composed('[So.]{claim="run.accuracy > 0"} And so on.')
    assert [one.frame for one in article.text.paragraphs] == [""]
    assert article.claims[0].wordings is None


def test_references_and_citations_stand_by_their_targets() -> None:
    found = texts(f"# Data\n\nSee @sec:data and [@good, p. 3; @lecun].{REFERENCES}")
    assert found == ["Data", "See @sec:data and [@good, p. 3; @lecun].", "Second. 2016.", "First. 1998."]


def test_paragraphs_stand_under_their_headings_without_the_numbers() -> None:
    found = said(
        "# Abstract {.unnumbered #abstract}\n\nShort.\n\n# Results of {{ run.epochs }}\n\nOne.\n\n- Two.\n\n> Three."
    )
    heading = "Results of {run.epochs}"
    told = [("Abstract", "Short."), (heading, heading), (heading, "One."), (heading, "Two."), (heading, "Three.")]
    assert found.paragraphs == tuple(Paragraph(section, text) for section, text in told)


def test_only_the_abstract_is_in_the_section_abstract() -> None:
    figure = "::: figure maps\nMaps.\n:::"
    assert [one.section for one in said(f"Text.\n\n{figure}").paragraphs] == ["Opening", "Opening"]
    found = said(f"# Abstract {{.unnumbered #abstract}}\n\nShort.\n\n{figure}\n\n# Results\n\nOne.").paragraphs
    assert [(one.section, one.text) for one in found][:2] == [("Abstract", "Short."), ("Opening", "Maps.")]


def test_of_an_exhibit_the_caption_is_prose_and_a_table_of_the_authors_row_by_row() -> None:
    table = "::: table own\n| a | b |\n|---|---|\n| c | {{ run.epochs }} |\n\nOwn.\n\nMore.\n:::"
    found = said(f"{table}\n\n::: figure maps\nMaps.\n:::")
    assert [(one.text, one.exhibit) for one in found.paragraphs] == [
        ("Own.", "tbl:own"), ("More.", "tbl:own"), ("a b", ""), ("c {run.epochs}", ""), ("Maps.", "fig:maps")
    ]  # fmt: skip


def test_listings_are_kept_as_code_by_their_labels() -> None:
    found = said("::: listing load\n```python\nif x:\n    y = 1\n```\nCode.\n:::")
    assert found.listings == {"lst:load": "if x:\n    y = 1"}
    assert [one.text for one in found.paragraphs] == ["Code."]


def test_another_picture_is_another_text(tmp_path: Path) -> None:
    prose, path = "See ![A cat](a.png).", tmp_path / "article.md"
    found = []
    for content in (dot(), dot() + b" "):
        (tmp_path / "a.png").write_bytes(content)
        found.append(said(prose, path).paragraphs[0].text)
    assert all(text.startswith("See [picture ") and text.endswith(": A cat].") for text in found)
    assert found[0] != found[1]


def test_powers_and_indices_stay_what_they_are_in_descriptions_and_in_the_sentences_of_claims() -> None:
    prose = (
        '# Abstract {.unnumbered #abstract}\n\n[10^3^ of H~2~O [@good].]{claim="run.accuracy > 0"}\n\n# End'
        + REFERENCES
    )
    article = compose(Material(parse(prose, Path("article.md")), VALUES, EXHIBITS, BIBLIOGRAPHY, ORIGINS), "page")
    assert article.abstract_text == "10³ of H₂O."
    assert [claim.sentence for claim in article.claims] == ["10³ of H₂O."]
    assert texts("10^3^") != texts("103")


def test_another_number_is_the_same_text() -> None:
    assert said(EVERYTHING) == said(EVERYTHING, accuracy=0.5)


def test_page_and_print_say_the_same() -> None:
    material = Material(parse(EVERYTHING, Path("article.md")), VALUES, EXHIBITS, BIBLIOGRAPHY, ORIGINS)
    assert compose(material, "page").text == compose(material, "print").text
