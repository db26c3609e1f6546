"""article.md: what an author can write, on which line everything stands, and what is refused."""

from __future__ import annotations

import base64
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.token import Token
from matplotlib.figure import Figure
from PIL import Image

from generator.core.errors import Place, ReportError
from generator.prose.prose import Prose, parse, read
from tests.conftest import dot

PATH = Path("article.md")


def tokens(prose: Prose, kind: str) -> list[Token]:
    return [token for token in prose.walk() if token.type == kind]


def refusal(text: str, path: Path = PATH) -> ReportError:
    with pytest.raises(ReportError) as caught:
        parse(text, path)
    return caught.value


def test_an_expression_is_a_node_of_its_own_with_its_filters() -> None:
    prose = parse('Reached {{ run.accuracy | percent }}, {{ "}} | a" }} *and {{ 1 * 2 }}*.', PATH)
    assert [t.content for t in tokens(prose, "expression")] == ["run.accuracy | percent", '"}} | a"', "1 * 2"]


def test_every_expression_knows_its_own_line_within_a_paragraph() -> None:
    text = r"""First {{ a2 }}
{{ a3 }} and `\{{ code }}
more code` {{ a4 }} *over
two {{ a5 }} lines* [a
link {{ a6 }}](https://x) {{ a6 }} ^[a note
{{ a7 }} in [its
link {{ a8 }}](https://x)] {{ a8 }}

> - in a
>   list {{ a11 }}

| a | b |
|---|---|
| 1 | {{ a15 | round }} |

Term {{ a17 }}
: defined
  as {{ a19 }}[^n]

[^n]: Note {{ a21 }}

    {{ a23 }}
"""
    prose = parse("\n" + text, PATH)
    found = tokens(prose, "expression")
    assert len(found) == 15
    assert [f"a{prose.place(t).line}" for t in found] == [t.content.split(" |")[0] for t in found]


def test_text_between_other_things_knows_its_line() -> None:
    prose = parse("one\n*two*\n`three\nfour` five\n[six\nseven](https://x) eight", PATH)
    lines = {t.content.strip(): prose.place(t).line for t in tokens(prose, "text") if t.content.strip()}
    assert lines == {"one": 1, "two": 2, "five": 4, "six": 5, "seven": 6, "eight": 6}


def test_a_backslash_keeps_braces_in_code() -> None:
    prose = parse("`\\{{ a.x | b }}`\n\n```\n\\{{ c[1] | d }}\n```\n\n    \\\\{{ e.x }}\n", PATH)
    assert tokens(prose, "expression") == []
    assert [t.content for t in tokens(prose, "code_inline")] == ["{{ a.x | b }}"]
    assert [t.content for t in tokens(prose, "fence")] == ["{{ c[1] | d }}\n"]
    assert [t.content for t in tokens(prose, "code_block")] == ["\\{{ e.x }}\n"], "two backslashes print one"


@pytest.mark.parametrize(
    "code",
    [
        *('f"{{{a.name}}}"', "f'{{x}}'", '"{{}}"', "{{1, 2}, {3, 4}}", "{{a, b}}", "{{0.5}}", "{{ a.b", "{ a.b }"),
        *("title={{The Title}}", "{{i. e.}}", r"\textbf{{Hello}}", "{{ x }}", "${{ github.ref }}", "{{{ user.name }}}"),
    ],
)
def test_braces_in_code_that_enclose_no_result_are_code_and_so_is_a_backslash_before_them(code: str) -> None:
    for written in (code, code.replace("{{", "\\{{", 1)):
        assert [t.content for t in tokens(parse(f"`{written}`", PATH), "code_inline")] == [written]


@pytest.mark.parametrize(
    "equation", ["$P({{A}}_1)$", r"$\frac{{a}}{{b}}$", "$$\n{{x + 1}}\n$$", r"$x_{\text{a.b}}$", r"$a_{ {i.j}}$"]
)
def test_doubled_braces_in_an_equation_group(equation: str) -> None:
    assert parse(f"It is {equation}." if "\n" not in equation else equation, PATH).body


