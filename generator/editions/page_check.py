"""Checks that what readers see of an edition matches its results and sources: front page, page, and summary.

A digest only ties a file to a list of files, and both can be replaced. Here, the lists are compared with each other,
and the pages and the text in the results with the rebuilt ones: prose word by word, numbers one by one. What the
generator prints around the article, and in exhibits and appendices, is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from generator.diff.markup import MarkupError, check_depth, read_markup
from generator.diff.safe_html import VOID
from generator.records.document import Document
from generator.records.publication import MANIFEST, Catalogue, Manifest
from generator.records.verification import FileCheck
from generator.render.links import row_id

PAGE = "index.html"
REQUIRED = (PAGE, "article.pdf", "results.json")
_PARAGRAPHS = {"p", "li", "dt", "dd", "blockquote", "h1", "h2", "h3", "h4", "figcaption", "tr", "pre", "div"}
_UNREAD = {"head", "nav", "footer", "script", "style", "svg", "annotation", "figure"}
_UNREAD_CLASSES = {"skip", "theme", "authors", "original", "edition", "preview", "formats", "verdict"}
_UNCLOSED = VOID | {"meta", "link"}
_APPENDIX = "appendix:"
_VALUE = row_id("")
"""How the IDs of the rows of the provenance begin."""

ShownNumber = tuple[str, str]
"""A number of the run in a page: its value for machines, and its text."""


def listed(place: str, manifest: Manifest, catalogue: Catalogue | None) -> Iterator[FileCheck]:
    """Files that an edition must have but its manifest does not list, and files that differ on the site's front.

    The front consists of the latest edition's files. Only its page differs, because it names the edition.
    """
    yield from (FileCheck(f"{place}{name}", "missing") for name in REQUIRED if name not in manifest.files)
    for name, digest in manifest.files.items() if catalogue else ():
        known = catalogue.files.get(name) if catalogue else None
        if known is None:
            yield FileCheck(name, "missing")
        elif name != PAGE and known != digest:
            yield FileCheck(name, "contradicted")


def summary(place: str, manifest: Manifest, published: Document) -> Iterator[FileCheck]:
    """A finding if the manifest's results and verdicts, shown in the list of editions, are not those published."""
    verdicts = [claim.verdict for claim in published.claims]
    counted = {verdict: verdicts.count(verdict) for verdict in verdicts}
    stated = {name: published.values[name].value for name in manifest.results if name in published.values}
    if manifest.results != stated or manifest.verdicts != counted:
        yield FileCheck(f"{place}{MANIFEST}", "contradicted")


def text(name: str, before: Document, after: Document) -> Iterator[FileCheck]:
    """A finding if the text in the published results differs from the rebuilt one; older results have no text."""
    if before.text is None or after.text is None:
        return
    old, new = (
        "\n".join(f"{one.section} {one.exhibit} {one.text}" for one in kept.paragraphs)
        for kept in (before.text, after.text)
    )
    is_same_prose = _with_names(old, before, after) == _with_names(new, after, before)
    if not is_same_prose or before.text.listings != after.text.listings:
        yield FileCheck(name, "contradicted")


def values(name: str, shown: str, published: Document) -> Iterator[FileCheck]:
    """A finding if the page's provenance, which lists its results, gives one another value than the published results.

    The numbers of the text are not compared with them: some are computed from results.
    """
    known = {row_id(path): str(stated.value) for path, stated in published.values.items()}
    try:
        rows = _Reader(shown).rows
    except MarkupError:
        yield FileCheck(name, "contradicted")
        return
    if any(known.get(row, value) != value for row, value in rows):
        yield FileCheck(name, "contradicted")


