"""Each publish is an edition: kept for ever in its place, listed with what changed, and the latest is the front."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import msgspec
import pytest

from generator.core.environment import Commit
from generator.core.errors import ReportError, UsageError
from generator.core.paths import ROOT, TEMPLATES
from generator.core.reading import MAX_SITE_FILE_BYTES
from generator.editions import unchanged
from generator.editions.candidate import Candidate
from generator.editions.catalogue import add
from generator.editions.frontpages import MARK
from generator.records.publication import Catalogue, Manifest
from tests.support.publications import candidate, served, tree
from tests.support.repositories import git
from tests.support.sample_page import ARTICLE, EDITION, PAPER, render_page

ATOM = {"atom": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def publish(site: Path, number: int, url: str = "") -> Manifest:
    update = add(site, candidate(site.parent / f"built-{number}", number, url))
    assert update.is_new and update.is_written
    return update.latest


# --- what an edition is --------------------------------------------------------------------------


def test_an_edition_has_everything_in_it_and_a_manifest_that_says_what_it_rests_on(site: Path) -> None:
    publish(site, 5)
    folder = site / "v" / "1"
    names = {"CITATION.cff", "article.pdf", "index.html", "results.json"}
    assert {path.name for path in folder.iterdir()} == names | {"manifest.json"}
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    assert manifest.files == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    assert (manifest.edition, manifest.commit, manifest.overrides) == ("1", "a" * 40, {"training.epochs": "5"})
    assert set(manifest.data) == {"x_train", "y_train", "x_test", "y_test"}
    assert manifest.results["model.parameters.total"] == 1234


def test_the_catalogue_has_the_digest_of_every_file_that_is_not_an_editions_own(site: Path) -> None:
    publish(site, 1)
    publish(site, 2)
    catalogue = msgspec.json.decode((site / "editions.json").read_bytes(), type=Catalogue)
    files = {path.name for path in site.iterdir() if path.is_file()} - {"editions.json"}
    assert catalogue.files == {name: hashlib.sha256((site / name).read_bytes()).hexdigest() for name in files}
    for edition, digest in catalogue.editions.items():
        assert hashlib.sha256((site / "v" / edition / "manifest.json").read_bytes()).hexdigest() == digest


def test_the_front_is_the_latest_edition_and_no_edition_ever_changes(site: Path) -> None:
    publish(site, 1)
    first = tree(site / "v")
    publish(site, 2)
    after = tree(site / "v")
    assert first.items() <= after.items()
    assert "number 2" in (site / "index.html").read_text()
    assert (site / "article.pdf").read_bytes() == (site / "v" / "2" / "article.pdf").read_bytes()


def test_the_same_site_again_is_no_new_edition(site: Path) -> None:
    publish(site, 1)
    before = tree(site)
    update = add(site, candidate(site.parent / "again", 1))
    assert (update.latest.edition, update.is_new, update.is_written) == ("1", False, False)
    assert tree(site) == before


@pytest.fixture
def two_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The full hashes of two commits of a repository, of which the second changes nothing that a paper is made from."""
    git(tmp_path, "init", "--quiet", tmp_path)
    monkeypatch.setattr(unchanged, "ROOT", tmp_path)
    monkeypatch.setattr(unchanged, "GENERATOR_FOLDERS", (tmp_path / "templates",))
    return [committed(tmp_path, "README.md", text) for text in ("One.", "Two.")]


def committed(top: Path, name: str, text: str) -> str:
    (top / name).parent.mkdir(exist_ok=True)
    (top / name).write_text(text)
    git(top, "add", name)
    git(top, "commit", "--quiet", "--message", "More")
    return git(top, "rev-parse", "HEAD")


def at(sha: str, paper: Path, number: int = 1, dirty: bool = False) -> Candidate:
    """A site that was built at a commit, which its page and its PDF show."""
    when = msgspec.Raw(msgspec.json.encode(Commit(sha, f"2026-01-0{number + int(sha[0], 16) % 2}", dirty=dirty)))
    new = candidate(paper, number, commit=when)
    page = new.files["index.html"].replace(b"</article>", f"<p>commit {sha[:8]}<wbr>{sha[8:]}</p></article>".encode())
    return dataclasses.replace(new, files=dict(new.files) | {"index.html": page, "article.pdf": sha.encode()})