@pytest.mark.parametrize(
    ("text", "value", "where", "line"),
    [
        ("a\n`{{ final.accuracy }}` b", "{{ final.accuracy }}", "code", 2),
        ("^[a `{{ b[1] }}`]", "{{ b[1] }}", "code", 1),
        ("```yaml\na: 1\nb: {{ c.d | percent }}\n```", "{{ c.d | percent }}", "a fenced block", 3),
        ("::: listing x\n```\n{{ a.b }}\n```\n\nCode.\n:::", "{{ a.b }}", "a fenced block", 3),
        ("```{=html}\n<p>{{ a.b }}</p>\n```", "{{ a.b }}", "a fenced block", 2),
        ("a\n\n    b\n    {{ c.d }}", "{{ c.d }}", "an indented block", 4),
        ("$x = {{ final.loss }}$", "{{ final.loss }}", "an equation", 1),
        (r"$\text{{{ epochs[1].loss }}}$", "{{ epochs[1].loss }}", "an equation", 1),
        ('$$\nx\n= {{ variants["a-b"].loss }}\n$$ (eq:x)', '{{ variants["a-b"].loss }}', "an equation", 3),
    ],
)
def test_a_value_that_would_be_printed_as_braces_is_told(text: str, value: str, where: str, line: int) -> None:
    error = refusal(text)
    assert error.what == f"{value} is in {where}, where values are not printed."
    assert error.where == Place(PATH, line)
    assert error.next == (
        "Write it in the text, beside the equation, or { { if the braces only group."
        if "$" in text
        else "Write it outside of the code, or \\{{ for the characters themselves."
    )


@pytest.mark.parametrize("begun", ["{{ ", "{{ a.", "{{ a.b\n{{", "\\" * 9 + "{{ "])
def test_long_code_with_braces_that_are_not_closed_is_read_at_once(begun: str) -> None:
    """Reading each of the letters again for each of them would take hours."""
    code = begun + "a" * 200_000
    assert [t.content for t in tokens(parse(f"```\n{code}\n```\n", PATH), "fence")] == [f"{code}\n"]


def test_long_paragraphs_with_a_brace_that_is_not_closed_are_read_at_once() -> None:
    """Reading each of the letters again for each of them would take minutes."""
    paragraphs = ["{" + "a" * 19_000] * 50
    assert len(tokens(parse("\n\n".join(paragraphs), PATH), "paragraph_open")) == 50


@pytest.mark.parametrize("text", ["{x in {a, b}}", "{ x }}", "\\{a.b}}"])
def test_two_braces_may_close_what_is_no_result(text: str) -> None:
    assert parse(text, PATH).body


def test_braces_in_quotes_belong_to_the_expression() -> None:
    assert [t.content for t in tokens(parse("{{ x['{{'] }}", PATH), "expression")] == ["x['{{']"]


def test_a_backslash_keeps_braces_brackets_and_at_signs_as_text() -> None:
    prose = parse(r"\{{ a }} and \[@key] and \@fig:x and me@fig:x", PATH)
    assert {t.type for t in prose.body[1].children or ()} == {"text"}


def test_a_citation_lists_its_keys_and_locators() -> None:
    prose = parse("[@a; @b:c/d, p. 3] and [@a]\n\n::: references\n:::", PATH)
    assert [t.meta["items"] for t in tokens(prose, "citation")] == [
        [("a", ""), ("b:c/d", "p. 3")],
        [("a", "")],
    ]
    assert prose.cited == {"a": (1, 1), "b:c/d": (1,)}


def test_sections_are_numbered_and_an_unnumbered_one_takes_its_parts_with_it() -> None:
    text = "# A\n\n## B\n\n## C\n\n# D {.unnumbered}\n\n## E\n\n# F {#sec:f}"
    prose = parse(text, PATH)
    headings = [(t.attrs["id"], t.meta["number"], t.tag) for t in tokens(prose, "heading_open")]
    assert headings == [
        ("a", "1", "h2"),
        ("b", "1.1", "h3"),
        ("c", "1.2", "h3"),
        ("d", "", "h2"),
        ("e", "", "h3"),
        ("sec:f", "2", "h2"),
    ]


def test_a_slug_gives_way_to_ids_that_are_written_and_to_earlier_slugs() -> None:
    prose = parse("# Data\n\n# Data\n\n# It's *Data*: {{ n }}!\n\n# X {#data}", PATH)
    ids = [t.attrs["id"] for t in tokens(prose, "heading_open")]
    assert ids == ["data-2", "data-3", "its-data", "data"]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=8))
