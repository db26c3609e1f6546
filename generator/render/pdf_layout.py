"""Lays out the article's blocks in WeasyPrint: measures them, then puts them in the planned order.

Only this module and `pdf_hyphenation` access WeasyPrint's boxes. It intervenes after the pages are made and before
their margins are, where WeasyPrint has no hook. If pages are not full, a plan moves figures, and the pages that change
are made again. A plan that turns out worse than expected is dropped, unless it moves the first gap to a later page,
where the next plan may close it. The best pages are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from generator.render.pagination import ENOUGH, Block, Kind, plan

MAX_TRIES = 12  # plans, each of which makes a few pages again
_GLUED = ("ul", "ol", "pre", "table", "blockquote")


@contextmanager
def figures_moved() -> Iterator[None]:
    """Makes WeasyPrint lay out articles with their figures moved so that pages are filled."""
    from weasyprint import layout

    make = layout.make_all_pages

    def make_filled(context: Any, root: Any, html: Any, _: Sequence[Any]) -> Iterator[Any]:
        article = next((box for box in root.descendants() if box.element_tag == "article"), None)
        remake = partial(make, context, root, html)
        yield from remake([]) if article is None else _filled(_Pages(article, context, remake))

    layout.make_all_pages = make_filled
    try:
        yield
    finally:
        layout.make_all_pages = make


def _filled(pages: _Pages) -> list[Any]:
    """The pages in the order of blocks that fills them best."""
    current = best = pages.laid_out(pages.order)
    tried, tries = set[int](), 0
    while tries < MAX_TRIES and (gap := _gap(current, tried)) is not None:
        tried.add(current.order[gap.figure].place)
        order = gap.planned()
        if order == current.order:
            continue
        again, tries = pages.laid_out(order), tries + 1
        best = min(best, again, key=lambda layout: sum(layout.lacks))
        if sum(again.lacks) < sum(current.lacks) or again.first_thin > current.first_thin:
            current = again  # a gap that moved to a later page may be closed there
    return pages.laid_out(best.order).pages


# --- making pages --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """A child of the article.

    Attributes:
        place: its index in the order of the author's text, from 0.
        whole: whether it is kept on one page.
    """

    place: int
    whole: bool


@dataclass(frozen=True)
class Layout:
    """An order of the article's children, and the resulting pages.

    Attributes:
        order: order of the children.
        boxes: WeasyPrint's boxes of the children.
        pages: WeasyPrint's pages.
    """

    order: Sequence[Placed]
    boxes: Sequence[Any]
    pages: list[Any]

    @cached_property
    def lacks(self) -> list[float]:
        """How much each page before the last lacks to be full enough, as a share of a page."""
        return [max(0.0, ENOUGH - _fill(page)) for page in self.pages[:-1]]

    @property
    def first_thin(self) -> int:
        """The first page that is not full enough, or the last one."""
        return next((page for page, lack in enumerate(self.lacks) if lack), len(self.lacks))


class _Pages:
    """The pages that WeasyPrint makes of its boxes. For a new order, only the pages that change are made again.

    WeasyPrint itself makes pages again for counters whose values it learns late: it remakes marked pages, and the pages
    after them until one begins where it began before.
    """

    def __init__(self, article: Any, context: Any, make: Callable[[list[Any]], Iterator[Any]]) -> None:
        self._article, self._context, self._make = article, context, make
        self._boxes = list(article.children)
        self._notes = list(context.footnotes)
        self._made: list[Any] = []
        self._are_notes_carried = False
        for place, box in enumerate(self._boxes):
            box.block_place = place  # its fragments on the pages will share this
        self.order = [Placed(place, _is_whole(box)) for place, box in enumerate(self._boxes)]

    def laid_out(self, order: Sequence[Placed]) -> Layout:
        """The pages of the article with its children in this order."""
        if not self._made:
            self._make_marked()
        elif changed := [at for at, (old, new) in enumerate(zip(self.order, order, strict=True)) if old != new]:
            for page in self._concerned(changed[0], changed[-1]):
                self._mark(page)
            self._arrange(order)
            self._make_marked()
        return Layout(order, self._boxes, self._made)

    def _concerned(self, first: int, last: int) -> range:
        """The pages of these children, and the previous page, whose end may depend on what follows.

        Notes that continue on a page are known only to the previous page. They are rare, so all pages are made again.
        """
        if self._are_notes_carried:
            return range(len(self._made))
        at = {placed.place: index for index, placed in enumerate(self.order)}
        begins = [min((at[box.block_place] for box in _fragments(page)), default=len(at)) for page in self._made]
        pages = [page for page, begin in enumerate(begins) if begin <= last]
        before = [page for page in pages if begins[page] < first]
        return range(max(0, before[-1] - 1) if before else 0, pages[-1] + 1)

    def _mark(self, page: int) -> None:
        self._context.page_maker[page][-1]["content_changed"] = True

    def _arrange(self, order: Sequence[Placed]) -> None:
        for placed in order:
            box = self._boxes[placed.place]
            if placed.whole != _is_whole(box):
                box.style = box.style.copy()  # other boxes may share it
                box.style["break_inside"] = "avoid" if placed.whole else "auto"
        self.order = list(order)
        self._article.children = [self._boxes[placed.place] for placed in order]

    def _make_marked(self) -> None:
        self._context.footnotes = self._notes.copy()
        made: list[Any] = []
        self._are_notes_carried = False
        for page in self._make(self._made):
            made.append(page)
            if self._context.reported_footnotes:
                self._are_notes_carried = True
                self._mark(len(made))
        self._made = made


def _is_whole(box: Any) -> bool:
    return bool(box.style["break_inside"] != "auto")


def _fragments(box: Any) -> Iterator[Any]:
    """The fragments of the article's children on a page."""
    if hasattr(box, "block_place"):
        yield box
        return
    for child in getattr(box, "children", ()):
        yield from _fragments(child)