def test_a_new_commit_that_changes_nothing_readers_see_is_no_new_edition(site: Path, two_commits: list[str]) -> None:
    paper = site.parent / "paper"
    add(site, at(two_commits[0], paper))
    before = tree(site)
    update = add(site, at(two_commits[1], paper))
    assert (update.latest.edition, update.is_new, update.is_written) == ("1", False, False)
    assert tree(site) == before
    assert add(site, at(two_commits[1], paper, 2)).is_new, "its numbers have changed"


@pytest.mark.parametrize("name", ["paper/analysis.py", "templates/pdf.css", "requirements.lock"])
def test_a_new_commit_of_what_a_pdf_is_made_from_is_a_new_edition(
    site: Path, two_commits: list[str], name: str
) -> None:
    paper = site.parent / "paper"
    add(site, at(two_commits[1], paper))
    assert add(site, at(committed(site.parent, name, "new"), paper)).is_new


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_a_new_commit_is_a_new_edition_if_one_of_both_has_uncommitted_changes(
    site: Path, two_commits: list[str], before: bool, after: bool
) -> None:
    paper = site.parent / "paper"
    add(site, at(two_commits[0], paper, dirty=before))
    assert add(site, at(two_commits[1], paper, dirty=after)).is_new


def test_another_pdf_of_the_same_commit_is_a_new_edition(site: Path, two_commits: list[str]) -> None:
    new = at(two_commits[0], site.parent / "paper")
    add(site, new)
    assert add(site, dataclasses.replace(new, files={**new.files, "article.pdf": b"other"})).is_new


def test_a_new_commit_is_a_new_edition_if_the_generator_is_in_another_repository(
    site: Path, two_commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "GENERATOR_FOLDERS", (ROOT / "templates",))
    paper = site.parent / "paper"
    add(site, at(two_commits[0], paper))
    assert add(site, at(two_commits[1], paper)).is_new


def test_a_publish_that_was_interrupted_is_completed_though_only_the_commit_is_new(
    site: Path, two_commits: list[str]
) -> None:
    add(site, at(two_commits[0], site.parent / "paper"))
    (site / "index.html").write_text("Old.")
    update = add(site, at(two_commits[1], site.parent / "paper"))
    assert (update.is_written, "number 1" in (site / "index.html").read_text()) == (True, True)


def test_a_commit_that_git_does_not_know_is_a_new_edition(site: Path, two_commits: list[str]) -> None:
    add(site, at("f" * 40, site.parent / "paper"))
    assert add(site, at(two_commits[1], site.parent / "paper")).is_new


def test_a_site_that_was_published_before_may_come_back(site: Path) -> None:
    for number in (1, 2, 1):
        publish(site, number)
    assert "number 1" in (site / "v" / "3" / "index.html").read_text()


def test_another_paper_is_no_edition_of_this_one(site: Path) -> None:
    """A paper that has only moved or only has a new title is the same."""
    add(site, candidate(site.parent / "one", 1))
    before = tree(site)
    with pytest.raises(UsageError, match=r"holds another paper, 'Small <things> & others' \(\S*one\), and not 'Other'"):
        add(site, candidate(site.parent / "two", 2, title="Other"))
    assert tree(site) == before
    add(site, candidate(site.parent / "two", 2))
    assert add(site, candidate(site.parent / "two", 3, title="Other")).latest.edition == "3"


def test_the_page_of_every_paper_has_a_place_for_its_edition_below_the_title() -> None:
    """A reader of an old edition learns that there is a later one before reading it."""
    template = (TEMPLATES / "page.html.j2").read_text()
    before, after = template.split(MARK)
    assert "title.html.j2" in before and 'class="contents"' in after


def test_a_catalogue_that_is_larger_than_a_site_s_file_may_be_is_not_read(site: Path) -> None:
    publish(site, 1)
    with (site / "editions.json").open("ab") as file:
        file.truncate(MAX_SITE_FILE_BYTES + 1)
    with pytest.raises(OSError, match=r"it is larger than 256 MiB: .*editions\.json"):
        publish(site, 2)


def test_a_manifest_of_an_interrupted_publish_that_is_larger_than_it_may_be_is_not_read(site: Path) -> None:
    publish(site, 1)
    (site / "v" / "2").mkdir()
    with (site / "v" / "2" / "manifest.json").open("wb") as file:
        file.truncate(2**41)  # without taking any of the disk
    with pytest.raises(OSError, match=r"it is larger than 256 MiB: .*manifest\.json"):
        publish(site, 2)