def test_slugs_are_unique_and_have_no_blanks(titles: list[str]) -> None:
    words = ["".join(c for c in title if c.isalnum()) or "x" for title in titles]
    prose = parse("\n\n".join(f"# {word}" for word in words), PATH)
    ids = [str(t.attrs["id"]) for t in tokens(prose, "heading_open")]
    assert len(ids) == len(words) == len(set(ids))
    assert not any(c.isspace() for id in ids for c in id)


def test_the_abstract_is_apart_from_the_body_and_without_its_heading() -> None:
    prose = parse("# Abstract {.unnumbered #abstract}\n\nShort.\n\n# First\n\nLong.", PATH)
    assert [t.content for t in prose.abstract if t.type == "inline"] == ["Short."]
    assert [t.content for t in prose.body if t.type == "inline"] == ["First", "Long."]
    assert prose.labels["sec:first"].text == "Section\u00a01"
    assert "sec:abstract" not in prose.labels


def test_exhibits_and_equations_are_numbered_by_kind() -> None:
    block = "::: {0} {1}\nShown.\n:::\n\n"
    text = "".join(block.format(*pair.split()) for pair in ("figure a", "table b", "figure c", "listing d"))
    prose = parse(text + "$$x$$ (eq:e)\n\n$$y$$\n\n$$\nz\n$$ (eq:f)", PATH)
    assert {name: label.text.replace("\u00a0", " ") for name, label in prose.labels.items()} == {
        "fig:a": "Figure 1",
        "tbl:b": "Table 1",
        "fig:c": "Figure 2",
        "lst:d": "Listing 1",
        "eq:e": "Equation (1)",
        "eq:f": "Equation (2)",
    }


