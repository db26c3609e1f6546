"""What a published site shows around its editions: the list of them, the feed, the sitemap, the 404 page.

Links are relative, so that a site works below any address. Where the address is known ([site] url in paper.toml), the
feed and the sitemap give whole addresses. A sitemap may hold no others, and is left out where there is none; a feed
may, as its entries are known by names that do not depend on where they are.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from generator.core.formatting import SPREAD, counted, integer, is_spread, percent, words
from generator.editions.candidate import Candidate
from generator.records.publication import Manifest, folder_of
from generator.records.results import Number
from generator.render.templates import render

PAGE = "index.html"
NO_JEKYLL = ".nojekyll"
"""The empty file by which GitHub serves a site's files as they are."""

MARK = "<!-- editions -->"
"""The place in the page for what it says of its edition."""


def of_edition(new: Candidate, edition: str) -> Mapping[str, bytes]:
    """The files of an edition as they lie in its own folder.

    To machines its page gives addresses in that folder, so that what is cited is what was read. The canonical address
    stays the site's: of all editions, a search engine is to show the latest.
    """
    page = _addressed(new.files[PAGE].decode(), new.paper.site.url.rstrip("/"), folder_of(edition))
    return {**new.files, PAGE: _placed(page, edition, "../../")}


def of_front(new: Candidate, edition: str) -> Mapping[str, bytes]:
    """The same files as the site's front."""
    return {**new.files, PAGE: _placed(new.files[PAGE].decode(), edition, "")}


def of_site(new: Candidate, editions: Sequence[Manifest]) -> Mapping[str, bytes]:
    """The files around the editions, which are given from the first to the latest."""
    address = new.paper.site.url and f"{new.paper.site.url.rstrip('/')}/"
    shown = [(manifest, result_lines(manifest), _name(manifest)) for manifest in reversed(editions)]
    about = {"paper": new.paper, "editions": shown, "address": address, "font_rules": new.fonts}
    about |= {"feed": _name(editions[0], "feed"), "path": urlsplit(address).path}
    templates = ["editions.html", "404.html", "feed.xml", *(["sitemap.xml"] if address else [])]
    pages = {name: render(f"site/{name}.j2", **about).encode() for name in templates}
    return {**pages, NO_JEKYLL: b""}


def result_lines(manifest: Manifest) -> tuple[str, ...]:
    """The main results of an edition, as a reader of a list wants them."""
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


def _epochs(results: Mapping[str, Number]) -> str:
    """The epochs that ran; editions from before they were counted have those that were asked for."""
    asked = results["training.epochs"]
    least, most = (results.get(f"ran.epochs.{end}", asked) for end in ("least", "most"))
    return counted(most, "epoch") if least == most else f"{words(least)} to {counted(most, 'epoch')}"


def _addressed(page: str, address: str, place: str) -> str:
    """The page with the addresses that render.metadata wrote into its head moved to `place`, if there are any."""
    if not address:
        return page
    head, end, body = page.partition("</head>")
    for begin in ('content="', '": "'):  # of an element, and in the data for search engines
        head = head.replace(f"{begin}{address}/", f"{begin}{address}/{place}/")
    return f"{head}{end}{body}"


def _placed(page: str, edition: str, root: str) -> bytes:
    before, mark, after = page.rpartition(MARK)
    said = render("site/edition.html.j2", edition=edition, root=root) if mark else ""
    return f"{before}{said}{after}".encode()


def _name(manifest: Manifest, what: str = "edition") -> str:
    """A permanent name, even if the site moves (RFC 4287, 4.2.6)."""
    made = f"{what} {manifest.published.isoformat()} {manifest.files[PAGE]}"
    return uuid.uuid5(uuid.NAMESPACE_OID, made).urn
