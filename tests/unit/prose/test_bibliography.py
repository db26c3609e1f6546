"""The references: how entries are written, and what is refused in a .bib file."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.errors import Place, ReportError
from generator.prose.bibliography import parse, read, references, unknown_key, warnings
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
    assert error.what == '"k" has the unknown kind "artcle".'
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
    assert error.next == "Look for a missing comma, brace, or quotation mark."


def test_the_name_of_no_text_is_told_with_what_to_write() -> None:
    error = refusal("@misc{k, title = nowhere}")
    assert (error.what, error.where) == ('"nowhere" is not defined.', Place(PATH, 1))
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
    assert error.next == "Use each key once, and each field once per entry."


def test_latex_that_cannot_be_translated_is_refused_rather_than_printed() -> None:
    error = refusal("@misc{k, title={A \\frobnicate{b}}}")
    assert error.what == '"k" contains \\frobnicate, which cannot be translated from LaTeX.'
    assert error.where == Place(PATH, 1)
    assert error.next == "Write the character itself, or remove it."


def test_an_address_that_runs_code_is_refused() -> None:
    error = refusal("@misc{k, title={T}, url={javascript:alert(1)}}")
    assert error.what == 'The address of "k" is refused: javascript:alert(1)'
    assert error.where == Place(PATH, 1)
    assert error.next == "Write an address that begins with https:// or http://."


def test_all_bad_entries_are_told_at_once() -> None:
    error = refusal("@book{a, title={A}}\n@article{b, title={B}}", ("b", "a"))
    assert error.what.splitlines()[0] == "There are 2 errors."
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


HE = "author={He, K.}"


@pytest.mark.parametrize(
    ("entry", "html"),
    [
        (
            "@misc{k, title={Keras}, howpublished={\\url{https://keras.io}}, year=2015}",
            'Keras. <a href="https://keras.io">https://keras.io</a>, 2015.',
        ),
        (
            "@misc{k, title={T}, note={See \\href{https://a.org/x_y--z\\&b=1\\#c}{the \\textit{site}}}}",
            'T. See <a href="https://a.org/x_y--z&amp;b=1#c">the <em>site</em></a>.',
        ),
        ("@misc{k, title={T}, author={Mart\\'{\\i}n Abadi}}", "Martín Abadi. T."),
        ("@misc{k, title={T}, author={Mart{\\'\\i}n Abadi}}", "Martín Abadi. T."),
        (
            f"@article{{k, title={{T}}, {HE}, journal={{CoRR}}, volume={{abs/1512.03385}}, year={{2015}}}}",
            "K. He. T. <em>CoRR</em>, abs/1512.03385, 2015.",
        ),
        (
            f"@article{{k, title={{T}}, {HE}, journal={{J}}, volume=7, pages={{}}, year=2015}}",
            "K. He. T. <em>J</em>, 7, 2015.",
        ),
        (
            f"@article{{k, title={{T}}, {HE}, journal={{J}}, volume=7, number=2, year=2015}}",
            "K. He. T. <em>J</em>, 7(2), 2015.",
        ),
        (
            f"@article{{k, title={{T}}, {HE}, journal={{J}}, volume=7, eid={{12}}, year=2015}}",
            "K. He. T. <em>J</em>, 7:12, 2015.",
        ),
        (
            f"@article{{k, title={{T}}, {HE}, journal={{J}}, volume=7, number=2, pages={{3--4}}, year=2015}}",
            "K. He. T. <em>J</em>, 7(2):3–4, 2015.",
        ),
        ("@misc{k, title={CO$_{2}$ at $10^{-3}$}}", "CO<sub>2</sub> at 10<sup>−3</sup>."),
        ("@misc{k, title={The number $\\pi$}}", "The number π."),
        ("@misc{k, title={The norm $\\ell_p$ of $x$}}", "The norm ℓ<sub><em>p</em></sub> of <em>x</em>."),
        ("@misc{k, title={On \\textit{Drosophila} and {\\em Homo}}}", "On <em>Drosophila</em> and <em>Homo</em>."),
        (
            "@misc{k, title={On H\\textsubscript{2}O and \\textbf{bold}}}",
            "On H<sub>2</sub>O and <strong>bold</strong>.",
        ),
        ("@misc{k, title={Costs \\$5 and \\$6}}", "Costs $5 and $6."),
        (
            f"@article{{k, title={{T}}, {HE}, journaltitle={{J}}, volume=1, date={{2021-01-04}}}}",
            "K. He. T. <em>J</em>, 1, January 2021.",
        ),
        (
            f"@thesis{{k, title={{T}}, {HE}, type={{mathesis}}, institution={{MIT}}, date={{2021}}}}",
            "K. He. <em>T</em>. Master&#x27;s thesis, MIT, 2021.",
        ),
        (
            f"@thesis{{k, title={{T}}, {HE}, institution={{MIT}}, date={{2021-05}}}}",
            "K. He. <em>T</em>. PhD thesis, MIT, May 2021.",
        ),
        (
            f"@report{{k, title={{T}}, {HE}, type={{techreport}}, institution={{MIT}}, number=3, date={{2021}}}}",
            "K. He. T. Technical Report 3, MIT, 2021.",
        ),
        (
            f"@online{{k, title={{T}}, subtitle={{More}}, {HE}, url={{https://a.org}}, date={{2021}}}}",
            'K. He. T: more. 2021. URL: <a href="https://a.org">https://a.org</a>.',
        ),
        (f"@conference{{k, title={{T}}, {HE}, booktitle={{B}}, year=2001}}", "K. He. T. In <em>B</em>. 2001."),
        ("@www{k, title={T}, url={https://a.org}}", 'T. URL: <a href="https://a.org">https://a.org</a>.'),
        ("@electronic{k, title={T}, url={https://a.org}}", 'T. URL: <a href="https://a.org">https://a.org</a>.'),
        (
            f"@dataset{{k, title={{T}}, {HE}, publisher={{Zenodo}}, version=2, year=2020}}",
            "K. He. T. version 2, Zenodo, 2020.",
        ),
        ("@misc{k, title={T}, month = june, year=2020}", "T. June 2020."),
        ("@misc{k, title={Tiefe Netze}, langid={ngerman}}", "Tiefe Netze."),
        ("@misc{k, title={Tiefe Netze}, language={German}}", "Tiefe Netze."),
        ("@misc{k, title={Deep Nets}, langid={american}}", "Deep nets."),
        ("@misc{k, title={T}, eprint={hal-1}, eprinttype={HAL}}", "T. HAL:hal-1."),
    ],
)
def test_an_entry_as_citation_tools_export_it_is_written_in_full(entry: str, html: str) -> None:
    assert written(entry).html.replace("\N{NO-BREAK SPACE}", " ") == html


def test_the_plain_text_of_an_entry_keeps_indices_exponents_and_the_words_of_links() -> None:
    entry = "@misc{k, title={CO$_2$ at $10^{-3}$}, note={See \\href{https://a.org}{here}}}"
    assert written(entry).text == "CO₂ at 10⁻³. See here."


def test_math_that_is_more_than_signs_and_scripts_is_refused() -> None:
    error = refusal("\n@misc{k, title={$\\frac{a}{b}$}}")
    assert (error.what, error.where) == ('"k" contains \\frac, which cannot be translated from LaTeX.', Place(PATH, 2))


def test_an_address_inside_a_field_that_runs_code_is_refused() -> None:
    error = refusal("@misc{k, title={T}, note={\\href{javascript:alert(1)}{x}}}")
    assert error.what == 'The address of "k" is refused: javascript:alert(1)'


def test_an_unknown_name_in_an_entry_that_is_not_cited_is_a_warning() -> None:
    bibliography = parse("@misc{a, title={A}}\n@misc{k, title={T},\n month = juno}", PATH)
    assert [reference.key for reference in references(bibliography, ["a"])] == ["a"]
    assert warnings(bibliography, ["a"]) == [
        'warning: references.bib:3: "juno" is not defined. Write {juno} for the text itself.'
    ]
    assert warnings(bibliography, ["k"]) == []


def test_the_lines_of_many_entries_are_found_at_once() -> None:
    """To count them from the beginning for each took longer than to read the entries."""
    entries = [f"@misc{{k{number},\n title={{T}},\n note={{{'n' * 1_000}}}\n}}\n" for number in range(2_000)]
    started = time.process_time()
    lines = parse("\n" * 500_000 + "".join(entries), PATH).lines
    assert time.process_time() - started < 1
    assert lines["k1999"] == 500_000 + 4 * 1_999 + 1


def test_a_form_feed_is_told_with_its_line() -> None:
    error = refusal("\n@misc{k, title={a \f b}}")
    assert (error.what, error.where) == ("This line has U+000C (form feed), which cannot be printed.", Place(PATH, 2))


@given(st.lists(st.sampled_from([*"ab $\\{}_^-~&%\"'", "\\textit{", "\\url{", "\\href{", "{\\em "])).map("".join))
def test_any_latex_is_written_with_whole_tags_or_refused(latex: str) -> None:
    try:
        html = written(f"@misc{{k, title={{{latex}}}, year=2000}}").html
    except ReportError:
        return
    assert not re.search("[\ufdd0-\ufdef]", html)
    assert html.count("<") == 2 * html.count("</")


@pytest.mark.parametrize("field", ["title", "author", "note"])
@pytest.mark.parametrize("value", ['"a } b { c"', '"{a } } b { {c}"', "{a \\{ b}", "{\\} a}"])
def test_braces_that_do_not_close_are_told_and_no_fault_of_the_generator(field: str, value: str) -> None:
    error = refusal(
        f"\n@misc{{k, title={{T}}, author={{A, B}}, {field}={value}}}".replace("title={T}, ", "", field == "title")
    )
    assert isinstance(error.where, Place) and error.where.path == PATH
    assert error.next


@pytest.mark.parametrize("field", ["title", "author", "note"])
def test_a_value_that_is_too_large_to_read_is_refused_with_the_limit(field: str) -> None:
    others = "".join(f"{name}={{T}}, " for name in ("title", "author", "note") if name != field)
    deep = refusal(f"@misc{{k, {others}{field}={{{'{' * 30}a{'}' * 30}}}}}")
    assert (deep.what, deep.where) == (f'The {field} of "k" has braces nested 30 deep.', Place(PATH, 1))
    long = refusal(f"@misc{{k, {others}{field}={{{'a' * 20_001}}}}}")
    assert long.what == f'The {field} of "k" has more than 20,000 characters.'