def test_a_table_an_image_or_code_in_a_block_is_its_object_and_the_rest_its_caption(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(dot())
    text = "::: figure a\n![seen](a%20b.png)\n\nOne.\n\nTwo.\n:::\n\n::: table b\n| a |\n|---|\n\nThree.\n:::"
    figure, table = tokens(parse(text, tmp_path / "article.md"), "exhibit")
    assert [t.type for t in figure.meta["object"]] == ["paragraph_open", "inline", "paragraph_close"]
    assert [t.content for t in figure.children or () if t.type == "inline"] == ["One.", "Two."]
    assert table.meta["object"][0].type == "table_open"


def test_a_picture_becomes_part_of_the_prose(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(dot())
    (image,) = tokens(parse("![seen](a.png)", tmp_path / "article.md"), "image")
    assert str(image.attrs["src"]).startswith("data:image/png;base64,iVBORw0KGgo")


def test_a_span_a_link_and_code_can_be_given_a_class_an_id_and_a_language() -> None:
    prose = parse('[mot]{lang="fr" .a .b} [x](https://y){#z} `c`{.d}', PATH)
    assert tokens(prose, "span_open")[0].attrs == {"lang": "fr", "class": "a b"}
    assert tokens(prose, "link_open")[0].attrs["id"] == "z"
    assert tokens(prose, "code_inline")[0].attrs == {"class": "d"}


def test_a_bar_in_an_expression_does_not_end_a_cell_of_a_table() -> None:
    prose = parse("| a | b |\n|:--|--:|\n| {{ x | y }} | `\\{{ p.x | q }}` |", PATH)
    assert [t.content for t in tokens(prose, "expression")] == ["x | y"]
    assert [t.content for t in tokens(prose, "code_inline")] == ["{{ p.x | q }}"]
    assert [t.attrs for t in tokens(prose, "td_open")] == [{"class": "align-left"}, {"class": "align-right"}]


MISTAKES = {
    "open expression": (
        "a\nb {{ x",
        2,
        '"{{ x" is not closed by "}}".',
        "Write {{ value }} in one paragraph, or \\{{ for the characters themselves.",
    ),
    "expression that another one follows": (
        "The share\nis {{ x | percent of the test images, and the loss\n{{ y }}.",
        2,
        '"{{ x | percent of the test images, and the…" is not closed by "}}".',
        "Write {{ value }} in one paragraph, or \\{{ for the characters themselves.",
    ),
    "expression that ends with one brace": (
        "a\n{{ x | percent } and {{ y }}.",
        2,
        '"{{ x | percent } and" is not closed by "}}".',
        "Write {{ value }} in one paragraph, or \\{{ for the characters themselves.",
    ),
    "expression that begins with one brace": (
        "a\nb { x.y | percent }}",
        2,
        '"{ x.y | percent }}" begins with one brace.',
        "Write {{ value }}, with two braces on each side, or \\{ for the character.",
    ),
    "filter in single braces": (
        "a\nb { x.y | percent(1) }",
        2,
        '"{ x.y | percent(1) }" has one brace on each side.',
        "Write {{ value }}, with two braces on each side, or \\{ for the character.",
    ),
    "filter in single braces in a table": (
        "| a | b |\n|---|---|\n| x | {x.y|percent} |",
        3,
        '"{x.y|percent}" has one brace on each side.',
        "Write {{ value }}, with two braces on each side, or \\{ for the character.",
    ),
    "claim in parentheses": (
        'a\n[b](claim="a > 0.5") c',
        2,
        '[…](claim="…") is not how a claim is written.',
        'Write [text]{claim="…"}, with braces.',
    ),
    "claim without spaces, like the address of a link": (
        '[b](claim="a.b") c',
        1,
        '[…](claim="…") is not how a claim is written.',
        'Write [text]{claim="…"}, with braces.',
    ),
    "other wording in parentheses": (
        '[b]{claim="a > 1"} [c [x](#x)] (.otherwise)',
        1,
        "[…](.otherwise) is not how a claim is written.",
        "Write [text]{.otherwise}, with braces.",
    ),
    "three braces": (
        "a {{{ x }}} b",
        1,
        '"{{{" does not begin an expression.',
        "Write {{ value }}, with two braces on each side.",
    ),
    "empty expression": (
        "{{ }}",
        1,
        'The expression "{{ }}" is empty.',
        "Write {{ value }} in one paragraph, or \\{{ for the characters themselves.",
    ),
    "expression in an address": (
        "\n[x](http://a/{{b}})",
        2,
        "An expression cannot be used in the address of a link.",
        "Write the address itself.",
    ),
    "citation": (
        "a\n[@k, @b]\n\n::: references\n:::",
        2,
        "[@k, @b] cannot be read as a citation.",
        "Write it like [@key; @other, p. 3].",
    ),
    "no place for references": (
        "a\n\nb [@k]",
        3,
        "The article cites, but has no list of references.",
        "Write ::: references and then ::: where the list of references goes.",
    ),
    "empty references": (
        "# References\n\n::: references\n:::",
        3,
        "The list of references is empty: nothing is cited.",
        "Cite with [@key], or remove ::: references with the heading above it.",
    ),
    "two places for references": (
        "::: references\n:::\n\n::: references\n:::",
        4,
        "There is a second list of references.",
        "Remove one of them.",
    ),
    "content in references": (
        "::: references\nx\n:::",
        1,
        "::: references is not empty.",
        "Write ::: references and then ::: alone.",
    ),
    "kind of reference": (
        "a\nsee @tab:x",
        2,
        "@tab:x is not a reference.",
        "References begin with @fig:, @tbl:, @lst:, @sec:, @eq:; write [@tab:x] to cite, or \\@ for @.",
    ),
    "kind of block": (
        "\n::: fugure x\ncap\n:::",
        2,
        'There is no block "::: fugure".',
        'Did you mean "figure"? Known: figure, listing, references, repository, table.',
    ),
    "stray colons": (
        "a\n\n:::\n\nb",
        3,
        'A ":::" closes nothing.',
        "Remove it, or open a block before it.",
    ),
    "open block": (
        "::: figure x\ncap",
        1,
        "::: figure x is not closed.",
        "Write ::: on a separate line after its caption.",
    ),
    "open block before a section": (
        "::: figure x\ncap\n\n# A\n\n- b\n\n::: figure y\ncap\n:::",
        1,
        "::: figure x is not closed before the next block begins.",
        "Write ::: on a separate line after its caption.",
    ),
    "open code": (
        "a [@x]\n\n```python\nx = 1\n\n::: references\n:::\n",
        3,
        "The code that begins with ``` is not closed.",
        "Write ``` on a separate line after it.",
    ),
    "open equation": (
        "$$\nx = y\n\n# Results",
        1,
        "An equation, $$, is not closed.",
        "Write $$ on both sides of it, or \\$ for the character.",
    ),
    "open table": (
        "::: table x\n| a |\n|---|\n| b |\n\ncap\n\n# A\n\n> b",
        1,
        "::: table x is not closed.",
        "Write ::: on a separate line after its caption.",
    ),
    "open block without content": (
        "::: references\n\n# A",
        1,
        "::: references is not closed.",
        "Write ::: on a separate line after it.",
    ),
    "open block before another": (
        "::: figure x\ncap\n\n::: figure y\ncap\n:::",
        1,
        "::: figure x is not closed before the next block begins.",
        "Write ::: on a separate line after its caption.",
    ),
    "block without a name": (
        "::: figure\ncap\n:::",
        1,
        "This figure has no name.",
        "Write ::: figure NAME, with letters, digits, dots, and hyphens only.",
    ),
    "bad name": (
        "::: table a b\ncap\n:::",
        1,
        '"a b" is not a name for a table.',
        "Write ::: table NAME, with letters, digits, dots, and hyphens only.",
    ),
    "open classes of a figure": (
        "::: figure a {.margin\nx\n:::\n\n@fig:a",
        1,
        "{.margin cannot be read as the classes of a figure.",
        "Write ::: figure NAME {.margin}; its id is fig:NAME.",
    ),
    "id of a figure": (
        "::: figure a {#fig:x .wide}\nx\n:::",
        1,
        "{#fig:x .wide} cannot be read as the classes of a figure.",
        "Write ::: figure NAME {.margin}; its id is fig:NAME.",
    ),
    "open attributes of code": (
        "a\n\n```{=html\n<b>x</b>\n```",
        3,
        '"{=html" is not closed by "}".',
        "Write ```{=html}.",
    ),
    "no caption": (
        "::: figure a\n```\nx\n```\n:::",
        1,
        'The figure "a" has no caption.',
        "Write what it shows between the ::: lines.",
    ),
    "caption": (
        "::: figure a\nCap.\n\n- x\n:::",
        4,
        "A caption can contain only paragraphs.",
        "Move the rest out of the block.",
    ),
    "same name twice": (
        "::: figure a\nx\n:::\n\n::: figure a\ny\n:::",
        5,
        '"fig:a" is already on line 1.',
        "Rename one of them.",
    ),
    "same id twice": (
        "# A {#a}\n\n[b]{#a}",
        3,
        '"a" is already on line 1.',
        "Rename one of them.",
    ),
    "two sections of one name": (
        "# A {#sec:a}\n\n# B {#a}",
        3,
        '"a" and "sec:a" are both referred to as @sec:a.',
        "Change the id of one of them.",
    ),
    "skipped level": (
        "# A\n\n### B",
        3,
        "A heading skips a level.",
        "Begin it with ##, or add one above it.",
    ),
    "deep heading": (
        "# A\n## A\n### A\n#### A\n##### A\n###### A",
        6,
        "A heading is deeper than 5 levels.",
        "Use fewer #.",
    ),
    "heading in a quotation": (
        "> # A",
        1,
        "A heading is inside another block.",
        "Move it out, and do not indent it.",
    ),
    "attributes of a heading": (
        "# A {.x !}",
        1,
        "{.x !} cannot be read as the attributes of a heading.",
        "Write it like {.unnumbered #id}.",
    ),
    "unknown attribute": (
        "a\n[t]{clas=x}",
        2,
        'There is no attribute "clas".',
        'Did you mean "class"? Known: class, id, lang.',
    ),
    "unknown attribute of a heading": (
        "# T {onclick=x}",
        1,
        'There is no attribute "onclick".',
        "Known: class, id, lang.",
    ),
    "attributes": (
        'a\n[t]{class="x}',
        2,
        "The attributes of this [text]{…} cannot be read.",
        'Write them like {.class #id lang="fr"}, or write \\{ for the character itself.',
    ),
    "script": (
        "a\n[x](java&#x09;Script:alert%281%29)",
        2,
        'A link has the scheme "java%09Script:", which is not allowed.',
        "Link to one of these: http, https, mailto, or #id in the page.",
    ),
    "data address": (
        "<data:text/html,x>",
        1,
        'A link has the scheme "data:", which is not allowed.',
        "Link to one of these: http, https, mailto, or #id in the page.",
    ),
    "reference in a link": (
        "[a\n@sec:x](https://b)\n\n# X",
        2,
        "A reference is inside a link, but is itself a link.",
        "Move it out of the link.",
    ),
    "remote image": (
        "a\n![a](https://x.org/y.png)",
        2,
        "The image https://x.org/y.png is not one of the paper's files.",
        "Put the file beside the prose and name that.",
    ),
    "missing image": (
        "a\n![a](nowhere.png)",
        2,
        "The image nowhere.png cannot be read: No such file or directory.",
        "Put the file beside article.md, or correct its name.",
    ),
    "equation label": (
        "$$x$$ (a)",
        1,
        '"(a)" is not a label for an equation.',
        "Write it like $$ … $$ (eq:name).",
    ),
    "equation in a line": (
        "a\nb $$x$$",
        2,
        "A displayed equation is in a line of text.",
        "Put $$ … $$ into a separate paragraph, followed only by its label.",
    ),
    "missing note": (
        "a\nb[^x]",
        2,
        "There is no note [^x].",
        "There are none here.",
    ),
    "unused note": (
        "a\n\n[^x]: b",
        3,
        "The note [^x] is never used.",
        "Write [^x] in the text, or remove it.",
    ),
    "two notes": (
        "a[^x]\n\n[^x]: b\n\n[^x]: c",
        5,
        "There are two notes [^x].",
        "Rename one of them.",
    ),
    "note in a note": (
        "a[^x]\n\n[^x]: b ^[c]",
        1,
        "A note is inside another note.",
        "Move it into the text.",
    ),
    "list in a note": (
        "a[^x]\n\n[^x]: - b",
        3,
        "A note can contain only paragraphs.",
        "Move the rest into the text.",
    ),
}


@pytest.mark.parametrize(("text", "line", "what", "next"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_do(text: str, line: int, what: str, next: str) -> None:
    error = refusal(text)
    assert (error.what, error.where, error.next) == (what, Place(PATH, line), next)


@pytest.mark.parametrize(
    ("attributes", "given"),
    [
        ("{width=50%}", {"style": "width: 50%; height: auto"}),
        ('{width="50%" #dot .a}', {"style": "width: 50%; height: auto", "id": "dot", "class": "a"}),
        ("{#dot width=12.5% .a}", {"style": "width: 12.5%; height: auto", "id": "dot", "class": "a"}),
    ],
)
def test_a_picture_can_be_given_a_width(tmp_path: Path, attributes: str, given: dict[str, str]) -> None:
    (tmp_path / "a.png").write_bytes(dot())
    (image,) = tokens(parse(f"![seen](a.png){attributes}", tmp_path / "article.md"), "image")
    assert {name: value for name, value in image.attrs.items() if name not in ("src", "alt")} == given


@pytest.mark.parametrize("width", ["300", "5cm", '"120%"', "0%"])
def test_a_width_that_is_no_share_of_the_text_is_told(tmp_path: Path, width: str) -> None:
    (tmp_path / "a.png").write_bytes(dot())
    error = refusal(f"a\n![seen](a.png){{width={width}}}", tmp_path / "article.md")
    shown = width.strip('"')
    assert (error.what, error.where) == (f'"{shown}" is not a width for a picture.', Place(tmp_path / "article.md", 2))
    assert "{width=50%}" in error.next


def test_a_width_belongs_to_pictures_alone() -> None:
    assert refusal("[a]{width=50}").what == 'There is no attribute "width".'


def test_an_image_needs_words_for_who_cannot_see_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(dot())
    error = refusal("![](a.png)", tmp_path / "article.md")
    assert error.what == "The image a.png has no alternative text."
    assert error.next == "Say what it shows: ![what it shows](a.png)."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WebP"])
def test_an_image_that_ends_too_early_is_told(tmp_path: Path, kind: str) -> None:
    Image.effect_noise((40, 40), 50).save(tmp_path / "a", kind)
    whole = (tmp_path / "a").read_bytes()
    assert tokens(parse("![noise](a)", tmp_path / "article.md"), "image")
    (tmp_path / "a").write_bytes(whole[: len(whole) // 2])
    error = refusal("Text.\n\n![noise](a)", tmp_path / "article.md")
    assert (error.what, error.where) == ("The image a is damaged.", Place(tmp_path / "article.md", 3))
    assert error.next == "Save it again, or replace it."


def test_an_image_in_the_colors_of_a_press_is_refused(tmp_path: Path) -> None:
    Image.new("CMYK", (4, 4)).save(tmp_path / "a.jpg")
    error = refusal("![ink](a.jpg)", tmp_path / "article.md")
    assert (error.what, error.next) == ("The image a.jpg uses CMYK colors.", "Convert it to RGB.")


def test_a_picture_of_16_bits_of_gray_is_refused_before_the_pdf_fails_on_it(tmp_path: Path) -> None:
    Image.new("I;16", (4, 4)).save(tmp_path / "a.png")
    error = refusal("![A](a.png)", tmp_path / "article.md")
    assert (error.what, error.next) == ("The image a.png has 16 bits of gray per pixel.", "Convert it to 8 bits.")


def test_an_image_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<html><p>A page.</p></html>")
    error = refusal("\n![x](a.png)", tmp_path / "article.md")
    assert error.what == "The image a.png is not a PNG, JPEG, GIF, WebP, or SVG file."
    assert error.where == Place(tmp_path / "article.md", 2)
    assert error.next == "Convert it to one of these."


DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 4 4">'


def test_a_drawing_becomes_part_of_the_page_as_it_is(tmp_path: Path) -> None:
    style = "<style>path { fill: url(#a) }</style>"
    drawing = (
        f'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b"><!-- A square. -->{DRAWN}{style}<path d="M0 0h4v4z"/></svg>'
    )
    (tmp_path / "a.svg").write_text(drawing)
    (image,) = tokens(parse("![A square](a.svg)", tmp_path / "article.md"), "image")
    assert image.attrs["src"] == f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def test_a_drawing_as_matplotlib_saves_it_is_taken(tmp_path: Path) -> None:
    """With a document type, a description that names addresses, and letters as paths."""
    figure = Figure()
    figure.add_subplot().plot([0, 1], [1, 0])
    figure.savefig(tmp_path / "a.svg")
    assert tokens(parse("![A line](a.svg)", tmp_path / "article.md"), "image")


@pytest.mark.parametrize(
    ("drawing", "told"),
    [
        (f"{DRAWN}<g xml:base='https://example.org/'/></svg>", "has the attribute base"),
        (f"{DRAWN}<script>alert(1)</script></svg>", "contains <script>"),
        (f"{DRAWN}<foreignObject/></svg>", "contains <foreignObject>"),
        (f"{DRAWN}<text>A</text></svg>", "contains <text>"),
        (f"{DRAWN}<b xmlns='http://www.w3.org/1999/xhtml'/></svg>", "contains <b>"),
        (f"<?xml-stylesheet href='a.css'?>{DRAWN}</svg>", "contains <?xml-stylesheet>"),
        (f"{DRAWN}<style><g/>@import 'a.css'</style></svg>", "refers to something outside it"),
        (f"{DRAWN}<style>@\\69mport 'a.css'</style></svg>", "refers to something outside it"),
        (f"{DRAWN}{'<g>' * 200}{'</g>' * 200}</svg>", "has elements more than 100 deep"),
        (DRAWN.replace("0 0 4 4", "0 0 4 0") + "</svg>", "has no size: neither a viewBox nor a width and a height"),
        (DRAWN.replace("0 0 4 4", "") + "</svg>", "has no size: neither a viewBox nor a width and a height"),
        (f"{DRAWN}<g onclick='alert(1)'/></svg>", "has the attribute onclick"),
        (f"{DRAWN}<image xlink:href='https://example.org/a.png'/></svg>", "refers to https://example.org/a.png"),
        (f"{DRAWN}<a href='javascript:alert(1)'/></svg>", "refers to javascript:alert(1)"),
        (f"{DRAWN}<style>@import 'a.css'</style></svg>", "refers to something outside it"),
        (f"{DRAWN}<path style='fill: url(https://example.org/#a)'/></svg>", "refers to something outside it"),
        (f"<!DOCTYPE svg [<!ENTITY a 'aa'>]>{DRAWN}</svg>", "declares entities"),
        (f"{DRAWN}<path>", "is damaged"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "has no size: neither a viewBox nor a width and a height"),
        ("<g><svg viewBox='0 0 1 1'/></g>", "is not an SVG file"),
    ],
)
def test_a_drawing_that_runs_or_fetches_something_is_refused(tmp_path: Path, drawing: str, told: str) -> None:
    (tmp_path / "a.svg").write_text(drawing)
    assert refusal("![x](a.svg)", tmp_path / "article.md").what == f"The image a.svg {told}."


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    error = refusal("a {{ b\n\n[x](javascript:y)\n\n::: figur z\nc\n:::")
    assert str(error) == (
        "There are 3 errors.\n"
        '  article.md:1: "{{ b" is not closed by "}}". '
        "Write {{ value }} in one paragraph, or \\{{ for the characters themselves.\n"
        '  article.md:3: A link has the scheme "javascript:", which is not allowed. '
        "Link to one of these: http, https, mailto, or #id in the page.\n"
        '  article.md:5: There is no block "::: figur". '
        'Did you mean "figure"? Known: figure, listing, references, repository, table.\n'
        "  Correct them and build again."
    )


def test_no_more_than_twenty_mistakes_are_listed() -> None:
    lines = refusal("[x](javascript:y)\n" * 30).what.splitlines()
    assert lines[0] == "There are 30 errors."
    assert lines[-1] == "  … and 10 more"
    assert len(lines) == 22


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as caught:
        read(tmp_path / "article.md")
    assert caught.value.what == "The file cannot be read: No such file or directory."
    assert caught.value.where == Place(tmp_path / "article.md")
    assert caught.value.next == "Create the file, or correct its name."


def test_a_file_that_is_not_utf8_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "article.md").write_bytes(b"one\ntwo \xff\n")
    with pytest.raises(ReportError) as caught:
        read(tmp_path / "article.md")
    assert caught.value.what == "The file is not UTF-8 text."
    assert caught.value.where == Place(tmp_path / "article.md", 2)
    assert caught.value.next == "Save it as UTF-8."


SNIPPETS = (
    "{{ a }}", "{{", "}}", "[@k]", "@fig:x", "::: figure x\n", ":::\n", "[^1]", "[^1]: n\n", "^[", "]", "[",
    "](", ")", "$", "$$", "(eq:a)", "# ", "|", "\n", "\n\n", "`", "```\n", "> ", "- ", "*", "{.c}", "{#i}",
    "![", "<b>", "\\", "word", ": ", "    ", "@k", "[see @k]", "<!--", "-->", "--", "...", "~~", "~", "^", "{width=5%}",
)  # fmt: skip


@given(st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join))
def test_whatever_is_written_is_parsed_or_refused_with_a_line_of_the_file(text: str) -> None:
    try:
        prose = parse(text, PATH)
    except ReportError as error:
        told = [int(line) for line in re.findall(r"^ *article\.md:(\d+): ", str(error), re.MULTILINE)]
        assert told and all(1 <= line <= text.count("\n") + 1 for line in told)
        assert error.next
    else:
        assert all(1 <= (prose.place(token).line or 0) <= text.count("\n") + 1 for token in prose.walk())


@pytest.mark.parametrize("opening", ["{{", "[^", "^[", "[", "![", "[@a", "[a](", "<!--", "**a", "`", "$"])
def test_a_paragraph_of_openings_is_read_or_refused_at_once(opening: str) -> None:
    begun = time.process_time()
    try:
        parse(f"A.\n\n{opening * 32_000}\n", PATH)
    except ReportError as error:
        assert error.where == Place(PATH, 3)
    assert time.process_time() - begun < 3


def test_the_limits_of_a_paragraph_are_told_with_its_line() -> None:
    error = refusal(f"A.\n\n{'word ' * 5000}\n")
    assert (error.what, error.where) == ("This paragraph has 24,999 characters and 0 brackets.", Place(PATH, 3))
    assert error.next == "Divide it: a paragraph has at most 20,000 characters and 1,000 brackets."
    assert refusal(f"{'[a] ' * 1001}").what == "This paragraph has 4,003 characters and 1,001 brackets."
    parse(f"{'[a] ' * 1000}\n\n{'word ' * 3999}", PATH)