# --- measuring -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """A page that is not full enough because a figure did not fit on it.

    Attributes:
        order: order of the article's children.
        blocks: blocks of the article.
        room: height of a page in CSS pixels.
        figure: index of the figure in `blocks`.
        first: index of the block that the page begins with.
        before: how many parts of that block are on earlier pages.
    """

    order: Sequence[Placed]
    blocks: list[Block]
    room: float
    figure: int
    first: int
    before: int

    def planned(self) -> list[Placed]:
        """The best order by calculation, from this page on."""
        first = self.blocks[self.first]
        onward = [replace(first, parts=first.parts[self.before :]), *self.blocks[self.first + 1 :]]
        # The measured heights may add up to slightly less than what did not fit.
        wanted = sum(block.height for block in onward[: self.figure - self.first + 1])
        planned = plan(onward, min(self.room, 0.999 * wanted))
        order = {placed.place: placed for placed in self.order}
        moved = [replace(order[b.place], whole=b.whole) if b.kind == "figure" else order[b.place] for b in planned]
        return [*self.order[: self.first], *moved]


def _gap(layout: Layout, tried: set[int]) -> Gap | None:
    """The first gap that a figure leaves, ignoring figures whose places are in `tried`."""
    if not any(layout.lacks):
        return None
    blocks, starts = _measured(layout)
    for page, (begin, (following, _)) in enumerate(pairwise(starts)):
        figure = next((n for n in range(following, len(blocks)) if blocks[n].kind != "heading"), None)
        if figure is None or blocks[figure].place in tried:
            continue
        if layout.lacks[page] and blocks[figure].kind == "figure" and blocks[figure].whole:
            return Gap(layout.order, blocks, min(page.height for page in layout.pages), figure, *begin)
    return None


def _measured(layout: Layout) -> tuple[list[Block], list[tuple[int, int]]]:
    """A block for each child of the article, in order, with the heights of its parts over all pages.

    Also, for each page, the index of the child that it begins with, and how many parts of that are on earlier pages.
    """
    parts: list[list[float]] = [[] for _ in layout.boxes]
    index = {placed.place: at for at, placed in enumerate(layout.order)}
    owners = {element: place for place, box in enumerate(layout.boxes) for element in _elements(box)}
    starts = []
    for page in layout.pages:
        root, *areas = page.children
        fragments = list(_fragments(root))
        tops = [*(box.border_box_y() for box in fragments[1:]), None]
        begin = fragments[0].block_place if fragments else None
        starts.append((index[begin], len(parts[begin])) if begin is not None else (len(index), 0))
        for box, next_top in zip(fragments, tops, strict=True):
            parts[box.block_place] += _parts(box, next_top)
        for area in filter(_is_footnotes, areas):
            space = area.margin_height() - sum(note.margin_height() for note in area.children)
            for note in area.children:
                if (owner := owners.get(note.element)) is not None and parts[owner]:
                    parts[owner][-1] += note.margin_height() + space
                    space = 0.0
    elements = [layout.boxes[placed.place].element for placed in layout.order]
    return [
        _block(placed, element, before, tuple(parts[placed.place]))
        for placed, element, before in zip(layout.order, elements, [None, *elements], strict=False)
    ], starts


def _elements(box: Any) -> Iterator[Element]:
    """The elements of a child of the article; none for text that is a direct child."""
    return iter(()) if box.element.tag == "article" else box.element.iter()


def _parts(box: Any, next_top: float | None) -> list[float]:
    """The heights of the parts of a fragment; space between and after parts belongs to the part above.

    Lines, rows, and pictures that the style sheet keeps together are one part.
    """
    leaves = list(_leaves(box))
    tops = sorted({leaf.border_box_y() for leaf, is_kept in leaves if not is_kept or leaf is leaves[0][0]})
    end = next_top if next_top is not None else _bottom(box) + box.margin_bottom
    edges = [box.border_box_y(), *tops[1:], max(end, tops[-1] if tops else end)]
    return [float(lower - upper) for upper, lower in zip(edges, edges[1:], strict=False)]


def _block(placed: Placed, element: Element, before: Element | None, parts: tuple[float, ...]) -> Block:
    kind = _kind(element)
    whole = kind == "heading" or (kind == "figure" and placed.whole)
    glued = before is not None and _is_glued(element, before)
    return Block(placed.place, kind, parts, glued, whole, loose=_is_code(element))


def _kind(element: Element) -> Kind:
    names = element.get("class", "").split()
    if element.tag == "figure":
        return "figure"
    if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        return "heading"
    return "fixed" if {"title", "abstract", "references", "colophon"} & set(names) else "text"


def _is_code(element: Element) -> bool:
    return element.find(".//pre") is not None and element.find(".//table") is None


def _is_glued(element: Element, before: Element) -> bool:
    """Whether a block continues the sentence of the previous block: an equation, a list, or the text after either."""
    is_equation, follows_equation = ("equation" in (each.get("class") or "").split() for each in (element, before))
    return is_equation or follows_equation or (element.tag in _GLUED and before.tag == "p")


def _fill(page: Any) -> float:
    """How much of a page is filled, including its notes, as a share of the page."""
    root, *areas = page.children
    bottom = max((_bottom(leaf) for leaf, _ in _leaves(root)), default=page.content_box_y())
    notes = sum(box.margin_height() for box in areas if _is_footnotes(box) and box.children)
    return float((bottom - page.content_box_y() + notes) / page.height)


def _is_footnotes(box: Any) -> bool:
    from weasyprint.formatting_structure import boxes

    return isinstance(box, boxes.FootnoteAreaBox)


def _bottom(box: Any) -> float:
    return float(box.border_box_y() + box.border_height())


def _leaves(box: Any, is_kept: bool = False) -> Iterator[tuple[Any, bool]]:
    """Lines, table rows, and pictures, none of which is broken, and whether each is kept with the previous one."""
    from weasyprint.formatting_structure import boxes

    if not isinstance(box, boxes.BlockContainerBox | boxes.TableBox | boxes.TableRowGroupBox):
        yield box, is_kept
        return
    for child in box.children:
        yield from _leaves(child, is_kept or child.style["break_before"] == "avoid")
        is_kept = child.style["break_after"] == "avoid"
