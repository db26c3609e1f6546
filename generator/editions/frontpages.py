"""The pages of a published site around its editions: the list of editions, the feed, the sitemap, and the 404 page.

Links are relative, so that a site works at any address. If the address is known ([site] url in paper.toml), the feed
and the sitemap contain full addresses. A sitemap may not contain others, so it is left out without one. A feed may,
since its entries are identified by names that do not depend on their location.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from generator.core.formatting import SPREAD, counted, integer, is_spread, percent, words
from generator.editions.candidate import Candidate
from generator.records.publication import MANIFEST, Manifest, folder_of
from generator.records.results import Number
from generator.render.csp import policy
from generator.render.page import HEAD_SCRIPTS, THEME_SCRIPTS, scripts
from generator.render.templates import render

PAGE = "index.html"
NO_JEKYLL = ".nojekyll"
"""The empty file that makes GitHub serve a site's files unchanged."""

FILE_NAMES = {
    "article.pdf": "PDF",
    "results.json": "Results",
    "CITATION.cff": "Citation",
    "preview.png": "Preview image",
    MANIFEST: "Manifest",
}
"""What the list of editions calls their files, in this order; other files have their own names, and come last."""

MARK = "<!-- editions -->"
"""The place in the page for the note on its edition."""


def of_edition(new: Candidate, edition: str) -> Mapping[str, bytes]:
    """The files of an edition, as stored in its own folder.

    The addresses for machines in its page point to that folder, so that what is cited is what was read. The canonical
    address stays that of the site: of all editions, search engines should show the latest.
    """
    page = _addressed(new.files[PAGE].decode(), new.paper.site.url.rstrip("/"), folder_of(edition))
    return {**new.files, PAGE: _placed(page, edition, "../../")}


def of_front(new: Candidate, edition: str) -> Mapping[str, bytes]:
    """The files of the same edition, as the site's front."""
    return {**new.files, PAGE: _placed(new.files[PAGE].decode(), edition, "")}


def of_site(new: Candidate, editions: Sequence[Manifest]) -> Mapping[str, bytes]:
    """The files around the editions, which are given in order, the latest last."""
    address = new.paper.site.url and f"{new.paper.site.url.rstrip('/')}/"
    shown = [(manifest, result_lines(manifest), _name(manifest)) for manifest in reversed(editions)]
    head, end = scripts(HEAD_SCRIPTS), scripts(THEME_SCRIPTS)
    about = {"paper": new.paper, "editions": shown, "address": address, "font_rules": new.fonts}
    about |= {"head_scripts": head, "scripts": end, "policy": policy([*head, *end]), "files_of": _files_of}
    about |= {"feed": _name(editions[0], "feed"), "path": urlsplit(address).path}
    templates = ["editions.html", "404.html", "feed.xml", *(["sitemap.xml"] if address else [])]
    pages = {name: render(f"site/{name}.j2", **about).encode() for name in templates}
    return {**pages, NO_JEKYLL: b""}


def result_lines(manifest: Manifest) -> tuple[str, ...]:
    """The main results of an edition, for the list of editions."""
    results, verdicts = manifest.results, manifest.verdicts
    lines = []
    spread: dict[str, object] = {end: results.get(f"test.accuracy.{end}") for end in SPREAD}
    spread["replicate"] = {name: value for name, value in results.items() if ".replicate." in name}
    if is_spread(spread):
        lines.append(f"{percent(spread)} of the test images classified correctly")
    if {"training.epochs", "training.replicates"} <= results.keys():
        lines.append(f"{_epochs(results)}, {counted(results['training.replicates'], 'replicate')}")
    if "model.parameters.total" in results:
        lines.append(f"{integer(results['model.parameters.total'])} parameters")
    if verdicts:
        lines.append(f"{words(verdicts.get('holds', 0))} of {counted(sum(verdicts.values()), 'claim')} held")
    return tuple(lines)


def _files_of(manifest: Manifest) -> list[tuple[str, str]]:
    """The files to link to, each with what it is called."""
    others = {name: name for name in manifest.files if name not in (PAGE, *FILE_NAMES)}
    return [(name, said) for name, said in {**FILE_NAMES, **others}.items() if name in {*manifest.files, MANIFEST}]


def _epochs(results: Mapping[str, Number]) -> str:
    """The epochs that ran; for editions that did not record them, the epochs that were requested."""
    asked = results["training.epochs"]
    least, most = (results.get(f"ran.epochs.{end}", asked) for end in ("least", "most"))
    return counted(most, "epoch") if least == most else f"{words(least)} to {counted(most, 'epoch')}"


def _addressed(page: str, address: str, place: str) -> str:
    """The page, with the addresses that render.metadata wrote into its head, if any, moved to `place`."""
    if not address:
        return page
    head, end, body = page.partition("</head>")
    for begin in ('content="', '": "'):  # of an element, and in the data for search engines
        head = head.replace(f"{begin}{address}/", f"{begin}{address}/{place}/")
    return f"{head}{end}{body}"


def _placed(page: str, edition: str, root: str) -> bytes:
    before, mark, after = page.partition(MARK)
    said = render("site/edition.html.j2", edition=edition, root=root) if mark else ""
    return f"{before}{said}{after}".encode()


def _name(manifest: Manifest, what: str = "edition") -> str:
    """A permanent name, which stays the same if the site moves (RFC 4287, 4.2.6)."""
    made = f"{what} {manifest.published.isoformat()} {manifest.files[PAGE]}"
    return uuid.uuid5(uuid.NAMESPACE_OID, made).urn
