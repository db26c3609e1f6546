"""Plans where figures go, so that no page ends in white, from the heights of an article's blocks.

A figure that does not fit on the rest of its page would leave a gap. It may go a little later, after the next
paragraphs, or a little earlier on the same page; a figure with many parts may be broken between them. This is
arithmetic on heights that a first layout has measured. It knows nothing of HTML, and a second layout shows whether the
plan works.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Literal

ENOUGH = 0.9  # of a page
SPARSE = 0.8
"""For a page less full than this, a figure is broken or leaves its section if nothing else helps; code already for a
page that is not full enough."""

STAY = 2  # lines, for orphans and widows

Kind = Literal["text", "heading", "figure", "fixed"]


@dataclass(frozen=True)
class Block:
    """A block of the article: a paragraph, heading, or figure, or a fixed one that figures cannot pass.

    Attributes:
        place: its index in the order of the author's text, from 0.
        kind: kind, which determines whether and how it may move.
        parts: heights in CSS pixels of its lines, rows, or pictures, none of which can be broken.
        glued: whether nothing may come between it and the previous block.
        whole: whether it is kept on one page.
        loose: whether breaking it does no harm: this is so for code, but not for pictures and tables.
    """

    place: int
    kind: Kind
    parts: tuple[float, ...]
    glued: bool = False
    whole: bool = False
    loose: bool = True

    @property
    def height(self) -> float:
        return sum(self.parts)


def plan(blocks: Sequence[Block], room: float) -> list[Block]:
    """The blocks in an order, and with figures broken, so that pages of height `room` are well filled.

    Figures keep their order, and leave their section or are broken only if a page would be `SPARSE` without it. Code,
    which may be broken, is not moved to a later section for less.
    """
    order, settled = list(blocks), set[int]()
    while (gap := _first_gap(order, room, settled)) is not None:
        index, page = gap
        settled.add(place := order[index].place)
        merit = partial(_merit, place=place, page=page, room=room)
        before, top = order, _pages(order, room)[page][1]
        order = max([before, *_in_section(before, index, top)], key=merit)
        if before[index].loose and len(before[index].parts) > 1:
            order = max([order, _broken(before, index)], key=merit)
        if merit(order) < SPARSE:
            order = max([order, *_last_resorts(before, index)], key=merit)
    return order


def _merit(order: Sequence[Block], place: int, page: int, room: float) -> float:
    """The fill of the emptiest page from `page` to the start of the figure `place`, capped at `ENOUGH`."""
    pages = _pages(order, room)
    index = next(index for index, block in enumerate(order) if block.place == place)
    begun = max(number for number, (_, first) in enumerate(pages) if first <= index)
    return min([ENOUGH, *(fill / room for fill, _ in pages[page : max(page + 1, begun)] if page < len(pages) - 1)])


def _first_gap(order: Sequence[Block], room: float, settled: set[int]) -> tuple[int, int] | None:
    """The index of the first figure that leaves a page too empty, and that page."""
    for page, ((fill, _), (_, first)) in enumerate(pairwise(_pages(order, room))):
        index = first
        while order[index].kind == "heading" and index + 1 < len(order):
            index += 1
        block = order[index]
        if fill < ENOUGH * room and block.kind == "figure" and block.whole and block.place not in settled:
            return index, page
    return None


def _pages(order: Sequence[Block], room: float) -> list[tuple[float, int]]:
    """The height filled on each page, and the index of the block that the page begins with."""
    pages, y, first = [], 0.0, 0
    for index, block in enumerate(order):
        if y and y + _lead(order, index) > room:
            pages.append((y, first))
            y, first = 0.0, index
        for part in (block.height,) if block.whole else block.parts:
            if y and y + part > room:
                pages.append((y, first))
                y, first = 0.0, index
            y += part
    return [*pages, (y, first)]


def _lead(order: Sequence[Block], index: int) -> float:
    """The height that must be free for a block to begin; a heading also needs room for the beginning of its text."""
    block = order[index]
    if block.kind == "heading" and index + 1 < len(order):
        return block.height + _lead(order, index + 1)
    if block.kind == "figure" and not block.whole:
        return block.parts[0]
    if block.whole or len(block.parts) < 2 * STAY:
        return block.height
    return sum(block.parts[:STAY])


def _in_section(order: Sequence[Block], index: int, top: int) -> Iterator[list[Block]]:
    """Orders with the figure at `index` elsewhere in its section, best first; its page begins with the block `top`."""
    figure, rest = order[index], [*order[:index], *order[index + 1 :]]
    places = [*_later(rest, index), *_earlier(rest, index, top)]
    yield from (_with(rest, at, figure) for at in places if _is_open(rest, at) and not _has_heading(rest[index:at]))


def _last_resorts(order: Sequence[Block], index: int) -> Iterator[list[Block]]:
    """Orders with the figure at `index` broken, or in a later section, best first."""
    figure, rest = order[index], [*order[:index], *order[index + 1 :]]
    broken = [_broken(order, index)] if len(figure.parts) > 1 else []
    places = [at for at in _later(rest, index) if _is_open(rest, at) and _has_heading(rest[index:at])]
    far = [_with(rest, at, figure) for at in places]
    yield from broken + far if figure.loose else far + broken


def _broken(order: Sequence[Block], index: int) -> list[Block]:
    return [*order[:index], replace(order[index], whole=False), *order[index + 1 :]]


def _has_heading(blocks: Sequence[Block]) -> bool:
    return any(block.kind == "heading" for block in blocks)


def _later(rest: Sequence[Block], index: int) -> Iterator[int]:
    """Later places, up to the next figure or fixed block."""
    for at in range(index, len(rest)):
        if rest[at].kind in ("figure", "fixed"):
            return
        yield at + 1


def _earlier(rest: Sequence[Block], index: int, top: int) -> Iterator[int]:
    """Earlier places on the page that begins with the block `top`, in the same section."""
    for at in range(index - 1, top, -1):
        if rest[at].kind != "text":
            return
        yield at


def _is_open(rest: Sequence[Block], at: int) -> bool:
    """Whether a figure can be there: not right after a heading, and not in the middle of a sentence."""
    return rest[at - 1].kind != "heading" and not (at < len(rest) and rest[at].glued)


def _with(rest: Sequence[Block], at: int, figure: Block) -> list[Block]:
    return [*rest[:at], figure, *rest[at:]]
