"""Links of the prose: those that lead nowhere are told before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.pipeline import SITE_FILES
from generator.core.errors import Place, ReportError
from generator.prose.links import FILES
from generator.prose.prose import parse

PATH = Path("article.md")


@pytest.mark.parametrize("address", ["#nowhere", "#", "#fig:a"])
def test_a_link_to_no_place_in_the_page_is_told_with_its_line(address: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse(f"# There\n\na\n[x]({address})", PATH)
    assert (caught.value.what, caught.value.where) == (f"The link to {address} has no target.", Place(PATH, 4))
    assert "there" in caught.value.next


@pytest.mark.parametrize("address", ["other.md", "/about", "//example.org", "../x/index.html", "images/a.png"])
def test_a_link_to_a_file_that_is_not_published_is_told(address: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse(f"a\n[y]({address})", PATH)
    what = f'A link points to "{address}", which is not published with the page.'
    assert (caught.value.what, caught.value.where) == (what, Place(PATH, 2))


@pytest.mark.parametrize(
    "address",
    [
        "#there", "#caf%C3%A9", "#span", "#fig:a", "#lst-b-L3", "#claim:1", "#verdict:1", "#fn:1", "#appendix:claims",
        "#value:test.accuracy.mean",
        "#raw", "#abstract", "https://a.org/b", "mailto:a@b.org", "article.pdf#page=2", "results.json",
    ],
)  # fmt: skip
def test_a_link_that_arrives_is_left_alone(address: str) -> None:
    text = (
        f"[x]({address}) [s]{{#span}}\n\n# There\n\n# Café\n\n::: figure a\nShown.\n:::\n\n"
        '``` {=html}\n<p id="raw">x</p>\n```\n'
    )
    assert parse(text, PATH).body


@pytest.mark.parametrize(
    "text",
    [
        'a\n[b](https://a.org "{{ x | percent }}")',
        'a\n[b]\n\n[b]: https://a.org "{{ x | percent }}"',
        'a\n[b](https://a.org "of {{ x }}")',
    ],
)
def test_an_expression_in_a_title_is_told_with_its_line(text: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse(text, PATH)
    what = "An expression cannot be used in the title of a link or a picture."
    assert (caught.value.what, caught.value.where) == (what, Place(PATH, 2))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('[b](https://a.org "{ x | y }")', "{ x | y }"),
        ('[b]\n\n[b]: https://a.org "{x | y}"', "{x | y}"),
        ("```{{ a | b }}\nx\n```", "{{ a | b }}"),
        ("| a |\n|---|\n| {{ a | b }} |", "a | b"),
    ],
)
def test_no_sign_that_stands_for_a_bar_is_left_in_anything(text: str, holds: str) -> None:
    tokens = list(parse(text, PATH).walk())
    shown = [str(part) for token in tokens for part in (token.content, token.info, token.attrs, token.meta)]
    assert any(holds in part for part in shown)
    assert not any("\ufdd0" in part for part in shown)


def test_the_files_that_links_may_lead_to_are_in_the_site() -> None:
    assert set(FILES) <= set(SITE_FILES)
