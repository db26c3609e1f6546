"""What a page of the PDF begins and ends with, in articles that fill several pages."""

from __future__ import annotations

import io
import re
from base64 import b64decode

import pypdf
import pytest
from msgspec.structs import replace

from generator.article.exhibits import feature_maps
from generator.article.listing import listing_exhibit
from generator.paper import Paper
from generator.render.fonts import print_fonts
from generator.render.page import render_print
from generator.render.pagination import SPARSE
from generator.render.pdf import typeset
from tests.support.sample_page import ARTICLE, EDITION, PAPER, SENTENCE, SQUARE
from tests.support.typesetting import DATE, fills, words
from tests.unit.article.test_exhibits import NUMBERS, figure, maps


def with_body(html: str, paper: Paper = PAPER) -> bytes:
    """The sample article, with `html` at its end."""
    document = render_print(paper, ARTICLE, EDITION).replace("</article>", f"{html}</article>")
    return typeset(document, print_fonts(), DATE)


def texts(content: bytes) -> list[str]:
    """The text of each page, line by line."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def flowing(content: bytes) -> list[str]:
    """The text of each page, in one line."""
    return [" ".join(text.split()) for text in texts(content)]


def test_a_table_over_two_pages_never_ends_in_one_lonely_row() -> None:
    """A page holds the first of these tables; of the others, one to three rows would be left for the next page."""
    ends = []
    for count in (41, 42, 43, 44):
        rows = "".join(f"<tr><td>of {number}</td><td>kept</td></tr>" for number in range(count))
        pages = [text.count("kept") for text in texts(with_body(f"<table><tbody>{rows}</tbody></table>"))]
        ends.append(next(rows for rows in reversed(pages) if rows))
    assert ends[0] == 41 and min(ends) >= 3, ends


def test_rows_of_a_table_are_never_broken_and_its_head_is_repeated() -> None:
    rows = "".join(f'<tr><th scope="row">r{n}</th><td>{SENTENCE * 3} end{n}</td></tr>' for n in range(30))
    head = '<thead><tr><th scope="col">Repeated</th><th scope="col">Text</th></tr></thead>'
    pages = flowing(with_body(f"<table>{head}<tbody>{rows}</tbody></table>"))
    for n in range(30):
        assert [f"end{n} " in f"{page} " for page in pages] == [f" r{n} " in page for page in pages]
    assert sum("Repeated Text" in page for page in pages) >= 2


def test_a_note_is_set_at_the_foot_of_its_page() -> None:
    note = '<p>Called{0}. {1}<span class="footnote">{0} Noted{0}.</span></p>'
    called = "".join(note.format(n, SENTENCE * 5) for n in range(12))
    pages = flowing(with_body(called))
    together = [any(f"Called{n}." in page and f"{n} Noted{n}." in page for page in pages) for n in range(12)]
    assert together.count(False) <= 1  # a note whose call ends a page may run on to the next


def test_long_paragraphs_are_justified_and_hyphenated() -> None:
    words = " ".join("a" * (1 + n % 3) + " regularization" for n in range(120))
    text = " ".join(flowing(with_body(f"<p>{words}</p>")))
    assert re.search(r"(regu|regular|regulariza)- ?(larization|ization|tion)", text)


@pytest.mark.parametrize(
    ("language", "american", "british"), [("en-US", True, False), ("en-GB", False, True), ("en-AU", False, True)]
)
def test_words_are_divided_as_in_the_language_of_the_paper(language: str, american: bool, british: bool) -> None:
    words = " ".join("a" * (1 + n % 7) + " accuracy" for n in range(300))
    content = with_body(f"<p>{words}</p>", replace(PAPER, language=language))
    ends = {line.split()[-1] for text in texts(content) for line in text.splitlines() if line.split()}
    assert ("accu-" in ends, "accur-" in ends) == (american, british)


def test_no_more_than_two_lines_in_a_row_end_in_a_hyphen() -> None:
    """In a column in which nearly every line would, in one paragraph and across its inline parts."""
    words = " ".join("a" * (1 + n % 3) + f" <em>regularization</em> internationalization{n}" for n in range(150))
    content = with_body(f'<div style="width: 60mm"><p>{words}</p></div>')
    lines = [line for text in texts(content) for line in text.splitlines()]
    hyphened = "".join("-" if line.rstrip().endswith("-") else " " for line in lines)
    assert "--" in hyphened and "---" not in hyphened


def test_the_last_word_of_a_paragraph_is_not_divided() -> None:
    """In paragraphs of every length up to several lines, whose last word is plain, marked, or part of it marked."""
    ends = ("internationalization.", "<em>internationalization</em>.", "inter<em>nationalization</em>.")
    paragraphs = "".join(f"<p>{'word ' * count}{end}</p>" for count in range(1, 40) for end in ends)
    content = with_body(f'<div style="width: 60mm; text-indent: 0">{paragraphs}</div>')
    lines = [line.strip() for text in texts(content) for line in text.splitlines()]
    assert sum(line.endswith("internationalization.") for line in lines) == 39 * len(ends)


def test_a_figure_that_would_leave_a_gap_moves_past_the_next_paragraph() -> None:
    filler = f"<p>{SENTENCE * 12}</p>"
    image = f'<img src="{SQUARE}" alt="tall" style="height: 170mm">'
    figure = f'<figure id="fig:tall">{image}<figcaption>Tall.</figcaption></figure>'
    content = with_body(f"{filler}{figure}{filler}{filler}{filler}{filler}")
    before = next(number for number, text in enumerate(texts(content)) if "Tall." in text) - 1
    assert fills(content)[before] > SPARSE


def test_a_table_is_not_parted_for_its_first_three_rows() -> None:
    """Wherever on a page it begins: with 26 to 34 lines of text before it."""
    head = "<thead><tr><th>Head</th><th>Text</th></tr></thead>"
    rows = "".join(f"<tr><td>of {number}</td><td>kept</td></tr>" for number in range(20))
    for lines in range(26, 35):
        before = "".join(f"<p>line {number}</p>" for number in range(lines))
        pages = flowing(with_body(f"{before}<table>{head}<tbody>{rows}</tbody></table>"))
        counts = [page.count("kept") for page in pages]
        assert next(filter(None, counts)) >= 3, (lines, counts)


def code(functions: int, lines: int = 3) -> str:
    """A listing of functions of two lines and so many others, with two empty lines between them."""
    body = "".join(f"    a = {1 + number % 3}\n" for number in range(lines))
    source = "\n\n\n".join(f"def g():\n{body}    return a" for _ in range(functions))
    listed = listing_exhibit(source, "code", "python", "print").html
    return f'<figure id="lst:long" class="listing">{listed}<figcaption>Code.</figcaption></figure>'


def test_code_goes_on_after_an_empty_line_and_leaves_no_few_lines_alone() -> None:
    """Wherever on a page it begins, and though it is longer than a page."""
    for lines in range(20, 32, 2):
        before = "".join(f"<p>line {number}</p>" for number in range(lines))
        pages = [
            [line for line in text.splitlines() if "line" not in line] for text in texts(with_body(before + code(30)))
        ]
        parts = [[line for line in page if re.search("def g|= [123]|return a", line)] for page in pages]
        assert [len(part) % 5 for part in parts] == [0] * len(pages), (lines, parts)
        assert min(len(part) for part in parts if part) >= 5, lines


def test_code_fills_the_page_before_it_goes_on_and_leaves_less_than_three_lines_of_a_function_nowhere() -> None:
    """Wherever on a page it begins, though it is one function that is nearly a page long."""
    for lines in range(22, 34, 4):
        before = "".join(f"<p>line {number}</p>" for number in range(lines))
        content = with_body(before + code(1, 60))
        counts = [len(re.findall("def g|= [123]|return a", text)) for text in texts(content)]
        parts = [count for count in counts if count]
        assert sum(parts) == 62 and len(parts) == 2 and min(parts) >= 3, (lines, counts)
        assert min(fills(content)[1:-1]) > 0.9, (lines, fills(content))


def test_a_short_listing_is_on_one_page() -> None:
    for lines in range(20, 32, 2):
        before = "".join(f"<p>line {number}</p>" for number in range(lines))
        assert sum("def g" in text for text in texts(with_body(before + code(2)))) == 1


def test_a_list_is_on_the_page_of_the_line_that_leads_to_it() -> None:
    for lines in range(26, 40):
        before = "".join(f"<p>line {number}</p>" for number in range(lines))
        pages = flowing(with_body(f"{before}<p>They are:</p><ul><li>first</li><li>second</li></ul>"))
        assert any("They are:" in page and "first" in page for page in pages), lines


def test_notes_fill_a_page_too() -> None:
    """A figure that does not fit below text and above notes goes on the next page, before the next paragraph."""
    note = f'<span class="footnote">{SENTENCE * 12}</span>'
    image = f'<img src="{SQUARE}" alt="tall" style="height: 90mm">'
    figure = f'<figure id="fig:tall">{image}<figcaption>Tall.</figcaption></figure>'
    for lines in range(26, 30):
        text = [f"line {number}" for number in range(lines)] + [f"Noted.{note}"]
        following = ["Following.", *[SENTENCE * 9] * 4]
        before, after = ("".join(f"<p>{each}</p>" for each in each_side) for each_side in (text, following))
        pages = flowing(with_body(f"{before}{figure}{after}"))
        assert any("Tall." in page and "Following." in page and "Noted." not in page for page in pages), lines


@pytest.mark.parametrize(("count", "is_beside"), [(1, True), (2, True), (3, True), (6, True), (8, False)])
def test_the_words_about_an_image_stand_beside_it_where_there_is_room(count: int, is_beside: bool) -> None:
    """At the height of the first layer's name, if that is in the same row. With eight layers, the column is narrow."""
    pictures = dict.fromkeys(("input.png", "maps.png", "bar.png"), b64decode(SQUARE.partition(",")[2]))
    shown = feature_maps(figure(*[maps(f"layer{n}") for n in range(count)]), None, pictures, NUMBERS, "print").html
    found = words(with_body(f"<figure>{shown}</figure>"))
    test, head = (next(word for word in found if word.text == text) for text in ("Test", "layer0"))
    assert (test.left > 80) == is_beside
    if count % 2 and is_beside:
        assert test.top == pytest.approx(head.top, abs=2)


def test_the_last_row_of_maps_is_full_however_many_layers_there_are() -> None:
    pictures = dict.fromkeys(("input.png", "maps.png", "bar.png"), b64decode(SQUARE.partition(",")[2]))
    for count in range(1, 9):
        shown = feature_maps(figure(*[maps(f"layer{n}") for n in range(count)]), None, pictures, NUMBERS, "print").html
        heads = [word for word in words(with_body(f"<figure>{shown}</figure>")) if re.match(r"layer\d", word.text)]
        assert len(heads) == count
        assert heads[-1].left > 300 and heads[-1].left == max(word.left for word in heads), count