# --- what else lies there ------------------------------------------------------------------------


def test_foreign_files_stay(site: Path) -> None:
    publish(site, 1)
    (site / "CNAME").write_text("example.org")
    (site / "talks").mkdir()
    (site / "talks" / "index.html").write_text("a talk")
    publish(site, 2)
    assert (site / "CNAME").read_text() == "example.org"
    assert (site / "talks" / "index.html").read_text() == "a talk"


@pytest.mark.parametrize("name", ["notes.txt", "index.html", "vendor/page.html"])
def test_a_folder_of_something_else_is_refused(site: Path, name: str) -> None:
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_text("someone else's")
    before = tree(site)
    with pytest.raises(UsageError, match="holds files that this tool did not publish") as caught:
        publish(site, 1)
    assert str(caught.value).splitlines()[0].endswith(f"publish: {name.partition('/')[0]}")
    assert "empty folder or a new branch" in caught.value.next and ".nojekyll" in caught.value.next
    assert tree(site) == before


@pytest.mark.parametrize(
    "names", [["CNAME"], [".nojekyll"], ["README.md", "LICENSE", ".gitignore"], [".nojekyll", "x/a"]]
)
def test_a_site_is_published_beside_what_its_host_or_its_repository_needs(site: Path, names: list[str]) -> None:
    for name in names:
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("\n")
    publish(site, 1)
    publish(site, 2)
    assert all((site / name).read_text() == "\n" for name in names if name != ".nojekyll")
    assert (site / "v" / "2" / "index.html").is_file()


@pytest.mark.parametrize("name", ["index.html", "feed.xml/mine", "editions.html", "v/1/index.html", "v"])
def test_a_first_edition_overwrites_no_file_of_someone_else(site: Path, name: str) -> None:
    (site / "CNAME").write_text("example.org")
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_text("someone else's")
    before = tree(site)
    with pytest.raises(ReportError, match="A file that does not belong to this site is in the way"):
        publish(site, 1)
    assert tree(site) == before


def test_a_file_of_someone_else_in_the_way_of_a_further_edition_is_refused(site: Path) -> None:
    publish(site, 1)
    before = tree(site)
    (site / "v" / "2").mkdir()
    with pytest.raises(ReportError, match=r"v/2: A file that does not belong to this site is in the way"):
        publish(site, 2)
    (site / "v" / "2").rmdir()
    (site / "sitemap.xml").write_text("someone else's")
    with pytest.raises(ReportError, match=r"sitemap\.xml: A file that does not belong to this site is in the way"):
        publish(site, 2, url="https://example.org/paper/")
    assert tree(site) == before | {"sitemap.xml": b"someone else's"}


def test_a_copy_of_an_edition_under_the_next_name_is_no_edition(site: Path) -> None:
    publish(site, 1)
    shutil.copytree(site / "v" / "1", site / "v" / "2")
    with pytest.raises(ReportError, match="v/2: A file that does not belong to this site is in the way"):
        publish(site, 2)


def test_a_link_in_place_of_the_editions_is_not_followed(site: Path, tmp_path: Path) -> None:
    publish(site, 1)
    (site / "v").rename(tmp_path / "elsewhere")
    (site / "v").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReportError, match="v: A file that does not belong to this site is in the way"):
        publish(site, 2)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["1"]


def test_a_file_that_the_site_no_longer_has_goes(site: Path) -> None:
    publish(site, 1, url="https://example.org/paper/")
    assert (site / "sitemap.xml").is_file()
    publish(site, 2)
    assert not (site / "sitemap.xml").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("editions.json", b"{", r"editions\.json: It is damaged"),
        ("editions.json", b'{"format": 1, "editions": {}, "files": {"../x": ""}}', "It is damaged"),
        ("v/1/manifest.json", b"{}", r"v/1/manifest\.json: The file is not the one that was published"),
        ("v/1/article.pdf", b"%PDF", r"v/1/article\.pdf: The file is not the one that was published"),
    ],
)
def test_a_damaged_record_is_told_and_nothing_published(site: Path, name: str, content: bytes, said: str) -> None:
    publish(site, 1)
    (site / name).write_bytes(content)
    before = tree(site)
    with pytest.raises(ReportError, match=said):
        publish(site, 2)
    assert tree(site) == before


