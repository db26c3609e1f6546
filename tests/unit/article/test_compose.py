"""The article: prose, values, exhibits, and references put together, for the page and for the PDF."""

from __future__ import annotations

import base64
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.article.compose import compose
from generator.article.material import Material
from generator.core.errors import Place, ReportError
from generator.prose import bibliography
from generator.prose.prose import parse
from generator.records.article import Article, Exhibit, Target
from tests.conftest import dot

PATH = Path("article.md")
BIBLIOGRAPHY = bibliography.parse(
    "@misc{lecun, title={First}, year=1998}\n@misc{good, title={Second}, year=2016}\n@misc{unread, title={Third}}",
    Path("references.bib"),
)
VALUES = {"run": {"accuracy": 0.9908, "epochs": 2, "name": '<b>"x"</b>'}}
EXHIBITS = {
    "maps": Exhibit(name="maps", kind="figure", html="<div>maps</div>\n", alt='Maps of "one" image'),
    "log": Exhibit(name="log", kind="table", html="<table><tr><td>1</td></tr></table>\n"),
}
REFERENCES = "\n\n::: references\n:::\n"
EVERYTHING = """\
# Abstract {.unnumbered #abstract}

Reached {{ run.accuracy | percent }} [@lecun], see *@fig:maps*.

# Results

By {{ run.name }} [@good, p. 3; @lecun].[^1] In @sec:parts, @tbl:log, @lst:load and @eq:sum.

::: figure maps
After {{ run.epochs | words }} epochs [@good].

More.
:::

## Parts `of` {{ run.epochs }} [@lecun] @fig:maps {#parts}

::: table log
The log.[^1]
:::

::: listing load
```python
x = 1
```
The code.
:::

$$ x + 1 $$ (eq:sum)

[^1]: A note on {{ run.epochs }}.

    Its second paragraph.

# Limits {.unnumbered}

::: references
:::
"""


def composed(text: str, target: Target = "page", values: dict[str, object] | None = None) -> Article:
    return compose(Material(parse(text, PATH), values or dict(VALUES), EXHIBITS, BIBLIOGRAPHY), target)


def refusal(text: str) -> ReportError:
    with pytest.raises(ReportError) as caught:
        composed(text)
    return caught.value


class _Reader(HTMLParser):
    """The tags, ids, and links of a page; notes every tag that is closed out of turn."""

    VOID = ("br", "hr", "img")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.crossed: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.crossed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.targets += [(given["href"] or "")[1:]] if (given.get("href") or "").startswith("#") else []
        self.targets += (given.get("aria-describedby") or "").split()
        if tag == "a" and "a" in self._open:
            self.crossed.append("a in a")
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.crossed.append(tag)


def test_a_figure_in_the_abstract_follows_it_and_one_without_a_number_does_not_count() -> None:
    opening = "# Abstract {.unnumbered #abstract}\n\nShort.\n\n::: figure maps {.unnumbered}\nAt work.\n:::\n\n"
    article = composed(f"{opening}# Results\n\n::: figure own\n```python\nx = 1\n```\n\nC.\n:::\n\n@fig:own")
    assert article.abstract == "<p>Short.</p>\n" and article.abstract_text == "Short."
    assert article.body.startswith('<figure id="fig:maps" class="figure unnumbered"')
    assert "<figcaption>At work.</figcaption>" in article.body
    assert "Figure\N{NO-BREAK SPACE}1, back to its first mention" in article.body


@pytest.mark.parametrize("target", ["page", "print"])
def test_every_id_is_unique_every_link_arrives_and_every_tag_is_closed(
    target: Target,
) -> None:
    article = composed(EVERYTHING, target)
    page = _Reader(article.abstract + article.body)
    assert page.crossed == []
    assert [id for id, count in Counter(page.ids).items() if count > 1] == []
    assert set(page.targets) <= set(page.ids)
    assert {"fig:maps", "tbl:log", "lst:load", "lst-load-L1", "eq:sum", "ref-lecun", "cite:lecun:1"} <= set(page.ids)


def test_the_abstract_is_apart_as_html_and_as_text() -> None:
    article = composed(EVERYTHING)
    assert article.abstract.startswith("<p>Reached 99.08% ")
    assert article.abstract_text == "Reached 99.08%, see Figure 1."
    assert "Reached" not in article.body