def page(name: str, shown: str, rebuilt: str, before: Document, after: Document) -> Iterator[FileCheck]:
    """A finding if the page `shown` says something different from the `rebuilt` one.

    A number or a text from the results may differ only if it differs between `before`, the published results, and
    `after`, the rebuilt ones, and the page must then show that of `before`. A page that exceeds the limits of
    `read_markup` also counts as different.
    """
    try:
        old, new = _Reader(shown), _Reader(rebuilt)
    except MarkupError:
        yield FileCheck(name, "contradicted")
        return
    is_same_prose = _with_names(old.prose, before, after) == _with_names(new.prose, after, before)
    if not is_same_prose or not _are_same_numbers(old.numbers, new.numbers, before, after):
        yield FileCheck(name, "contradicted")


def _with_names(prose: str, own: Document, other: Document) -> str:
    """The prose, with each text from these results replaced by its name if the other results have a different one."""
    texts = {name: stated.value for name, stated in own.values.items() if isinstance(stated.value, str)}
    known = {name: stated.value for name, stated in other.values.items()}
    names = {text: name for name, text in texts.items() if text and name in known and text != known[name]}
    if not names:
        return prose
    any_of_them = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    return any_of_them.sub(lambda match: f"{{{names[match[0]]}}}", prose)


def _are_same_numbers(shown: list[ShownNumber], rebuilt: list[ShownNumber], before: Document, after: Document) -> bool:
    if len(shown) != len(rebuilt):
        return False
    names: dict[str, list[str]] = {}
    for name, stated in after.values.items():
        names.setdefault(str(stated.value), []).append(name)
    is_same_run = before.values == after.values
    for (value, text), (expected, expected_text) in zip(shown, rebuilt, strict=True):
        own = [str(before.values[name].value) for name in names.get(expected, ()) if name in before.values]
        if text != expected_text if value == expected else is_same_run or (own and value not in own):
            return False
    return True


class _Reader(HTMLParser):
    """Reads a page: `prose`, its words with single spaces, and `numbers`, all numbers of the run that it shows.

    `rows` are those of the provenance: the ID of each, and its value.

    In the prose, the target of its link replaces a number. The appendices, which come last, are not part of the prose.
    Of an exhibit, only the caption is, and a table of the author's, which has no class. Raises MarkupError as
    `read_markup` does.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.numbers: list[ShownNumber] = []
        self.rows: list[tuple[str, str]] = []
        self._row = ""
        self._words: list[str] = []
        self._open: list[tuple[str, bool]] = [("", True)]
        self._number: tuple[str, list[str]] | None = None
        self._is_appendix = False
        read_markup(self, page)
        self.prose = " ".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        self._is_appendix |= tag == "h2" and given.get("id", "").startswith(_APPENDIX)
        if tag == "data":
            self._number = (given.get("value", ""), [])
            self.rows += [(self._row, self._number[0])] if self._row else []
            self._say("{")
        elif tag == "tr":
            self._row = row if (row := given.get("id", "")).startswith(_VALUE) else ""
        elif tag == "a" and self._number:
            self._say(given.get("href", ""))
        elif tag == "img":
            self._say(f" [{given.get('src', '')} {given.get('alt', '')}] ")
        if tag in _UNCLOSED:
            return
        is_own = tag == "figcaption" or (tag == "table" and not classes)
        is_read = is_own or (self._open[-1][1] and tag not in _UNREAD and not classes & _UNREAD_CLASSES)
        self._open.append((tag, is_read))
        check_depth(len(self._open))
        self._say(" ¶ " if tag in _PARAGRAPHS else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "data" and self._number:
            self.numbers.append((self._number[0], "".join(self._number[1])))
            self._number = None
            self._say("}")
        if tag == "tr":
            self._row = ""
        if any(opened == tag for opened, _ in self._open):
            while self._open.pop()[0] != tag:
                pass  # this also closes whatever was left open inside

    def handle_data(self, data: str) -> None:
        if self._number:
            self._number[1].append(data)
        else:
            self._say(data)

    def _say(self, words: str) -> None:
        if self._open[-1][1] and not self._is_appendix:
            self._words.append(words)
