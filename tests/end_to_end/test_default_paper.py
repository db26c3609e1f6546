"""The paper of report/, as it was just built: on MNIST where it is to be had, else on the sample."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.conftest import ROOT, build
from tests.support.sample_page import SENTENCE
from tests.support.typesetting import fills, outside, overlapping, pages, words

TWO_THIRDS = 2 / 3


@pytest.fixture(scope="module")
def results(site: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((site / "results.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def pdf(site: Path) -> bytes:
    return (site / "article.pdf").read_bytes()


def value(results: dict[str, Any], name: str) -> Any:
    return results["values"][name]["value"]


def test_the_page_is_small_and_shows_what_can_be_read_before_the_weights_arrive(
    site: Path, results: dict[str, Any]
) -> None:
    """The images of the sample, which has more shades of gray, are larger."""
    page = (site / "index.html").read_bytes()
    assert len(page) <= (1_750_000 if value(results, "data.preview") else 1_600_000)
    assert len(gzip.compress(page)) <= 1_000_000
    assert page.index(b"</main>") < page.index(b'id="explorer-trained"')


# --- what the paper reports ----------------------------------------------------------------------


def test_the_network_is_the_papers(results: dict[str, Any]) -> None:
    assert value(results, "model.parameters.total") == 156_650
    assert value(results, "model.layers.conv4.parameters") == 36_928


def test_every_replicate_reads_the_digits(results: dict[str, Any]) -> None:
    """On MNIST at least 98% of 10,000; the sample, of 359 images, is a preview and says so."""
    shares = [replicate["correct"] / replicate["images"] for replicate in results["replicates"]]
    assert len(shares) == value(results, "training.replicates") >= 5
    if value(results, "data.preview"):
        assert results["edition"]["preview"].startswith("Built on the sample")
        assert min(shares) > 0.8
    else:
        assert results["edition"]["preview"] is None
        assert value(results, "training.steps") == 1875
        assert min(shares) >= 0.98


def test_the_published_table_is_found_to_contradict_itself_in_one_row(results: dict[str, Any]) -> None:
    accused = [row for row in results["published"] if row["verdict"] == "internally inconsistent"]
    assert [row["path"][-1] for row in accused] == ["conv4"]
    assert (accused[0]["published"], accused[0]["expected"]) == (96_928, 36_928)


def test_the_paper_has_the_structure_of_the_article_it_reproduces(site: Path) -> None:
    page = (site / "index.html").read_text()
    titles = re.findall(r'<h2[^>]*>(?:<span class="section-number">(\d)</span>)?\s*([^<]+)</h2>', page)
    assert [f"{number} {title}".strip() for number, title in titles] == [
        "Abstract", "1 Introduction", "2 Methodology", "3 Results", "4 Conclusion", "Limitations", "Reproducibility",
        "Data and code availability", "How to cite", "References", "Appendix: claims", "Appendix: provenance",
    ]  # fmt: skip
    assert "regenerated reproduction of the article by Saif Ullah" in " ".join(page.split())


def test_every_link_within_the_page_arrives(site: Path) -> None:
    links = Links()
    links.feed((site / "index.html").read_text())
    assert len(links.targets) > 30
    assert {target for target in links.targets if target.startswith("#")} <= {f"#{id}" for id in links.ids}
    assert {target for target in links.targets if not re.match("#|https?:", target)} <= {
        path.name for path in site.iterdir()
    }


class Links(HTMLParser):
    """The ids and link targets of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, content in attrs:
            if name == "id":
                self.ids.append(content or "")
            elif name == "href" and tag == "a":
                self.targets.append(content or "")


# --- its PDF -------------------------------------------------------------------------------------


def test_no_page_is_less_than_two_thirds_full_except_the_last(pdf: bytes) -> None:
    assert min(fills(pdf)[:-1]) > TWO_THIRDS


def test_nothing_leaves_the_page_and_nothing_overlaps(pdf: bytes) -> None:
    assert outside(pdf) == []
    assert overlapping(pdf) == []
    assert len(pdf) < 3_000_000
    assert {page.size for page in pages(pdf, 72)} == {(596, 842)}
    assert words(pdf)[0].page == 0


def test_the_outline_has_every_numbered_section(pdf: bytes) -> None:
    outline: list[Any] = list(pypdf.PdfReader(io.BytesIO(pdf)).outline)
    titles = [str(entry["/Title"]) for entry in outline if isinstance(entry, dict)]
    assert [title for title in titles if title[0].isdigit()] == [
        "1 Introduction", "2 Methodology", "3 Results", "4 Conclusion"
    ]  # fmt: skip


def test_pages_stay_filled_when_the_text_grows(site: Path, tmp_path: Path) -> None:
    pdf = rebuilt(site, tmp_path, SENTENCE * 4)
    assert min(fills(pdf)[:-1]) > TWO_THIRDS


def test_the_paper_is_as_well_set_on_letter_and_with_a_longer_text(site: Path, tmp_path: Path) -> None:
    pdf = rebuilt(site, tmp_path, SENTENCE * 22, "--set", "pdf.paper=letter")
    assert outside(pdf, 612, 792) == []
    assert overlapping(pdf) == []
    assert min(fills(pdf, height=279.4)[:-1]) > TWO_THIRDS


def rebuilt(site: Path, folder: Path, extra: str, *arguments: str) -> bytes:
    """The PDF of the paper with a paragraph more; all but the article comes from the store of the site."""
    paper = folder / "report"
    shutil.copytree(ROOT / "report", paper)
    article = paper / "article.md"
    article.write_text(article.read_text().replace("# Methodology", f"{extra}\n\n# Methodology", 1))
    (folder / "build").mkdir()
    (folder / "build" / "cache").symlink_to(site.parent / "cache")
    done = build(paper, *arguments, MNIST_PATH=os.environ.get("MNIST_PATH", ""))
    assert done.returncode == 0, done.stderr
    return (folder / "build" / "site" / "article.pdf").read_bytes()