def test_values_are_text_wherever_they_stand() -> None:
    article = composed("# {{ run.name }}\n\n*{{ run.name }}* [{{ run.name }}](https://x) [{{ run.name }}]{.c}")
    shown = "&lt;b&gt;&quot;x&quot;&lt;/b&gt;"
    assert article.body.count(shown) == 4
    assert article.headings[0].html == shown


EVERYWHERE = "# T {{ v }}\n\n*a {{ v }}* [b {{ v }}](https://x) [{{ v }}]{.c}\n\n| {{ v }} |\n|---|\n\n^[{{ v }}]"


@pytest.fixture(scope="module")
def harmless() -> _Reader:
    return _Reader(composed(EVERYWHERE, values={"v": "v"}).body)


@given(value=st.text())
def test_no_value_makes_a_tag_or_changes_what_is_around_it(harmless: _Reader, value: str) -> None:
    read = _Reader(composed(EVERYWHERE, values={"v": value}).body)
    assert (read.tags, read.ids) == (harmless.tags, harmless.ids)


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "](javascript:alert(1))", "'\"", "{{ 1 }}", "[@lecun]", "*x*"]
)
def test_a_hostile_value_is_printed_as_it_is(value: str) -> None:
    article = composed("[a {{ v }}](https://x)", values={"v": value})
    assert unescape(re.sub("<[^>]*>", "", article.body)).strip() == f"a {value}"
    assert _Reader(article.body).tags == ["p", "a"]


def test_raw_html_is_text() -> None:
    assert composed(r"\<script>alert(1)\</script> <x-tag> \<b>").body == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;x-tag&gt; &lt;b&gt;</p>\n"
    )


def test_headings_are_numbered_in_the_body_and_listed_without_links() -> None:
    article = composed(EVERYTHING)
    assert [(h.id, h.level, h.number, h.html) for h in article.headings] == [
        ("results", 2, "1", "Results"),
        ("parts", 3, "1.1", "Parts <code>of</code> 2  Figure\u00a01"),
        ("limits", 2, "", "Limits"),
    ]
    assert '<h3 id="parts"><span class="section-number">1.1</span> Parts' in article.body
    assert '<h2 class="unnumbered" id="limits">Limits</h2>' in article.body


def test_references_print_what_they_lead_to() -> None:
    body = composed(EVERYTHING).body
    for id, text in [("parts", "Section\u00a01.1"), ("tbl:log", "Table\u00a01"),
                     ("lst:load", "Listing\u00a01"), ("eq:sum", "Equation\u00a0(1)")]:  # fmt: skip
        assert f'<a class="reference" href="#{id}" id="mention:{id}">{text}</a>' in body.replace("sec:parts", "parts")


def test_a_caption_leads_back_to_the_first_mention_where_there_is_one() -> None:
    shown = "::: figure maps\nMaps.\n:::\n\n"
    mentioned = composed(f"# One\n\n{shown}See @fig:maps. And @fig:maps.").body
    assert mentioned.count('id="mention:fig:maps"') == mentioned.count('href="#mention:fig:maps"') == 1
    assert mentioned.index('id="mention:fig:maps"') < mentioned.rindex('href="#fig:maps"')
    assert "mention:" not in composed(f"# One\n\n{shown}Nothing.").body
    unprinted = '[See @fig:maps.]{claim="run.epochs > 99"} [Nothing.]{.otherwise}'
    assert "mention:" not in composed(f"# One\n\n{shown}{unprinted}").body


def test_a_figure_has_its_caption_below_and_its_description_hidden_on_the_page() -> None:
    figure = (
        '<figure id="fig:maps" class="figure" aria-describedby="fig:maps-description">\n<div>maps</div>\n'
        '<p class="visually-hidden" id="fig:maps-description">Maps of &quot;one&quot; image</p>\n'
        '<figcaption><span class="label"><a href="#mention:fig:maps" role="doc-backlink"'
        ' aria-label="Figure\u00a01, back to its first mention">Figure\u00a01</a></span> After two epochs '
    )
    assert figure in composed(EVERYTHING).body
    assert "<p>More.</p></figcaption>\n</figure>" in composed(EVERYTHING).body
    assert '<figure id="fig:maps" class="figure">\n<div>maps</div>\n<figcaption>' in composed(EVERYTHING, "print").body


