"""Citations and references in the prose: what is one, what it says, and what is only an @ in a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import Place, ReportError
from generator.prose.prose import Prose, parse

PATH = Path("article.md")
REFERENCES = "\n\n[@z]\n\n::: references\n:::"


def cited(text: str) -> list[tuple[bool, list[tuple[str, str, str]]]]:
    """Whether each citation is part of its sentence, and the prefixes, keys, and locators in it."""
    found = [token for token in parse(text + REFERENCES, PATH).walk() if token.type == "citation"][:-1]
    return [
        (
            token.meta["is_narrative"],
            [
                (prefix, key, locator)
                for prefix, (key, locator) in zip(token.meta["prefixes"], token.meta["items"], strict=True)
            ],
        )
        for token in found
    ]


def referred(text: str) -> list[str]:
    prose: Prose = parse(text, PATH)
    return [token.content for token in prose.walk() if token.type == "reference"]


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        ("As @a20 shows.", [(True, [("", "a20", "")])]),
        ("As @a_b:no", []),
        ("@a.b-c/d, and", [(True, [("", "a.b-c/d", "")])]),
        ("@a [p. 3] says", [(True, [("", "a", "p. 3")])]),
        ("Ada -@a says", [(False, [("", "a", "")])]),
        ("x [-@a]", [(False, [("", "a", "")])]),
        ("[see @a]", [(False, [("see", "a", "")])]),
        ("[see @a, pp. 3--4; also @b]", [(False, [("see", "a", "pp. 3–4"), ("also", "b", "")])]),
        ("[@a p. 3]", [(False, [("", "a", "p. 3")])]),
        ("[As @a shows]{.x}", [(True, [("", "a", "")])]),
        ("x[@a][@b]", [(False, [("", "a", "")]), (False, [("", "b", "")])]),
    ],
)
def test_a_citation_is_read_as_in_pandoc(text: str, citations: list[tuple[bool, list[tuple[str, str, str]]]]) -> None:
    if citations:
        assert cited(text) == citations
    else:
        with pytest.raises(ReportError, match="is not a reference"):
            parse(text, PATH)


@pytest.mark.parametrize(
    "text",
    [
        "user@example.org",
        r"\@handle",
        r"\[@key]",
        "example.org/@user",
        "[mail a@b.org]",
        "`@tf.function`",
        "[`@x` y]",
        "a @ b",
    ],
)
def test_an_address_a_handle_or_code_is_no_citation(text: str) -> None:
    assert cited(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@fig-architecture", "fig:architecture"),
        ("@tbl-log", "tbl:log"),
        ("@sec-a-b", "sec:a-b"),
        ("@eq-sum", "eq:sum"),
        ("@lst-x.", "lst:x"),
        ("[@fig-x]", "fig:x"),
        ("([@fig:x])", "fig:x"),
    ],
)
def test_a_reference_may_be_written_as_in_quarto(text: str, name: str) -> None:
    assert referred(text) == [name]


def test_a_section_named_as_in_quarto_is_found() -> None:
    assert parse("# T {#sec-x}\n\n@sec-x", PATH).labels["sec:x"].id == "sec-x"
    assert "sec:sec-filings" in parse("# SEC filings", PATH).labels


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a\n[@k, @b]", "[@k, @b] cannot be read as a citation."),
        ("a\n[@fig-x; @b]", "[@fig-x; @b] cannot be read as a citation."),
        ("a\n[see {{ v }} @b]", "[see {{ v }} @b] contains more than keys and plain text."),
        ("a\n[@b, *p. 3*]", "[@b, *p. 3*] contains more than keys and plain text."),
    ],
)
def test_brackets_that_hold_more_than_citations_are_told(text: str, what: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse(text + REFERENCES, PATH)
    assert (caught.value.what, caught.value.where) == (what, Place(PATH, 2))
