"""A page of anyone's is read in a time that grows with its length, or refused in words."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from generator.core.errors import UsageError
from generator.diff.difference import differences
from generator.diff.markup import MAX_DEPTH, MarkupError
from generator.diff.safe_html import figures, safe
from generator.editions import page_check
from tests.support.editions import edition
from tests.support.publications import document

UNCLOSED = "more than 10,000 characters follow a tag or a comment without an end"
HOSTILE = {
    "tags without an end": ("<a x=" * 100_000, UNCLOSED),
    "quotes without an end": ("<a x='" * 100_000 + '"', UNCLOSED),
    "comments without an end": ("<!--x>" * 100_000, UNCLOSED),
    "declarations without an end": ("<!a " * 100_000, UNCLOSED),
    "instructions without an end": ("<?" * 100_000, UNCLOSED),
    "elements inside each other": (
        "<figure id=a class=figure>" + "<g>" * 20_000 + "</b>" * 20_000,
        "more than 512 elements",
    ),
    "an unknown declaration": ("<![a[b]]>", "its markup is damaged: unknown status keyword"),
    "a character of a large number": (f"&#{'9' * 5000};", "its markup is damaged: Exceeds the limit"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_is_out_of_all_proportion_is_refused_at_once(name: str) -> None:
    html, said = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises(MarkupError, match=said):
        figures(html)
    with pytest.raises(UsageError, match=f"index.html: The page cannot be read: .*{said}"):
        differences(edition(), replace(edition(), page=html))
    (check,) = page_check.page("index.html", html, "<p>Text.</p>", document(1), document(1))
    assert check.verdict == "contradicted"
    assert time.process_time() - begun < 2


def test_a_page_may_end_in_the_middle_of_a_tag_and_nest_as_deep_as_browsers_do() -> None:
    assert safe("<p>a</p><b", "") == "<p>a</p>&lt;b"
    assert safe("<g>" * MAX_DEPTH, "") == "<g>" * MAX_DEPTH + "</g>" * MAX_DEPTH


def test_a_number_made_of_many_pieces_is_read_in_a_time_that_grows_with_their_number() -> None:
    begun = time.process_time()
    (check,) = page_check.page("index.html", "<data value=1>" + "12345678<br>" * 100_000, "", document(1), document(1))
    assert check.verdict == "contradicted" and time.process_time() - begun < 2
