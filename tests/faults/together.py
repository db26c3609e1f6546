"""Builds and publishes of one paper at the same time: each ends as if it were alone, or says what it waits for."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator.core.files import sha256
from generator.records.publication import MANIFEST
from tests.conftest import command
from tests.faults.trials import Place, Row, healed, misreported, row, run, unfinished, whole

ROUNDS = 12


def rows(place: Place) -> Iterator[Row]:
    """Two builds of other titles and a publish, cold and warm in turn."""
    yield row("two builds and a publish at once", (_tried(place, number) for number in range(ROUNDS)))


def _tried(place: Place, number: int) -> str:
    place.restore(cold=number % 3 == 0)
    commands = [command(place.paper, "--set", f"title=Title {name}") for name in "AB"]
    commands.append([sys.executable, "-m", "generator", "publish", f"{place.pages}", f"--out={place.out}"])
    with ThreadPoolExecutor(len(commands)) as pool:
        *builds, publish = pool.map(run, commands)
    found = next(filter(None, map(misreported, (*builds, publish))), "")
    found = found or next((f"a build failed: {ended.said}" for ended in builds if ended.status), "")
    found = found or whole(place) or _mixed(place.out / "site") or _changed(place.pages)
    if not found and (left := unfinished(place.folder.parent)):
        found = f"it left {left}"
    found = found or healed(place)
    return found and f"round {number}: {found}"


def _mixed(site: Path) -> str:
    """Whether the site has files of both builds."""
    title = json.loads((site / "results.json").read_bytes())["title"]
    (shown,) = re.findall("<title>(.*?)</title>", (site / "index.html").read_text())
    return "" if title in shown else f"the results are of {title!r}, the page of {shown!r}"


def _changed(pages: Path) -> str:
    """Files of editions that are not what their manifest lists."""
    manifests = pages.glob(f"v/*/{MANIFEST}")
    listed = {path.parent / name: digest for path in manifests for name, digest in _files(path)}
    changed = [str(path) for path, digest in listed.items() if not path.is_file() or sha256(path) != digest]
    return f"published files are not what the manifest says: {changed}" if changed else ""


def _files(manifest: Path) -> Iterator[tuple[str, str]]:
    yield from json.loads(manifest.read_bytes())["files"].items()