# --- a publish that was interrupted --------------------------------------------------------------


def test_editions_that_the_front_does_not_show_yet_are_taken_up_by_the_next_publish(site: Path) -> None:
    """Two publishes in a row were killed when their editions were in place."""
    publish(site, 1)
    front = {path: path.read_bytes() for path in site.iterdir() if path.is_file()}
    for number in (2, 3):
        publish(site, number)
    after = tree(site)
    for path, content in front.items():
        path.write_bytes(content)
    (site / "v" / "4.tmp").mkdir()
    (site / "v" / "front.tmp").mkdir()
    update = add(site, candidate(site.parent / "built-3", 3))
    assert (update.latest.edition, update.is_new, update.is_written) == ("3", False, True)
    assert tree(site) == after


MOUNTING = ["--mount", "sh", "-c", 'mount -t tmpfs -o size=512k tmpfs "$0" && "$@"']
ON_SMALL_DISK = (["unshare", "--map-root-user", *MOUNTING], ["unshare", *MOUNTING])
"""Run a command in its own namespace, where it may mount a disk, which is gone when the command has ended.

The first needs user namespaces, the second needs to be root.
"""


def publish_on_full_disk(disk: Path) -> None:
    """Asserts that a second edition for which a disk has no room leaves the first as it was."""
    site = disk / "site"
    site.mkdir()
    add(site, candidate(disk.parent / "built-1", 1))
    before = tree(site)
    big = candidate(disk.parent / "built-2", 2)
    with pytest.raises(OSError, match="No space left"):
        add(site, dataclasses.replace(big, files={**big.files, "article.pdf": b"%PDF" * 100_000}))
    assert tree(site) == before


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small disk with unshare, which only Linux has")
def test_a_full_disk_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    ways = [[*way, str(disk)] for way in ON_SMALL_DISK]
    probes = [subprocess.run([*way, "true"], capture_output=True, text=True, check=False) for way in ways]
    working = [way for way, probe in zip(ways, probes, strict=True) if not probe.returncode]
    if not working:
        reasons = "; ".join(probe.stderr.strip() for probe in probes)
        pytest.skip(f"cannot mount a small disk; run as root, or allow user namespaces: {reasons}")
    code = "import pathlib, sys; from tests.unit.editions import test_catalogue as here; "
    code += "here.publish_on_full_disk(pathlib.Path(sys.argv[1]))"
    command = [*working[0], sys.executable, "-c", code, str(disk)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- what a reader finds -------------------------------------------------------------------------


class Links(HTMLParser):
    """Addresses that a page leads to, and the ids in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.targets += [value for name, value in attrs if name in ("href", "src") and value]
        self.ids |= {value for name, value in attrs if name == "id" and value}


def crawled(address: str) -> dict[str, int]:
    """The status of everything that can be reached from an address and lies below it."""
    seen: dict[str, int] = {}
    waiting = [address]
    while waiting:
        url = waiting.pop()
        if url in seen or not url.startswith(address):
            continue
        try:
            with urlopen(url, timeout=30) as answer:
                seen[url], kind, body = answer.status, answer.headers.get_content_type(), answer.read()
        except HTTPError as error:
            with error:
                seen[url] = error.code
            continue
        if kind == "text/html":
            targets = Links(body.decode()).targets
        else:
            targets = re.findall(r'href="([^"]+)"', body.decode()) if kind.endswith("xml") else []
        waiting += [urljoin(url, target).partition("#")[0] for target in targets if not target.startswith("data:")]
    return seen


def test_every_link_of_a_site_of_thirty_editions_answers_below_any_path(tmp_path: Path) -> None:
    site = tmp_path / "host" / "some" / "path"
    site.mkdir(parents=True)
    for number in range(1, 31):
        publish(site, number)
    with served(tmp_path / "host") as address:
        seen = crawled(f"{address}/some/path/")
    assert set(seen.values()) == {200}
    reached = {urlsplit(url).path.removeprefix("/some/path/") for url in seen}
    own = {"", "404.html", ".nojekyll", "editions.json"}
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert files - own <= reached, "every file of every edition is to be reached from the front"
    assert len(reached) > 30 * 5


def test_the_list_of_editions_has_date_commit_results_and_changes_latest_first(site: Path) -> None:
    for number in (1, 2):
        publish(site, number)
    text = " ".join(re.sub("<[^>]*>", " ", (site / "editions.html").read_text().partition("<body>")[2]).split())
    assert re.search(r"Small &lt;things&gt; &amp; others .* Edition 2 .* Edition 1 ", text)
    assert "commit aaaaaaaaaa" in text
    assert "91.2% (90.2%, 91.2%, 92.2%) of the test images" in text
    assert "two epochs, three replicates" in text and "1,234 parameters" in text
    assert "The first edition." in text
    assert "number of epochs requested (1 → 2)" in text, "it says what changed"


def test_an_edition_from_a_dirty_tree_is_marked_in_the_list(site: Path) -> None:
    dirty = msgspec.Raw(msgspec.json.encode(Commit("b" * 40, "2026-01-02", dirty=True)))
    add(site, candidate(site.parent / "built", 1, commit=dirty))
    assert "with uncommitted changes" in (site / "editions.html").read_text()


def test_an_edition_leads_to_the_latest_and_to_all(site: Path) -> None:
    publish(site, 1)
    assert "../../editions.html" in Links((site / "v" / "1" / "index.html").read_text()).targets
    assert "../../index.html" in Links((site / "v" / "1" / "index.html").read_text()).targets
    assert "editions.html" in Links((site / "index.html").read_text()).targets


def test_the_page_of_an_edition_gives_machines_the_addresses_of_its_own_files(site: Path) -> None:
    new = candidate(site.parent / "built", 1, "https://example.org/paper/")
    page = render_page(msgspec.structs.replace(PAPER, site=new.paper.site), ARTICLE, EDITION)
    add(site, dataclasses.replace(new, files={**new.files, "index.html": page.encode()}))
    own, front = ((site / place / "index.html").read_text() for place in ("v/1", ""))
    root = "https://example.org/paper/"
    for before, after in (
        ('<meta name="citation_pdf_url" content="', "article.pdf"),
        ('<meta property="og:url" content="', '"'),
        ('<meta property="og:image" content="', "preview.png"),
        ('"contentUrl": "', "article.pdf"),
        ('"url": "', '"'),
    ):
        assert f"{before}{root}{after}" in front
        assert f"{before}{root}v/1/{after}" in own and f"{before}{root}{after}" not in own
    canonical = f'<link rel="canonical" href="{root}">'
    assert canonical in own and canonical in front


def test_the_feed_names_editions_for_ever_and_has_whole_addresses_where_they_are_known(site: Path) -> None:
    publish(site, 1)
    before = entries(site)
    publish(site, 2, url="https://example.org/paper")
    after = entries(site)
    assert [entry[0] for entry in after][1:] == [entry[0] for entry in before], "a name stays when the address changes"
    assert [entry[1] for entry in before] == ["v/1/index.html"]
    assert [entry[1] for entry in after] == [f"https://example.org/paper/v/{n}/index.html" for n in (2, 1)]
    assert len({entry[0] for entry in after}) == 2


def entries(site: Path) -> list[tuple[str, str]]:
    """The feed's entries: their ids and where they lead."""
    feed = ElementTree.fromstring((site / "feed.xml").read_text())
    found = feed.findall("atom:entry", ATOM)
    return [(entry.findtext("atom:id", "", ATOM), entry.find("atom:link", ATOM).attrib["href"]) for entry in found]  # type: ignore[union-attr]  # a missing link fails the test


def test_the_sitemap_has_whole_addresses_and_is_left_out_where_they_are_not_known(site: Path) -> None:
    publish(site, 1)
    assert not (site / "sitemap.xml").exists()
    publish(site, 2, url="https://example.org/paper/")
    sitemap = ElementTree.fromstring((site / "sitemap.xml").read_text())
    places = [element.text for element in sitemap.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    root = "https://example.org/paper/"
    assert places == [root, f"{root}editions.html", f"{root}v/2/index.html", f"{root}v/1/index.html"]


def test_the_page_for_a_lost_reader_leads_home_from_any_depth_where_the_sites_place_is_known(site: Path) -> None:
    publish(site, 1, url="https://example.org/paper/")
    assert '<base href="/paper/">' in (site / "404.html").read_text()
    publish(site, 2)
    assert "<base" not in (site / "404.html").read_text()
