"""Whether what readers see of an edition is what its results and sources say: front page, page and summary.

Digests only tie a file to a list of files, and whoever exchanges one can renew the other. Here the lists are held
against each other, and the pages against the page that was built again: its prose word by word, its numbers one by one.
The author's names, the notes on editions and pictures are not read (generator.diff.page_text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from generator.diff.page_text import blocks
from generator.records.document import Document
from generator.records.publication import MANIFEST, Catalogue, Manifest
from generator.records.verification import FileCheck

PAGE = "index.html"
REQUIRED = (PAGE, "article.pdf", "results.json")
_NUMBER = re.compile(r'<data value="([^"]*)">(.*?)</data>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def listed(place: str, manifest: Manifest, catalogue: Catalogue | None) -> Iterator[FileCheck]:
    """What an edition must have and its manifest does not name, and what the site's front has otherwise.

    The front consists of the latest edition's files, whose page is alone another: it names the edition.
    """
    yield from (FileCheck(f"{place}{name}", "missing") for name in REQUIRED if name not in manifest.files)
    for name, digest in manifest.files.items() if catalogue else ():
        known = catalogue.files.get(name) if catalogue else None
        if known is None:
            yield FileCheck(name, "missing")
        elif name != PAGE and known != digest:
            yield FileCheck(name, "contradicted")


def summary(place: str, manifest: Manifest, published: Document) -> Iterator[FileCheck]:
    """A finding if the manifest's results and verdicts, which the list of editions shows, are not those published."""
    verdicts = [claim.verdict for claim in published.claims]
    counted = {verdict: verdicts.count(verdict) for verdict in verdicts}
    stated = {name: published.values[name].value for name in manifest.results if name in published.values}
    if manifest.results != stated or manifest.verdicts != counted:
        yield FileCheck(f"{place}{MANIFEST}", "contradicted")


def page(name: str, shown: str, rebuilt: str, before: Document, after: Document) -> Iterator[FileCheck]:
    """A finding if the page `shown` says something else than the `rebuilt` one.

    It may have another number, or another word out of the results, only where `before`, the published results, have
    another than `after`, those rebuilt; and then it must be that of `before`.
    """
    is_same_prose = _prose(shown, before, after) == _prose(rebuilt, after, before)
    if not is_same_prose or not _are_same_numbers(_numbers(shown), _numbers(rebuilt), before, after):
        yield FileCheck(name, "contradicted")


def _prose(page: str, own: Document, other: Document) -> list[str]:
    """The page's paragraphs; a text that only these results have stands in them by its name."""
    texts = {name: stated.value for name, stated in own.values.items() if isinstance(stated.value, str)}
    known = {name: stated.value for name, stated in other.values.items()}
    changed = {name: text for name, text in texts.items() if text and text != known.get(name)}
    paragraphs = [block.text for block in blocks(page)]
    for name, text in sorted(changed.items(), key=lambda item: -len(item[1])):
        paragraphs = [paragraph.replace(text, f"{{{name}}}") for paragraph in paragraphs]
    return paragraphs


def _numbers(page: str) -> list[tuple[str, str]]:
    """Every number of the run in the page: as machines read it, and as it is printed."""
    return [(unescape(value), unescape(_TAG.sub("", html))) for value, html in _NUMBER.findall(page)]


def _are_same_numbers(
    shown: list[tuple[str, str]], rebuilt: list[tuple[str, str]], before: Document, after: Document
) -> bool:
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
