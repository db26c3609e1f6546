"""The word diff: what both texts hold, and what only one of them does."""

from __future__ import annotations

import time

from hypothesis import example, given
from hypothesis import strategies as st

from generator.diff.words import PARAGRAPH, Work, code_passages, passages
from generator.records.article import Paragraph
from generator.records.difference import Piece

words = st.lists(st.sampled_from(["a", "b", "c", "the", "net", "learns"]), min_size=1, max_size=12).map(" ".join)
texts = st.lists(words, min_size=1, max_size=4)
END = " ¶ "  # of a paragraph


def paragraphs(texts: list[str], section: str = "Results") -> list[Paragraph]:
    return [Paragraph(section, text) for text in texts]


def side(pieces: tuple[Piece, ...], kind: str) -> str:
    """The words of one side, with a sign where a paragraph ends."""
    texts = [piece.text for piece in pieces if piece.kind in ("same", kind)]
    return " ".join(" ".join(texts).replace(PARAGRAPH, END).split())


@given(texts, texts)
@example(["a a"], ["a", "a"])
def test_each_side_can_be_read_from_the_pieces(before: list[str], after: list[str]) -> None:
    found = list(passages(paragraphs(before), paragraphs(after), Work()))
    assert (found == []) == (before == after)
    for passage in found:
        old, new = side(passage.pieces, "removed"), side(passage.pieces, "added")
        assert old in END.join(before) and new in END.join(after)
        assert old != new


def test_a_changed_word_stands_between_what_is_the_same() -> None:
    before = "The network learns to read digits in a few epochs."
    (passage,) = passages(paragraphs([before]), paragraphs([before.replace("few", "dozen")]), Work())
    assert passage.pieces == (
        Piece("same", "The network learns to read digits in a"),
        Piece("removed", "few"),
        Piece("added", "dozen"),
        Piece("same", "epochs."),
    )


def test_a_word_that_happens_to_be_equal_does_not_split_a_rewritten_stretch() -> None:
    (passage,) = passages(paragraphs(["One of two things is so."]), paragraphs(["Some of many ideas were so."]), Work())
    assert [piece.kind for piece in passage.pieces] == ["removed", "added", "same"]


def test_new_and_lost_paragraphs_stand_under_their_section() -> None:
    kept = paragraphs(["Kept."], "Introduction")
    (added,) = passages(kept, [*kept, *paragraphs(["New one.", "And more."], "Results")], Work())
    assert (added.section, added.pieces) == ("Results", (Piece("added", "New one.\n\nAnd more."),))
    (removed,) = passages([*kept, *paragraphs(["Old one."], "Method")], kept, Work())
    assert (removed.section, removed.pieces) == ("Method", (Piece("removed", "Old one."),))


def test_lines_of_code_come_with_those_around_them() -> None:
    before = [f"line {number}" for number in range(10)]
    after = [*before[:5], "another", *before[6:]]
    (passage,) = code_passages("lst:experiment", before, after, Work())
    assert passage.pieces == (
        Piece("same", "line 3\nline 4"),
        Piece("removed", "line 5"),
        Piece("added", "another"),
        Piece("same", "line 6\nline 7"),
    )
    assert list(code_passages("lst:experiment", before, before, Work())) == []


def test_texts_with_too_many_equal_words_are_one_change_between_their_ends() -> None:
    """Matching them word by word would take time that grows with the square of their length, or worse."""
    middle = "a b " * 50_000
    before, after = f"The same. {middle}One end.", f"The same. b {middle}c d One end."
    begun = time.process_time()
    (passage,) = passages(paragraphs([before]), paragraphs([after]), Work())
    assert time.process_time() - begun < 3
    assert [piece.kind for piece in passage.pieces] == ["same", "removed", "added", "same"]
    assert (passage.pieces[0].text, passage.pieces[-1].text) == ("The same.", "One end.")
    assert side(passage.pieces, "removed") == " ".join(before.split())
    assert side(passage.pieces, "added") == " ".join(after.split())


def test_listings_with_too_many_equal_lines_are_one_change() -> None:
    before, after = ["x = 1"] * 5000, ["x = 1"] * 4000 + ["y = 2"] + ["x = 1"] * 1000
    (passage,) = code_passages("lst:experiment", before, after, Work())
    assert [piece.kind for piece in passage.pieces] == ["same", "added", "same"]


def test_new_words_between_others_take_no_time_that_grows_with_the_square_of_their_number() -> None:
    """No word is in a text twice, so that there are few pairs of equal ones; but each of them is searched for anew."""
    before = [f"w{number}" for number in range(20_000)]
    after = [word for number, old in enumerate(before) for word in (old, f"x{number}")]
    begun, work = time.process_time(), Work(1_000_000)
    (prose,) = passages(paragraphs([" ".join(before)]), paragraphs([" ".join(after)]), work)
    (code,) = code_passages("lst:experiment", before, after, work)
    (rewritten,) = passages(paragraphs(before), paragraphs(after), work)
    assert time.process_time() - begun < 2
    assert side(rewritten.pieces, "added").split() == [word for text in after[1:] for word in (text, "¶")][:-1]
    for passage in (prose, code):
        assert [piece.kind for piece in passage.pieces] == ["same", "removed", "added"]
    assert side(prose.pieces, "removed") == " ".join(before) and side(prose.pieces, "added") == " ".join(after)


def test_all_passages_of_a_comparison_share_its_work() -> None:
    before = [" ".join(f"w{number}" for number in range(20)), "kept"] * 10
    after = [text.replace(" w10 ", " x ") for text in before]
    each = list(passages(paragraphs(before), paragraphs(after), work := Work()))
    assert len(each) == 10 and all(len(passage.pieces) == 4 for passage in each)
    assert Work().steps - work.steps > 10 * 20
    for steps in (0, 100, 500):
        few = list(passages(paragraphs(before), paragraphs(after), Work(steps)))
        assert sum(len(side(passage.pieces, "added").split()) for passage in few) >= 10
