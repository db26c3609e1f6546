"""Syntax of LaTeX, MyST, Quarto, and wikis: told with its line and the way to write it here."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator.core.diagnostics import Diagnostics
from generator.core.errors import Place, ReportError
from generator.prose.foreign_syntax import check_source
from generator.prose.prose import parse

PATH = Path("article.md")
LATEX = "is LaTeX, which is not supported."
HTML = "is HTML, which is not supported here."
GRID = "A table with borders of + and - is not supported here."


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
        ("# A {#extra text", '"{#extra" is not closed by "}".', "Write } after"),
        ("# A {.unnumbered #a", '"{.unnumbered" is not closed by "}".', "Write } after"),
        ("[a](https://b.org){.c d\ne}", '"{.c" is not closed by "}".', "\\{ for the character"),
        ("`a`{lang=fr b", '"{lang=fr" is not closed by "}".', "Write } after"),
        ("`a`{width=50% c", '"{width=50%" is not closed by "}".', "Write } after"),
        ("[a]{.b", '"{.b" is not closed by "}".', "{.class"),
        ('[a]{claim="b > 1" c', '"{claim="b > 1" c" is not closed by "}".', '{claim="test.accuracy.low > 0.9"}'),
        (
            '[a]{claim="b > 1} c',
            "The attributes of this [text]{…} cannot be read.",
            '{claim="test.accuracy.low > 0.9"}',
        ),
        ("[a].margin} b", '".margin}" has no "{" before it.', "Write {.margin} right after"),
        ("a .big} b", '".big}" has no "{" before it.', "\\} for the character"),
        ("# A #a}", '"#a}" has no "{" before it.', "{#a}"),
        ('[a]claim="b > 1"}', '"claim="b > 1"}" has no "{" before it.', '{claim="b > 1"}'),
        ('[a]claim="b > 1" .c}', '"claim="b > 1" .c}" has no "{" before it.', '{claim="b > 1" .c}'),
        ("[a].c #d lang=fr}", '".c #d lang=fr}" has no "{" before it.', "{.c #d lang=fr}"),
        (
            "::: figure kernels .margin}\nA caption.\n:::",
            '"kernels .margin}" is not a name for a figure.',
            "Write { before",
        ),
        ("| a |\n|---|\n\n: Caption", 'A ":" beside a table does not begin a caption.', "::: table NAME"),
        ("Table: Caption\n\n| a |\n|---|", 'A "Table:" beside a table does not begin a caption.', "::: table NAME"),
        ("a<br>b", f"<br> {HTML}", "backslash"),
        ("H<sub>2</sub>O", f"<sub> {HTML}", "H~2~O"),
        ("<b>a</b>", f"<b> {HTML}", "**text**"),
        ('<DIV class="a">\nb', f"<div> {HTML}", "{=html}"),
        ("a</span >", f"<span> {HTML}", "[text]{.class"),
        ('<img src="a.png" width=3 />', f"<img> {HTML}", "![what it shows](file.png)"),
        ("+---+---+\n| a | b |\n+===+===+\n| c | d |\n+---+---+", GRID, "|---|"),
        ("+:--+\n| a |\n+---+", GRID, "::: table NAME"),
        ("| one\n| two", "A line that begins with a bar is not supported here.", "backslash"),
        ("% a comment", "A line that begins with % is not a comment here.", "<!-- comment -->"),
        ("%% a comment", "A line that begins with %% is not a comment here.", "\\% for"),
        ("``a b'' c", "``a b'' is not how quotes are written here.", '"text"'),
        ("``a'' and \"b\" `c`", "``a'' is not how quotes are written here.", '"text"'),
        ("(`a b') c", "`a b' is not how quotes are written here.", "'text'"),
        ("\\(n\\)", "\\(n\\) is not how math is written here.", "$…$"),
        ("\\(2n + 1\\)", "\\(2n + 1\\) is not how math is written here.", "$…$"),
        ("\\[n\\]", "\\[n\\] is not how math is written here.", "$$ … $$"),
        ("- [x] a", "[x] does not mark a task here.", "Remove it"),
        ("1. [ ] a", "[ ] does not mark a task here.", "\\[ for"),
        ("a <!-- b\n\nc -->", "A comment, <!--, is not closed.", "-->"),
    ],
)
def test_what_is_written_otherwise_here_is_told_with_the_way(text: str, what: str, way: str) -> None:
    error = refusal(f"Text.\n\n{text}")
    line = 6 if text.startswith("| a") else 3
    assert (error.what, error.where) == (what, Place(PATH, line))
    assert way in error.next


def test_two_quotes_of_latex_in_a_paragraph_are_told_and_are_no_code() -> None:
    assert "``a'' is not how quotes are written here." in refusal("``a'' and ``b'' c").what
    assert "`a' is not how quotes are written here." in refusal("`a' and `b' c").what


@pytest.mark.parametrize("text", ["a\nb\n% c", "> a\n> - b\n>   % c", "a\n**b**\n| c\n| d"])
def test_a_line_is_told_where_it_stands(text: str) -> None:
    assert refusal(text).where == Place(PATH, 3)


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


def test_the_lines_of_many_characters_that_cannot_be_printed_are_found_at_once() -> None:
    """To count them from the beginning for each took seconds here, and minutes in a larger text."""
    diagnostics = Diagnostics(PATH)
    started = time.process_time()
    check_source("a\n" * 2**20 + "\u2028\n" * 2_000, diagnostics)
    assert time.process_time() - started < 1
    assert diagnostics.found[-1].where == Place(PATH, 2**20 + 2_000)


@pytest.mark.parametrize(
    "text",
    [
        "`\\cite{a}` and `{cite}`", "```\n\\newpage\n[TOC]\n```", "C:\\\\new", "\\\\cite", "$\\alpha$ {{ v }}",
        "a\\\nb",
        "a < b and c > d, a<b, <x, y>, <pad> and <unk>, a <b and c> d, <https://a.org> <a@b.org>",
        "`a<br>b` $a<b>c$ \\<br>", "```\na<br>b\n+---+\n| a\n% b\n- [x] c\n``a''\n```",
        "    <b>\n    +---+\n    | a\n    % b",
        "$$\na\n% b\n| c\n$$", "`a\n% b\n+---+\n| c`", "$a\n% b$",
        "a | b, |x| < 1\n|y|\n\\| z", "100 % of\n\\% b", "| a |\n|---|\n| b |", "+ a\n+ b", "a +---+",
        "``a = ''`` and ``it's`` `it's` 'a'", "`` a'' `` ``b``", "5\\` and 3' and `x'`", "``a''b`c``",
        "\\(5\\) \\[0, 1\\] \\[1\\]", "- \\[x\\] a\n- \\[x] b", "- a [x] b\n\n[y] c\n\n- [z] d",
        '``` {=html}\n<b>a</b>\n```', "a <!-- <br> --> b",
        "\\[sic\\] and \\(see\\)", "\\{.x} \\[TOC]", "a {b} {1, 2}", "for {n=1,...,N", "if x {n=5\nelse",
        "\\{#x a, {.5 and {#, `{#x a`, $\\{x=1$", "[s]{.x} `c`{.d} # {}", "# A {.unnumbered #a}",
    ],
)  # fmt: skip
def test_code_math_escapes_and_attributes_in_their_place_are_left_alone(text: str) -> None:
    assert parse(text, PATH).body


@pytest.mark.parametrize("text", ["a.b} c", "a .b\\} c", "\\{a .b} c", "`a .b}` c", "$x .b}$", "a (.5} b"])
def test_a_brace_that_closes_no_attribute_is_text(text: str) -> None:
    parse(text, PATH)