def test_a_table_has_its_caption_above() -> None:
    assert '<figure id="tbl:log" class="table">\n<figcaption>' in composed(EVERYTHING).body


def test_code_in_a_listing_has_numbered_lines_and_code_elsewhere_has_none() -> None:
    assert '<span class="line" id="lst-load-L1" data-line="1">' in composed(EVERYTHING).body
    assert "data-line" not in composed("```python\nx = 1\n```").body
    assert "data-line" not in composed("::: figure a\n```python\nx = 1\n```\nCode.\n:::").body


def test_a_table_of_the_prose_has_header_cells_with_a_scope_and_no_styles() -> None:
    body = composed("| a |\n|--:|\n| {{ run.epochs | words }} |").body
    assert '<th scope="col" class="align-right">a</th>' in body
    assert '<td class="align-right">two</td>' in body


def test_a_box_that_scrolls_is_a_region_with_the_number_of_its_exhibit_and_a_tab_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever its caption holds. A table without a number has a name of its own, and the PDF has no such boxes."""
    monkeypatch.setitem(
        EXHIBITS, "own", Exhibit("own", "table", '<div class="scroll wide">\n<table></table>\n</div>\n')
    )
    table, note = "| a |\n|---|\n| 1 |", "^[A note.]"
    text = f"{table}\n\n::: table own\n$x$ and more.{note}\n\nMore.\n:::\n\n::: table a\n{table}\n\nC.\n:::\n\n"
    text += f"::: figure b {{.unnumbered}}\n{table}\n\nC.\n:::\n"
    names = ["Table without a number, 1", *(f"Table\N{NO-BREAK SPACE}{number}" for number in (1, 2))]
    assert re.findall('<div class="(.*?)" role="region" aria-label="(.*?)" tabindex="0">', composed(text).body) == [
        *zip(["scroll", "scroll wide", "scroll"], names, strict=True), ("scroll", "Table without a number, 2")
    ]  # fmt: skip
    assert "region" not in composed(text, "print").body


def test_a_picture_carries_its_alternative_text(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(dot())
    prose = parse("![a *{{ run.name }}*](a.png){.wide}", tmp_path / "article.md")
    body = compose(Material(prose, VALUES, {}, BIBLIOGRAPHY), "page").body
    source = f"data:image/png;base64,{base64.b64encode(dot()).decode()}"
    assert body == f'<p><img alt="a &lt;b&gt;&quot;x&quot;&lt;/b&gt;" src="{source}" class="wide"></p>\n'


def test_references_are_listed_in_the_order_of_citation_with_links_back() -> None:
    article = composed(EVERYTHING)
    assert [(r.number, r.key) for r in article.references] == [(1, "lecun"), (2, "good")]
    assert (
        '<a href="#ref-good" id="cite:good:1" role="doc-biblioref" aria-label="Reference 2">2</a>, p. 3; '
        in article.body
    )
    assert (
        '<li id="ref-good">Second. 2016.\N{NO-BREAK SPACE}<span class="backlinks">'
        '<a class="backlink" role="doc-backlink" href="#cite:good:1" '
        'aria-label="Back to citation 1 of reference 2">↩\ufe0e</a> '
        '<a class="backlink" role="doc-backlink" href="#cite:good:2" '
        'aria-label="Back to citation 2 of reference 2">↩\ufe0e</a>'
        "</span></li>"
    ) in article.body
    assert "ref-unread" not in article.body


@pytest.mark.parametrize("target", ["page", "print"])
def test_notes_stand_where_they_are_first_called_with_links_both_ways(target: Target) -> None:
    body = composed("One[^a] two^[In *place*.] three[^a].\n\n[^a]: Note.\n\n    More.", target).body
    call = '<sup class="footnote-call"><a href="#fn:1" id="fnref:1" role="doc-noteref" aria-label="Note 1">1</a></sup>'
    back = (
        '<a class="footnote-number" href="#fnref:1" role="doc-backlink" aria-label="Back to the call of note 1">1</a>'
    )
    note = f'<span class="footnote" id="fn:1">{back} Note.<br>More.</span>'
    assert body.startswith(f"<p>One\u2060{call}{note} two\u2060<sup")
    assert "In <em>place</em>.</span>" in body
    assert '<a href="#fn:1" id="fnref:1:2"' in body and body.count('class="footnote"') == 2


def test_a_source_that_is_cited_twice_in_one_place_is_linked_back_to_from_both() -> None:
    body = composed("See [@good, p. 3; @good, p. 5]." + REFERENCES).body
    assert body.count('id="cite:good:1"') == body.count('id="cite:good:2"') == 1


def test_html_in_the_prose_is_text() -> None:
    body = composed("A \\<b>bold\\</b> word.\n\n\\<script>alert(1)\\</script>\n\n```html\n<i>code</i>\n```").body
    assert "&lt;b&gt;bold&lt;/b&gt;" in body and "&lt;script&gt;" in body
    assert not re.search("<(b|script|i)>", body)


def test_html_is_let_through_where_the_author_says_so_and_on_the_page_alone() -> None:
    source = "Before.\n\n```{=html}\n<b>as it is</b>\n```\n\nAfter."
    assert "<b>as it is</b>" in composed(source, "page").body
    assert "as it is" not in composed(source, "print").body


def test_a_small_figure_is_marked_for_the_margin() -> None:
    block = "::: {kind} {name}\n```text\nx\n```\n\nCaption.\n:::"
    body = composed(block.format(kind="figure", name="small {.margin}")).body
    assert '<figure id="fig:small" class="figure margin">' in body
    with pytest.raises(ReportError, match="is not a name for a listing"):
        composed(block.format(kind="listing", name="small {.margin}"))


def test_equations_are_mathml_on_the_page_and_images_in_the_pdf() -> None:
    page, pdf = composed("$x$\n\n$$y$$ (eq:y)", "page").body, composed("$x$\n\n$$y$$ (eq:y)", "print").body
    assert page.count("<math ") == 2
    assert '<span class="equation-number">(1)</span></div>' in page
    assert '<div class="equation numbered" id="eq:y"><img class="math" alt="y"' in pdf


UNRESOLVED = {
    "value": ("a\n{{ run.epoch }}", 2, '{{ run.epoch }}: "run" has no "epoch".', 'Did you mean "epochs"? '),
    "exhibit": ("::: figure map\nC.\n:::", 1, 'There is no figure "map", and the block does not contain one.',
                'Did you mean "maps"? Known: maps.'),
    "kind": ("\n::: table maps\nC.\n:::", 2, '"maps" is a figure, not a table.', "Write ::: figure maps."),
    "figure": ("::: figure maps\nC.\n:::\n\n@fig:map", 5, "@fig:map refers to nothing.",
               'Did you mean "@fig:maps"? Known: @fig:maps.'),
    "another kind": ("::: figure maps\nC.\n:::\n\n@tbl:maps", 5, "@tbl:maps refers to nothing.", "Write @fig:maps."),
    "section of that name": ("# Log\n\n@tbl:log", 3, "@tbl:log refers to nothing.",
                             "Add it: ::: table log, its caption, and ::: on a separate line."),
    "unplaced": ("a\n@tbl:log", 2, "@tbl:log refers to nothing.",
                 "Add it: ::: table log, its caption, and ::: on a separate line."),
    "listing": ("@lst:x", 1, "@lst:x refers to nothing.", "There are none here."),
    "equation": ("@eq:x", 1, "@eq:x refers to nothing.", "There are none here."),
    "section": ("# Data\n\n@sec:dat", 3, "@sec:dat refers to nothing.",
                'Did you mean "@sec:data"? Known: @sec:data.'),
    "unnumbered": ("# A {.unnumbered}\n\n@sec:a", 3,
                   "@sec:a refers to a section without a number, so there is nothing to print.",
                   "Write a link instead: [its title](#a)."),
    "unnumbered figure": ("::: figure maps {.unnumbered}\nC.\n:::\n\n@fig:maps", 5,
                          "@fig:maps refers to a figure without a number, so there is nothing to print.",
                          "Write a link instead: [its title](#fig:maps)."),
    "class of a figure": ("::: figure maps {.margn}\nC.\n:::", 1, 'There is no class "margn" for a figure.',
                          'Did you mean "margin"? Known: margin, unnumbered.'),
    "citation": ("a\n[@lecun; @lecunn]" + REFERENCES, 2, '"lecunn" is not in references.bib.',
                 'Did you mean "lecun"? Known: good, lecun, unread.'),
    "language": ("a\n\n```pyhton\nx\n```", 3, 'Unknown programming language "pyhton".',
                 'Did you mean "python"?'),
    "equation source": ("a\n$\\foo$", 2, "The equation $\\foo$ cannot be typeset: \\foo is not known.",
                        "Correct its LaTeX."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "what", "next"), UNRESOLVED.values(), ids=UNRESOLVED)
def test_what_leads_nowhere_is_told_with_its_line_and_what_to_do(text: str, line: int, what: str, next: str) -> None:
    error = refusal(text)
    assert (error.what, error.where) == (what, Place(PATH, line))
    assert error.next.startswith(next)


def test_everything_that_leads_nowhere_is_told_at_once_in_the_order_of_lines() -> None:
    error = refusal("a {{ x }}\n{{ run.y }} @fig:z\n\n[@w]" + REFERENCES)
    assert str(error) == (
        "There are 4 errors.\n"
        '  article.md:1: {{ x }}: "x" is not defined. Known: run.\n'
        '  article.md:2: {{ run.y }}: "run" has no "y". Known: accuracy, epochs, name.\n'
        "  article.md:2: @fig:z refers to nothing. There are none here.\n"
        '  article.md:4: "w" is not in references.bib. Known: good, lecun, unread.\n'
        "  Correct them and build again."
    )


def test_a_prose_can_be_composed_again_and_gives_the_same() -> None:
    material = Material(parse(EVERYTHING, PATH), VALUES, EXHIBITS, BIBLIOGRAPHY)
    articles = [compose(material, "page") for _ in range(2)]
    compose(material, "print")
    articles.append(compose(material, "page"))
    assert articles[0] == articles[1] == articles[2] == composed(EVERYTHING)


AUTHORED = bibliography.parse(
    "@misc{one, title={First}, author={Lovelace, Ada}}\n"
    "@misc{two, title={Second}, author={{van Dyck}, A. and Gödel, K.}}\n"
    "@misc{many, title={Third}, author={A, B and C, D and E, F}}\n"
    "@misc{none, title={An {A}rchive}}",
    Path("references.bib"),
)


@pytest.mark.parametrize(
    ("key", "names"), [("one", "Lovelace"), ("two", "van Dyck and Gödel"), ("many", "A et al."), ("none", "An Archive")]
)
def test_a_citation_in_the_sentence_names_the_authors_and_then_the_number(key: str, names: str) -> None:
    text = f"# Abstract {{.unnumbered #abstract}}\n\nAs @{key} [p. 3] shows.\n\n# After @{key}{REFERENCES}"
    article = compose(Material(parse(text, PATH), {}, {}, AUTHORED), "page")
    assert f'As {names}\N{NO-BREAK SPACE}<span class="citation">[<a href="#ref-{key}"' in article.abstract
    assert "1</a>, p. 3]</span> shows." in article.abstract
    assert article.abstract_text == f"As {names} shows."
    assert article.headings[0].html == f"After {names}"


def test_a_citation_in_brackets_keeps_the_words_before_and_after_its_numbers() -> None:
    article = composed("So [see @lecun, pp. 3--4; also @good] and -@lecun." + REFERENCES)
    assert re.sub("<[^>]*>", "", article.body).startswith("So [see 1, pp. 3–4; also 2] and [1].")


def test_an_at_sign_before_an_unknown_key_is_told_with_the_way_to_write_it() -> None:
    error = refusal("Of\n@unknown2020." + REFERENCES)
    assert (error.what, error.where) == ('"unknown2020" is not in references.bib.', Place(PATH, 2))
    assert error.next.endswith("Write \\@ for the character itself.")


@pytest.mark.parametrize(("address", "printed"), [("https://example.org/me/paper", True), ("", False)])
def test_the_repository_stands_where_the_prose_has_a_place_for_it_if_it_is_known(address: str, printed: bool) -> None:
    material = Material(parse("The code.\n\n::: repository\n:::\n", PATH), {}, {}, BIBLIOGRAPHY, repository=address)
    link = f'<p>The sources are at <a href="{address}">{address}</a>.</p>\n'
    assert compose(material, "page").body == "<p>The code.</p>\n" + (link if printed else "")
