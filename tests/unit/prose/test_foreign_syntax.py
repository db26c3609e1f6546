"""Syntax of LaTeX, MyST, Quarto and wikis: told with its line and the way to write it here."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import Place, ReportError
from generator.prose.prose import parse

PATH = Path("article.md")
LATEX = "is LaTeX, which is not supported."


def refusal(text: str) -> ReportError:
    with pytest.raises(ReportError) as caught:
        parse(text, PATH)
    return caught.value


@pytest.mark.parametrize(
    ("text", "what", "way"),
    [
        ("\\cite{a}", f"\\cite {LATEX}", "[@key]"),
        ("\\citep[p. 3]{a}", f"\\citep {LATEX}", "[@key]"),
        ("\\ref{a}", f"\\ref {LATEX}", "@fig:name"),
        ("\\autoref{a}", f"\\autoref {LATEX}", "@fig:name"),
        ("\\newpage", f"\\newpage {LATEX}", "Remove it"),
        ("\\textbf{a}", f"\\textbf {LATEX}", "**text**"),
        ("\\alpha", f"\\alpha {LATEX}", "$…$"),
        ("\\begin{figure}\n\\includegraphics{a}\n\\end{figure}", f"\\begin{{figure}} {LATEX}", "::: figure NAME"),
        ("\\begin{align*}\na\n\\end{align*}", f"\\begin{{align*}} {LATEX}", "$$ … $$"),
        ("\\(x^2\\)", "\\(x^2\\) is not how math is written here.", "$…$"),
        ("\\[a = b\\]", "\\[a = b\\] is not how math is written here.", "$$ … $$"),
        ("{cite}`key`", "{cite}`key` is a role of MyST, which is not supported here.", "[@key]"),
        ("{numref}`key`", "{numref}`key` is a role of MyST, which is not supported here.", "@fig:name"),
        ("[TOC]", "[TOC] is not supported here.", "Remove it"),
        ("[[_TOC_]]", "[[_TOC_]] is not supported here.", "Remove it"),
        ("[!NOTE]", "[!NOTE] is not supported here.", "**Note.**"),
        ("a {#tbl:mine}", "{#tbl:mine} applies to nothing here.", "::: figure NAME"),
        ("a {.big}", "{.big} applies to nothing here.", "right after"),
        ("a {width=50%}", "{width=50%} applies to nothing here.", "right after"),
        ("| a |\n|---|\n\n: Caption", 'A ":" beside a table does not begin a caption.', "::: table NAME"),
        ("Table: Caption\n\n| a |\n|---|", 'A "Table:" beside a table does not begin a caption.', "::: table NAME"),
        ("a <!-- b\n\nc -->", "A comment, <!--, is not closed.", "-->"),
    ],
)
def test_what_is_written_otherwise_here_is_told_with_the_way(text: str, what: str, way: str) -> None:
    error = refusal(f"Text.\n\n{text}")
    line = 6 if text.startswith("| a") else 3
    assert (error.what, error.where) == (what, Place(PATH, line))
    assert way in error.next


@pytest.mark.parametrize(
    "text", ["---\ntitle: A\n---\n\nText.", "\n---\n# x\nauthor: A\n---\n", "+++\na = 1\n+++\n", "% Title"]
)
def test_front_matter_is_told_to_belong_in_paper_toml(text: str) -> None:
    error = refusal(text)
    assert "The article begins with front matter, which is not supported here." in error.what
    assert "paper.toml" in str(error)


@pytest.mark.parametrize("text", ["---\n\nA line above the text.", "A\n\n---\n\nb: c", "100 % sure"])
def test_a_rule_is_no_front_matter(text: str) -> None:
    assert parse(text, PATH).body


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("\f", "U+000C (form feed)"),
        ("\u2028", "U+2028 (line separator)"),
        ("\x00", "U+0000 (null)"),
        ("\x85", "U+0085 (control character)"),
        ("\ufdd0", "U+FDD0 (control character)"),
    ],
)
def test_a_character_that_cannot_be_printed_is_told_with_its_line(char: str, name: str) -> None:
    error = refusal(f"one\ntwo {char} three")
    assert (error.what, error.where) == (f"This line has {name}, which cannot be printed.", Place(PATH, 2))


@pytest.mark.parametrize(
    "text",
    [
        "`\\cite{a}` and `{cite}`", "```\n\\newpage\n[TOC]\n```", "C:\\\\new", "\\\\cite", "$\\alpha$ {{ v }}",
        "a\\\nb",
        "\\[sic\\] and \\(see\\)", "\\{.x} \\[TOC]", "a {b} {1, 2}", "[s]{.x} `c`{.d} # {}", "# A {.unnumbered #a}",
    ],
)  # fmt: skip
def test_code_maths_escapes_and_attributes_in_their_place_are_left_alone(text: str) -> None:
    assert parse(text, PATH).body
