"""Claims in the prose: what an author can mark, and which marks are refused with their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it.token import Token

from generator.core.errors import Place, ReportError
from generator.prose.claim_spans import is_exploratory
from generator.prose.prose import Prose, parse

PATH = Path("article.md")


def claims(text: str) -> list[Token]:
    return [token for token in parsed(text).walk() if token.type == "claim"]


def parsed(text: str) -> Prose:
    return parse(text, PATH)


def test_a_marked_span_is_a_claim_with_its_condition_and_line() -> None:
    prose = parsed('a\n[It *is*\n{{ x }}]{claim="x[\'y\'] > 1"} and\n[so]{claim="y < \\"b\\""}.')
    found = [token for token in prose.walk() if token.type == "claim"]
    assert [(t.attrs["id"], t.content, prose.place(t).line) for t in found] == [
        ("claim:1", "x['y'] > 1", 2),
        ("claim:2", 'y < "b"', 4),
    ]
    assert [t.content for t in prose.walk() if t.type == "expression"] == ["x"]


def test_another_wording_follows_and_is_prose_with_values_and_lines() -> None:
    prose = parsed('a\n[b]{claim="x > 1"}\n[*No*, {{ x | percent }}.]{.otherwise} c')
    (claim,) = (token for token in prose.walk() if token.type == "claim")
    assert [t.type for t in claim.meta["otherwise"]] == ["em_open", "text", "em_close", "text", "expression", "text"]
    assert [(t.content, prose.place(t).line) for t in prose.walk() if t.type == "expression"] == [("x | percent", 3)]
    assert [t.content for t in prose.body[1].children or []] == ["a", "", "x > 1", " c"]


@pytest.mark.parametrize("text", ["| a |\n|---|\n| {} |", "> - {}", "b^[{}]", "*b {}*", "::: table t\n{}\n:::"])
def test_a_claim_can_stand_wherever_text_does(text: str) -> None:
    assert [claim.content for claim in claims(text.replace("{}", '[a]{claim="x > 1"}'))] == ["x > 1"]


def test_a_condition_in_single_quotes_cannot_be_read() -> None:
    with pytest.raises(ReportError, match="The attributes of this .* cannot be read"):
        parsed("[a]{claim='x > 1'}")


CITED = "\n\n::: references\n:::"
TWO = "A claim with two wordings contains a citation, a note, or an id, but only one wording is printed."
REFUSED = {
    "empty condition": ('a\n[b]{claim=""}', 2, "A claim has no condition."),
    "wording alone": ("a\n[b]{.otherwise}", 2, "Other wording does not follow a claim."),
    "third wording": ('[a]{claim="x > 1"} [b]{.otherwise}\n[c]{.otherwise}', 2, "Other wording does not follow"),
    "wording after text": ('[a]{claim="x > 1"} and\n[c]{.otherwise}', 2, "Other wording does not follow a claim."),
    "nothing said": ('a\n[ ]{claim="x > 1"}', 2, "A claim is empty."),
    "heading": ('# A\n\n## [b]{claim="x > 1"} c', 3, "A heading contains a claim."),
    "in a claim": ('a\n[b [c]{claim="x > 1"}]{claim="x > 2"}', 2, "A claim is inside another claim."),
    "id": ('a\n[b]{claim="x > 1" #c}', 2, "A claim cannot be given the attribute id."),
    "attribute": ('a\n[b]{claim="x > 1" otherwize="c"}', 2, 'There is no attribute "otherwize".'),
    "of a link": ('a\n[b](c){claim="x > 1"}', 2, 'There is no attribute "claim".'),
    "citation": ('a\n[b [@k]]{claim="x > 1"} [c]{.otherwise}' + CITED, 2, TWO),
    "note": ('a\n[b]{claim="x > 1"} [c^[d]]{.otherwise}', 2, TWO),
    "misspelled wording": ('[a]{claim="x > 1"}\n[c]{.otherwize}', 2,
        "[…]{.otherwize} follows a claim, but is not marked as its other wording."),
    "wording in capitals": ('[a]{claim="x > 1"}\n[c]{.Otherwise}', 2,
        "[…]{.Otherwise} follows a claim, but is not marked as its other wording."),
    "class after a claim": ('[a]{claim="x > 1"}[c]{.x #y}', 1,
        "[…]{.x #y} follows a claim, but is not marked as its other wording."),
    "misspelled elsewhere": ("a\n*[b]{.otherwize}*", 2, "Other wording does not follow a claim."),
    "wording of a link": ("a\n[b](#a){.otherwise}", 2, "Other wording does not follow a claim."),
    "wording with a class": ('[a]{claim="x > 1"}\n[c]{.otherwise .x}', 2,
        "The other wording of a claim can have no attribute but .otherwise."),
    "wording with an id": ('[a]{claim="x > 1"}\n[c]{.otherwise #x}', 2,
        "The other wording of a claim can have no attribute but .otherwise."),
    "wording with another attribute": ('[a]{claim="x > 1"} [c]{.otherwise if="y"}', 1, 'There is no attribute "if".'),
    "exploratory alone": ("a\n[b]{.exploratory}", 2, "The class .exploratory is for claims only."),
    "exploratory misspelled": ("a\n[b]{.Exploratry}", 2, "The class .Exploratry is for claims only."),
    "exploratory section": ("a\n\n# B {.exploratory}", 3, "The class .exploratory is for claims only."),
    "id inside": ('a\n[b]{claim="x > 1"} [c [d]{#e}]{.otherwise}', 2, TWO),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "what"), REFUSED.values(), ids=REFUSED)
def test_a_claim_that_cannot_be_is_refused_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ReportError) as caught:
        parsed(text)
    assert f"{Place(PATH, line)}: {what}" in str(caught.value)
    assert caught.value.next


@pytest.mark.parametrize("after", ['[c]{lang="fr"}', "and [c]{.x}", "[c](https://a.org)", "[c]{.otherwise} [d]{.x}"])
def test_what_follows_a_claim_and_is_no_wording_of_it_is_left_alone(after: str) -> None:
    assert len(claims(f'[a]{{claim="x > 1"}} {after}')) == 1


EXPLORATORY = '[b]{claim="x > 1" .exploratory}'


def test_a_claim_can_be_marked_as_exploratory_and_have_another_wording() -> None:
    marked, other = claims(f'{EXPLORATORY} [c]{{.otherwise}} and [d]{{claim="x > 2"}}')
    assert is_exploratory(marked) and not is_exploratory(other)
    assert "otherwise" in marked.meta


CONCLUDING = "An exploratory claim is in the conclusion."
SUMMARIZING = {
    "abstract": (f"# Abstract\n\na\n{EXPLORATORY}", 4, "An exploratory claim is in the abstract."),
    "of that class": (f"# So {{.conclusion}}\n\n{EXPLORATORY}", 3, CONCLUDING),
    "of that id": (f"# Summing up {{#conclusion}}\n\n{EXPLORATORY}", 3, CONCLUDING),
    "section inside": (f"# Conclusion\n\n## Part\n\n{EXPLORATORY}", 5, CONCLUDING),
    "plural": (f"# Conclusions\n\n{EXPLORATORY}", 3, CONCLUDING),
    "with other words": (f"# Discussion and Conclusion {{#end}}\n\n{EXPLORATORY}", 3, CONCLUDING),
    "note": (f"# Conclusion\n\na^[{EXPLORATORY}]", 3, CONCLUDING),
    "without the mark": (f'# A\n\n{EXPLORATORY}\n\n# Conclusion\n\n[so]{{claim="1 < x"}}', 7,
                         "A claim that is exploratory elsewhere is in the conclusion."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "what"), SUMMARIZING.values(), ids=SUMMARIZING)
def test_nothing_exploratory_can_stand_in_the_abstract_or_the_conclusion(text: str, line: int, what: str) -> None:
    with pytest.raises(ReportError) as caught:
        parsed(text)
    assert f"{Place(PATH, line)}: {what} Move it to the results" in " ".join(str(caught.value).split())


def test_an_exploratory_claim_can_stand_before_and_after_the_conclusion() -> None:
    text = f'# A\n\n{EXPLORATORY}\n\n# Conclusion\n\n[so]{{claim="x > 2"}}\n\n# B\n\n{EXPLORATORY}'
    assert len(claims(text)) == 3
