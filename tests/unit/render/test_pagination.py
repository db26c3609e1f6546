"""Figures go where they leave no gap: a plan over heights, with pages of ten lines."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from generator.render.pagination import Block, Kind, plan

ROOM = 10.0


def article(*described: tuple[Kind, int] | Block) -> list[Block]:
    """Blocks of so many lines each; a figure is whole and not code, and its lines are its parts."""
    places = count()
    return [
        Block(next(places), each[0], (1.0,) * each[1], whole=each[0] in ("figure", "heading"), loose=False)
        if isinstance(each, tuple)
        else Block(next(places), each.kind, each.parts, each.glued, each.whole, each.loose)
        for each in described
    ]


def places(blocks: list[Block]) -> list[int]:
    return [block.place for block in blocks]


def test_full_pages_are_left_as_they_are() -> None:
    blocks = article(("text", 9), ("figure", 6), ("text", 20))
    assert plan(blocks, ROOM) == blocks


def test_a_figure_that_leaves_a_gap_moves_past_the_next_paragraph_and_no_further() -> None:
    blocks = article(("text", 5), ("figure", 6), ("text", 4), ("text", 4), ("text", 4))
    assert places(plan(blocks, ROOM)) == [0, 2, 1, 3, 4]


def test_it_moves_past_as_many_paragraphs_as_it_takes() -> None:
    blocks = article(("text", 4), ("figure", 7), ("text", 1), ("text", 1), ("text", 2), ("text", 9))
    assert places(plan(blocks, ROOM)) == [0, 2, 3, 4, 1, 5]


def test_it_moves_up_on_its_page_when_its_section_ends() -> None:
    blocks = article(("heading", 1), ("text", 2), ("text", 3), ("figure", 6), ("heading", 1), ("text", 9))
    assert places(plan(blocks, ROOM)) == [0, 1, 3, 2, 4, 5]


def code(lines: int) -> Block:
    return Block(0, "figure", (1.0,) * lines, whole=True)


def test_code_is_broken_before_it_leaves_its_section() -> None:
    blocks = article(("heading", 1), ("text", 3), code(9), ("heading", 1), ("text", 9))
    planned = plan(blocks, ROOM)
    assert places(planned) == places(blocks) and not planned[2].whole


def test_code_is_broken_before_it_leaves_any_gap_and_moved_if_that_leaves_none() -> None:
    """A page that is 83% full would do for a figure."""
    gap = article(("heading", 1), ("text", 24), code(15), ("heading", 1), ("text", 20))
    assert not plan(gap, 30.0)[2].whole
    none = article(("heading", 1), ("text", 24), code(15), ("text", 5), ("text", 20))
    assert places(plan(none, 30.0)) == [0, 1, 3, 2, 4] and plan(none, 30.0)[3].whole


def test_a_table_leaves_its_section_before_it_is_broken() -> None:
    table = Block(0, "figure", (1.0,) * 7, whole=True, loose=False)
    planned = plan(article(("heading", 1), ("text", 3), table, ("heading", 1), ("text", 7)), ROOM)
    assert places(planned) == [0, 1, 3, 4, 2] and planned[4].whole


def test_a_figure_never_comes_between_a_heading_and_its_text_or_into_a_sentence() -> None:
    equation = Block(0, "text", (1.0,), glued=True)
    picture = Block(0, "figure", (6.0,), whole=True)
    blocks = article(("text", 5), picture, ("heading", 1), ("text", 2), equation, equation, ("text", 9))
    assert places(plan(blocks, ROOM)) == [0, 2, 3, 4, 5, 1, 6]


def test_figures_keep_their_order_and_stay_before_what_is_fixed() -> None:
    picture = Block(0, "figure", (6.0,), whole=True)
    blocks = article(("text", 5), picture, picture, ("fixed", 5), ("text", 9))
    assert places(plan(blocks, ROOM)) == [0, 1, 2, 3, 4]


def test_a_figure_larger_than_a_page_is_broken() -> None:
    planned = plan(article(("text", 3), ("figure", 25), ("heading", 1), ("text", 3)), ROOM)
    assert not planned[1].whole


blocks_of = st.lists(
    st.tuples(st.sampled_from(["text", "heading", "figure", "fixed"]), st.integers(1, 14)), max_size=14
)


@given(blocks_of)
def test_whatever_the_article_nothing_is_lost_and_only_figures_move(described: list[tuple[Kind, int]]) -> None:
    blocks = article(*described)
    planned = plan(blocks, ROOM)
    assert sorted(places(planned)) == places(blocks)
    for alike in (("text", "heading", "fixed"), ("figure", "fixed")):
        kept = [block.place for block in planned if block.kind in alike]
        assert kept == sorted(kept)


def test_a_gap_of_a_tenth_is_filled_and_a_smaller_one_is_left() -> None:
    tenth = article(("text", 26), ("figure", 15), ("text", 8), ("text", 8))
    assert places(plan(tenth, 30.0)) == [0, 2, 1, 3]
    less = article(("text", 27), ("figure", 15), ("text", 6), ("text", 6))
    assert plan(less, 30.0) == less


def test_for_a_gap_of_a_fifth_no_figure_is_broken_or_leaves_its_section() -> None:
    fifth = article(("heading", 1), ("text", 23), ("figure", 15), ("heading", 1), ("text", 20))
    assert plan(fifth, 30.0) == fifth
    more = article(("heading", 1), ("text", 22), ("figure", 15), ("heading", 1), ("text", 20))
    assert plan(more, 30.0) != more


def test_a_figure_is_broken_only_between_its_parts() -> None:
    """Parts that are too high for the rest of the page do not fill it."""
    table = Block(0, "figure", (6.0, 3.0), whole=True)
    planned = plan(article(("heading", 1), ("text", 4), table, ("heading", 1), ("text", 4)), ROOM)
    assert places(planned) == [0, 1, 3, 4, 2] and planned[-1].whole
