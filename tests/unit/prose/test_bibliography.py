"""The references: how entries are written, and what is refused in a .bib file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.errors import Place, ReportError
from generator.prose.bibliography import parse, read, references, unknown_key
from generator.records.article import Reference

PATH = Path("references.bib")
ARTICLE = """
@string{ieee = "Proceedings of the {IEEE}"}
@article{lecun,
  author = {LeCun, Yann and Bottou, L{\\'e}on and {\\'E}mile, Zo{\\"e}},
  title = {Gradient-Based {L}earning \\& More},
  journal = ieee, volume = 86, number = 11, pages = {2278--2324}, year = 1998,
  doi = {https://doi.org/10.1109/5.726\\_791},
}
"""


def written(entry: str, key: str = "k") -> Reference:
    (reference,) = references(parse(entry, PATH), [key])
    return reference


def refusal(text: str, cited: tuple[str, ...] = ("k",)) -> ReportError:
    with pytest.raises(ReportError) as caught:
        references(parse(text, PATH), cited)
    return caught.value


def test_an_article_is_written_with_accents_dashes_and_a_link() -> None:
    reference = written(ARTICLE, "lecun")
    assert reference.text == (
        "Yann LeCun, Léon Bottou, and Zoë Émile. Gradient-based Learning & more. "
        "Proceedings of the IEEE, 86(11):2278–2324, 1998. doi:10.1109/5.726_791."
    )
    assert reference.html == (
        "Yann LeCun, Léon Bottou, and Zoë Émile. Gradient-based Learning &amp; more. "
        "<em>Proceedings of the IEEE</em>, 86(11):2278–2324, 1998. "
        '<a href="https://doi.org/10.1109/5.726_791">doi:10.1109/5.726_791</a>.'
    )
    assert (reference.id, reference.number) == ("ref-lecun", 1)


def test_an_address_loses_the_escapes_that_latex_needs() -> None:
    reference = written("@misc{k, title={T}, url={https://a.org/x\\_y\\%20z?a=1\\&b=2\\#c}}")
    assert '<a href="https://a.org/x_y%20z?a=1&amp;b=2#c">' in reference.html


def test_references_are_numbered_in_the_order_given_and_the_rest_is_left_out() -> None:
    bibliography = parse("@misc{a, title={A}}\n@misc{b, title={B}}\n@article{broken}", PATH)
    assert [(r.key, r.number) for r in references(bibliography, ["b", "a"])] == [("b", 1), ("a", 2)]


def test_markup_in_an_entry_is_text() -> None:
    reference = written("@misc{k, title={<script>alert('x')</script> \"q\"}, note={<b>}}")
    assert "<" not in reference.html
    assert "&lt;script&gt;" in reference.html


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"], exclude_characters='{}\\%@"~$#^_&'),
        min_size=1,
    )
)
def test_no_title_makes_a_tag(title: str) -> None:
    assert "<" not in written(f"@misc{{k, title={{{title}}}, year=2000}}").html


def test_an_entry_of_no_known_key_is_told_with_the_nearest() -> None:
    error = unknown_key(parse(ARTICLE, PATH), "lecunn", Place(Path("article.md"), 4))
    assert str(error) == 'article.md:4: "lecunn" is not in references.bib.\n  Did you mean "lecun"? Known: lecun.'


def test_a_missing_field_is_told_with_the_line_of_the_entry() -> None:
    error = refusal("\n\n@article{k, author={A B}, title={T}, year=2000}")
    assert error.what == '"k" has no journal, which every article needs.'
    assert error.where == Place(PATH, 3)
    assert error.next == "Add a line: journal = {...},"


def test_an_unknown_kind_of_entry_is_told_with_the_nearest() -> None:
    error = refusal("@artcle{k, title={T}}")
    assert error.what == '"k" is of the kind "artcle", which is not known.'
    assert error.where == Place(PATH, 1)
    assert error.next.startswith('Did you mean "article"?')


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (
            "@misc{a, title={A}}\n@misc{k, title={T}\n@misc{c, title={C}}",
            3,
            "The entry that begins on line 2 cannot be read: '}' expected.",
        ),
        ("\n@misc{k, title={T", 2, "The entry that begins on line 2 cannot be read: premature end of file."),
    ],
)
def test_malformed_bibtex_is_told_with_its_line(text: str, line: int, what: str) -> None:
    error = refusal(text)
    assert error.what == what
    assert error.where == Place(PATH, line)
    assert error.next == "Look for a missing comma, brace or quotation mark."


def test_the_name_of_no_text_is_told_with_what_to_write() -> None:
    error = refusal("@misc{k, title = nowhere}")
    assert (error.what, error.where) == ('"nowhere" is the name of no text.', Place(PATH, 1))
    assert error.next == "Write {nowhere} for the text itself."


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("@misc{k, title={A}}\n\n@misc{K, title={B}}", 3, 'The key "K" is already on line 1.'),
        (
            "\n@misc{k, title={A}, title={B}}",
            2,
            'In "k": entry with key k has a duplicate title field.',
        ),
    ],
)
def test_a_key_or_a_field_given_twice_is_refused(text: str, line: int, what: str) -> None:
    error = refusal(text)
    assert error.what == what
    assert error.where == Place(PATH, line)
    assert error.next == "Give each entry a key, and each field, once."


def test_latex_that_cannot_be_translated_is_refused_rather_than_printed() -> None:
    error = refusal("@misc{k, title={A \\frobnicate{b}}}")
    assert error.what == '"k" holds \\frobnicate, which cannot be translated from LaTeX.'
    assert error.where == Place(PATH, 1)
    assert error.next == "Write the character itself, or take it out."


def test_an_address_that_runs_code_is_refused() -> None:
    error = refusal("@misc{k, title={T}, url={javascript:alert(1)}}")
    assert error.what == 'The address of "k" is refused: javascript:alert(1)'
    assert error.where == Place(PATH, 1)
    assert error.next == "Write an address that begins with https:// or http://."


def test_all_bad_entries_are_told_at_once() -> None:
    error = refusal("@book{a, title={A}}\n@article{b, title={B}}", ("b", "a"))
    assert error.what.splitlines()[0] == "There are 2 mistakes."
    assert "references.bib:1" in error.what.splitlines()[1]
    assert "references.bib:2" in error.what.splitlines()[2]


def test_an_empty_file_is_a_bibliography_and_a_missing_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "references.bib"
    with pytest.raises(ReportError) as caught:
        read(path)
    assert caught.value.what == "The file cannot be read: No such file or directory."
    assert caught.value.where == Place(path)
    assert caught.value.next == "Create the file, or correct its name."
    path.write_text("")
    assert read(path).lines == {}


def test_a_file_that_is_not_utf8_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "references.bib"
    path.write_bytes(b"\n\xe9")
    with pytest.raises(ReportError) as caught:
        read(path)
    assert (caught.value.what, caught.value.where) == ("The file is not UTF-8 text.", Place(path, 2))
    assert caught.value.next == "Save it as UTF-8."
