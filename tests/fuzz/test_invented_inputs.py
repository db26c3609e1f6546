"""Whatever stands in a file that others write, only our own errors come out, in bounded time and memory.

`make fuzz` tries 10,000 inputs for each file, the suite some.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from generator.article import foreseen, lookup
from generator.article.material import Material
from generator.core.diagnostics import refuse
from generator.core.errors import ReportError
from generator.data import formats
from generator.diff import terminal
from generator.diff.difference import differences, summary
from generator.diff.edition import ReadEdition, read_results
from generator.editions import overrides, page_check
from generator.editions.catalogue import decode
from generator.paper import load_paper
from generator.prose import bibliography, prose
from generator.records.dataset import DataSettings
from generator.records.publication import Catalogue, Manifest, following
from tests.conftest import ROOT
from tests.fuzz.invented import altered, bounded, damaged, invented, texts
from tests.support.editions import CLAIM, RESULTS, edition, measured, page

TINY = ROOT / "tests" / "papers" / "tiny"
PAPER = load_paper(TINY, {})
SETTINGS = DataSettings(name="invented")

TOML = [
    "[", "]", "[[", "{", "}", '"', "'", "'''", "=", "\n", ".", "#", "\\u", "1e999", "9" * 5000, "inf", "2026-02-30",
    "[data]\n", 'path = "x"\n', "[[data.mirrors]]\n", "files = []\n", "[training]\n", "epochs = 0\n",
    "replicates = -1\n", "[published]\n", "[literals]\n", '"3" = "why"\n', "title = 1\n", "[explorer.drawing]\n",
    "canvas = [28]\n",
]  # fmt: skip
MARKDOWN = [
    "{{", "}}", "{{ test.accuracy.mean | percent }}", "{{ (", "{{ a.b", "[", "]", "[^", "^[", "[@", "@", "@fig:",
    "](", "![", "{.", "}", ":::", "\n::: figure architecture\n", "\n\n", "\n", "#", "\n# A {#b}\n", "`", "```\n",
    "$", "$$", "\n$$\n", "\\frac{", "\\sqrt", "^{", "_", "\\left(", "\\begin{matrix}", "&", "\\\\", "|",
    "\n| a | b |\n|---|---|\n", "*", "_", "**", "~", "^", "--", "...", '"', "<!--", "-->", "<", ">", "\n> ", "\n- ",
    "\n1. ", "\n    ", "\t", "\\", "\\{{", "\\[@", '[So.]{claim="1 > 0"}', '{claim="', "{.otherwise}", "[^1]: ",
    "\n: ", "(eq:a)", "{=html}", "{width=50%}", "\u2028", "a" * 50,
]  # fmt: skip
BIBTEX = [
    "@", "@book{", "@article{a,\n", "{", "}", '"', ",", "=", "#", "\n", "title = ", "{A}", "author = {", " and ",
    "others", "year = 2020,", "month = jan", "\\url{", "\\href{", "\\textit{", "{\\em ", "$", "$x^{2}$", "\\'{\\i}",
    "\\", "%", "~", "--", "@string{a = {b}}", "@comment{", "@preamble{", "url = {javascript:1}",
    "doi = {https://doi.org/1}", "crossref = {b}", "date = {2020-13}", "@thesis{b, type={x},", "pages = {}",
    "journaltitle = {J},",
]  # fmt: skip


@invented
@given(texts((TINY / "paper.toml").read_text(), TOML))
def test_any_paper_toml_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "paper.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with bounded():
        try:
            load_paper(folder, {})
        except ReportError as error:
            assert error.what and error.next


@invented
@given(texts((TINY / "article.md").read_text(), MARKDOWN))
def test_any_article_is_resolved_or_refused(text: str) -> None:
    with bounded():
        try:
            read = prose.parse(text, TINY / "article.md")
            names, exhibits = foreseen.names(PAPER, {}, {}), foreseen.exhibits()
            missing = foreseen.missing_exhibits(PAPER, None)
            entries = bibliography.read(TINY / "references.bib")
            material = Material(read, names, exhibits, entries, missing=missing, is_foreseen=True)
            refuse([*lookup.faults(material, "page"), *lookup.faults(material, "print")])
        except ReportError as error:
            assert error.what and (error.where or error.what.startswith("There are "))


@invented
@given(texts((TINY / "references.bib").read_text(), BIBTEX))
def test_any_bibliography_is_written_or_refused(text: str) -> None:
    path = TINY / "references.bib"
    with bounded():
        try:
            entries = bibliography.parse(text, path)
            bibliography.warnings(entries, [])
            for reference in bibliography.references(entries, entries.lines):
                assert reference.html and reference.text
        except ReportError as error:
            assert error.what and (error.where or error.what.startswith("There are "))


def _idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


IMAGES, LABELS = np.zeros((3, 4, 4), np.uint8), np.array([0, 1, 0], np.uint8)
IDX_FILES = {
    "train-images-idx3-ubyte": IMAGES,
    "train-labels-idx1-ubyte": LABELS,
    "t10k-images-idx3-ubyte": IMAGES,
    "t10k-labels-idx1-ubyte": LABELS,
}


def _decoded(path: Path) -> None:
    with bounded():
        try:
            (x_train, y_train), _ = formats.decode(path, SETTINGS)
            assert len(x_train) == len(y_train)
        except ReportError as error:
            assert error.what and error.next


@invented
@given(
    st.sampled_from(sorted(IDX_FILES)),
    damaged(_idx(IMAGES)) | damaged(gzip.compress(_idx(IMAGES), mtime=0)) | st.binary(max_size=40),
)
def test_any_idx_file_is_decoded_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "idx"
    folder.mkdir(exist_ok=True)
    for file, array in IDX_FILES.items():
        (folder / file).write_bytes(content if file == name else _idx(array))
    _decoded(folder)


def _npz(dtype: str, is_compressed: bool) -> bytes:
    arrays = {"x_train": IMAGES.astype(dtype), "y_train": LABELS, "x_test": IMAGES.astype(dtype), "y_test": LABELS}
    (np.savez_compressed if is_compressed else np.savez)(content := io.BytesIO(), allow_pickle=False, **arrays)
    return content.getvalue()


@invented
@given(
    st.one_of([damaged(_npz(dtype, packed)) for dtype in ("u1", "f4", "c8", "U3", "M8[s]") for packed in (False, True)])
)
def test_any_npz_is_decoded_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "invented.npz"
    path.write_bytes(content)
    _decoded(path)


MANIFEST = {
    "format": 1, "edition": "1", "title": "A paper", "published": "2026-01-02T00:00:00Z", "date": "2026-01-02",
    "commit": "a" * 40, "dirty": False, "generator": "0.1.0", "paper": "report", "overrides": {"training.epochs": "1"},
    "data": {"x_train": "b" * 64}, "results": {"test.accuracy.mean": 0.5},
    "verdicts": {"holds": 1}, "changed": ["Nothing."], "files": {"index.html": "c" * 64},
}  # fmt: skip
PUBLISHED = edition(measured("test.accuracy", 0.5, 0.5)).results
CATALOGUE = {"format": 1, "editions": {"1": "d" * 64}, "files": {"index.html": "c" * 64}}
MAX_ARGUMENT_BYTES = 2**17  # that Linux takes of one argument
KNOWN = msgspec.convert(CATALOGUE, Catalogue)


@invented
@given(altered(MANIFEST))
def test_any_manifest_is_read_and_checked_or_refused(content: bytes) -> None:
    with bounded():
        try:
            manifest = decode(content, Manifest, "manifest.json")
        except ReportError as error:
            assert error.what and error.next
            return
        assert msgspec.json.decode(msgspec.json.encode(manifest), type=Manifest) == manifest
        if not overrides.fault(manifest.overrides):
            settings = [f"--set={name}={value}" for name, value in manifest.overrides.items()]
            given = [*map(os.fsencode, (manifest.paper, *settings))]
            assert all(b"\0" not in argument and len(argument) < MAX_ARGUMENT_BYTES for argument in given)
        checks = [*page_check.listed("", manifest, KNOWN), *page_check.summary("", manifest, PUBLISHED)]
        assert all(check.name for check in checks)


@invented
@given(altered(CATALOGUE))
def test_any_list_of_editions_is_read_and_checked_or_refused(content: bytes) -> None:
    with bounded():
        try:
            catalogue = decode(content, Catalogue, "editions.json")
        except ReportError as error:
            assert error.what and error.next
            return
        assert not catalogue.editions or int(following(catalogue.editions)) > int(catalogue.latest)
        assert list(page_check.listed("", decode(json.dumps(MANIFEST).encode(), Manifest, ""), catalogue))


WHOLE = RESULTS | {"values": measured("test.accuracy", 0.9, 0.8), "claims": [CLAIM, CLAIM | {"id": "claim:2"}]}


MARKUP = [
    "<figure", "<figure id=a class=figure>", "<svg", "</", ">", '"', "'", "&#", "<a href=", "<a x=", "<!--", "<![a[",
    "<?", "<data value=1>", "</data>", "<h2 id=appendix:a>", "<p>", "</p>", "<g>", "9" * 5000,
]  # fmt: skip


@invented
@given(altered(WHOLE), st.text(max_size=20) | texts(page(), MARKUP))
def test_any_results_are_compared_or_refused(content: bytes, body: str) -> None:
    with bounded():
        try:
            after = ReadEdition(read_results(content, "results.json"), body)
        except ReportError as error:
            assert error.what and error.next
            return
        before = edition(measured("test.accuracy", 0.7, 0.6))
        list(page_check.page("index.html", body, page(), after.results, before.results))
        list(page_check.text("results.json", after.results, before.results))
        try:
            difference = differences(before, after)
        except ReportError as error:
            assert error.what.startswith("The page cannot be read: ") and error.next
            return
        assert summary(difference)
        terminal.tell(difference, Console(file=(shown := io.StringIO())))
        assert "\x1b" not in shown.getvalue() and "\x07" not in shown.getvalue()
        json.loads(msgspec.json.encode(difference))
