"""Verifies a published edition: rebuilds it from its stated sources, and compares every value.

It is built at its commit by that commit's own generator, with this interpreter, in its own work tree and output folder,
so that earlier training is not reused. The files of the site are compared with its manifests, and the pages with the
published results; what does not match is told before the rebuild, which may take long. Then, what readers see is
compared with what was rebuilt (generator.editions.page_check).
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from generator.core.console import Display
from generator.core.errors import Place, ReportError, UsageError
from generator.core.formatting import counted, duration
from generator.core.git import GitError, git, top_level, worktree
from generator.core.paths import ROOT, expanded
from generator.core.reading import read_author_text
from generator.diff.edition import read_results
from generator.editions import overrides, page_check
from generator.editions.catalogue import decode
from generator.editions.page_check import PAGE
from generator.editions.site_reader import Read, limited, reader
from generator.editions.value_check import checks
from generator.editions.verify_text import INTERRUPTED, PUBLISH_AGAIN, before_rebuild
from generator.records.condition import MAIN
from generator.records.document import Document
from generator.records.publication import CATALOGUE, MANIFEST, Catalogue, Manifest, folder_of, following
from generator.records.verification import FileCheck, Verification
from generator.results.condition_values import VARIANTS

RESULTS = "results.json"
MAX_SECONDS = 24 * 3600
"""How long a rebuild may take."""

REPORT_SECONDS = 5.0
"""Time between messages about which edition is being read."""


def verify(site: str, clone: Path, data: str | None, display: Display) -> Verification:
    """Verifies the site's latest edition, or the edition whose folder or address `site` is.

    `clone` is a folder in a clone that contains the commit; `data` is the value of --data for a build. Raises
    ReportError when there is no edition, or it cannot be rebuilt.
    """
    display.say(f"Reading {site}")
    read = limited(reader(site), site)
    place, catalogue = _found(read, site)
    manifest = _manifest(read, place)
    front = tuple(_of_front(read, catalogue)) if catalogue else ()
    files = (*front, *(_of_editions(read, catalogue, display) if catalogue else _checked(read, "", manifest.files)))
    commit = _commit(manifest, clone)
    published = _results(read, place)
    pages = dict(_pages(read, place))
    display.say(f"Edition {manifest.edition}: {counted(len(files), 'file')} read")
    found = [*page_check.listed(place, manifest, catalogue), *page_check.summary(place, manifest, published)]
    for name, shown in pages.items():
        found += page_check.values(name, shown, published)
    files, interrupted = _with(files, found), any(check.verdict != "identical" for check in front)
    for line in before_rebuild(manifest.edition, files, interrupted):
        display.say(line)
    page, rebuilt = _rebuilt(top_level(clone), commit, manifest, published, data, display)
    told = list(page_check.text(f"{place}{RESULTS}", published, rebuilt))
    for name, shown in pages.items():
        told += page_check.page(name, shown, page, published, rebuilt)
    files = _with(files, told)
    values = tuple(checks(manifest, published, rebuilt))
    inputs, is_checked = published.inputs, published.data.checked
    return Verification(manifest.edition, commit, files, values, interrupted, inputs.variables, is_checked)


# --- the site's files ----------------------------------------------------------------------------


def _pages(read: Read, place: str) -> Iterator[tuple[str, str]]:
    """The edition's page and the front page, by name."""
    for name in dict.fromkeys([f"{place}{PAGE}", PAGE]):
        if (content := read(name)) is not None:
            yield name, content.decode(errors="replace")


def _with(files: Iterable[FileCheck], found: Iterable[FileCheck]) -> tuple[FileCheck, ...]:
    """The checks, those of each file replaced by what was found about it."""
    new = dict.fromkeys(found)
    return (*(check for check in files if check.name not in {one.name for one in new}), *new)


def _found(read: Read, site: str) -> tuple[str, Catalogue | None]:
    """The edition's place in the site, and the site's catalogue, if `site` is a site rather than a single edition.

    Raises ReportError when there is no edition, or its manifest was changed, so that there is nothing to verify.
    """
    if (content := read(CATALOGUE)) is not None:
        catalogue = decode(content, Catalogue, CATALOGUE)
        if not catalogue.editions:
            raise ReportError("The site has no edition", site)
        place = f"{folder_of(catalogue.latest)}/"
        (check,) = _checked(read, place, {MANIFEST: catalogue.editions[catalogue.latest]})
        if check.verdict != "identical":
            what = f"The manifest is not the one listed in {CATALOGUE}"
            raise ReportError(what, check.name, "Restore the published file.")
        return place, catalogue
    if read(MANIFEST) is None:
        if _has_edition(read, following(())):
            raise ReportError(INTERRUPTED, site, PUBLISH_AGAIN)
        step = "Give the folder or the address that was published to, or v/<edition> in it."
        raise UsageError(f"There is no published site here: no {CATALOGUE} and no {MANIFEST}", site, step)
    return "", None


def _of_front(read: Read, catalogue: Catalogue) -> Iterator[FileCheck]:
    """The files around the editions, and the manifest of an edition that is missing from the catalogue."""
    yield from _checked(read, "", catalogue.files)
    if _has_edition(read, edition := following(catalogue.editions)):
        yield FileCheck(f"{folder_of(edition)}/{MANIFEST}", "contradicted")


def _has_edition(read: Read, edition: str) -> bool:
    """Whether an edition exists. Some servers refuse requests for missing files, or answer with a page."""
    try:
        return _manifest(read, f"{folder_of(edition)}/").edition == edition
    except ReportError:
        return False


def _of_editions(read: Read, catalogue: Catalogue, display: Display) -> Iterator[FileCheck]:
    told = -math.inf
    for number, (edition, digest) in enumerate(catalogue.editions.items(), 1):
        if time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            display.say(f"Reading edition {edition} ({number} of {len(catalogue.editions)})")
        place = f"{folder_of(edition)}/"
        (check,) = _checked(read, place, {MANIFEST: digest})
        yield check
        if check.verdict == "identical":
            yield from _checked(read, place, _manifest(read, place).files)


def _checked(read: Read, place: str, files: Mapping[str, str]) -> Iterator[FileCheck]:
    for name, digest in files.items():
        content = read(f"{place}{name}")
        if content is None:
            yield FileCheck(f"{place}{name}", "missing")
        else:
            is_same = hashlib.sha256(content).hexdigest() == digest
            yield FileCheck(f"{place}{name}", "identical" if is_same else "differs")


def _manifest(read: Read, place: str) -> Manifest:
    return decode(read(f"{place}{MANIFEST}") or b"", Manifest, f"{place}{MANIFEST}")


def _results(read: Read, place: str) -> Document:
    content = read(f"{place}{RESULTS}")
    if content is None:
        raise ReportError("The edition has no results", f"{place}{RESULTS}", "Restore the published file.")
    return read_results(content, f"{place}{RESULTS}")


# --- the edition, built again --------------------------------------------------------------------


def _commit(manifest: Manifest, clone: Path) -> str:
    """The commit to build. Raises ReportError when there is none, or the clone does not have it."""
    name = f"Edition {manifest.edition}"
    if fault := overrides.fault(manifest.overrides):
        raise ReportError(f"{name} cannot be verified. {fault}", next="Build its commit yourself, and use `diff`.")
    if manifest.commit is None or manifest.dirty:
        what = "without a git commit" if manifest.commit is None else "with changes that are not in its commit"
        raise ReportError(f"{name} was built {what}, so it cannot be verified")
    try:
        git(top_level(clone), "cat-file", "-e", f"{manifest.commit}^{{commit}}")
    except GitError:
        step = "Get it with `git fetch`, or run this inside a clone that has it."
        what = f"{name} was built from commit {manifest.commit}, which is not in this clone"
        raise ReportError(what, str(top_level(clone)), step) from None
    return manifest.commit


def _announced(manifest: Manifest, commit: str, published: Document, paper: Path) -> str:
    """A message about what will run, and for how long."""
    replicates = _counts_of_replicates(manifest, published, paper)
    settings = "".join(f" --set {name}={value}" for name, value in manifest.overrides.items())
    doing = f"Rebuilding {manifest.paper} at commit {commit[:10]}{settings}: "
    total = sum(replicates.values())
    doing += counted(total, "replicate")
    each = [_training_seconds(published, name) for name, count in replicates.items() if count]
    took = f"{_took(each, total)} " if each and min(each) >= 0 and max(each) < MAX_SECONDS else ""
    stopped = f"It will be stopped after {MAX_SECONDS // 3600} hours."
    return f"{doing}, trained again from the start. {took}{stopped}"


def _took(each: Sequence[float], count: int) -> str:
    """How long one replicate of each condition trained, which is no estimate of the whole: several train at once."""
    least, most = duration(min(each)), duration(max(each))
    one = least if least == most else f"{least} to {most}"
    at_once = "; several train at the same time" if count > 1 else ""
    return (
        f"When it was published, one replicate trained for {one}{at_once}. "
        "Before training, the build estimates how long it takes on this machine."
    )


def _counts_of_replicates(manifest: Manifest, published: Document, paper: Path) -> dict[str, int]:
    """How many replicates of each condition will be trained, by name; by default, as many as when it was published."""
    given = manifest.overrides.get("training.replicates", _settings(paper, "training").get("replicates"))
    main = int(given) if isinstance(given, str | int) else len(published.replicates)
    counts = {MAIN: main}
    for name, variant in _settings(paper, "variants").items():
        match variant:
            case {"training": {"replicates": int(fewer)}}:
                counts[name] = min(main, fewer)
            case _:
                counts[name] = main
    return counts


def _training_seconds(published: Document, condition: str) -> float:
    """How long one replicate trained when this was published; infinite if unknown."""
    mean = published.values.get(f"{VARIANTS}.{condition}.times.total.mean" if condition else "times.total.mean")
    return mean.value if mean and isinstance(mean.value, int | float) else math.inf


def _rebuilt(
    clone: Path, commit: str, manifest: Manifest, published: Document, data: str | None, display: Display
) -> tuple[str, Document]:
    """The page and the results that the edition's sources produce today."""
    with worktree(clone, commit, "verify") as tree:
        paper, out = tree / manifest.paper, tree.with_name("verify-out")
        display.say(_announced(manifest, commit, published, paper))
        own = (tree / "generator" / "__main__.py").is_file()
        if not own:
            display.say("The commit does not contain the generator; using this one.")
        try:
            shutil.rmtree(out, ignore_errors=True)
            if data is None:
                _check_data(paper, manifest)
            _build(tree if own else ROOT, paper, out, manifest, data)
            display.say("Comparing the rebuilt files, which are then removed")
            results, page = out / "site" / RESULTS, out / "site" / PAGE
            return page.read_text(encoding="utf-8"), read_results(results.read_bytes(), Place(results))
        finally:
            shutil.rmtree(out, ignore_errors=True)


def _check_data(paper: Path, manifest: Manifest) -> None:
    """Raises ReportError when the paper names its own data, which the commit does not contain, and none is given."""
    settings = _settings(paper, "data")
    path, variable = settings.get("path"), settings.get("environment")
    if isinstance(path, str) and not (paper / path).exists() and not os.environ.get(str(variable)):
        what = f"The commit does not contain the data that paper.toml names, {path}"
        raise ReportError(what, f"{manifest.paper}/paper.toml", "Name it with --data PATH.")


def _build(root: Path, paper: Path, out: Path, manifest: Manifest, data: str | None) -> None:
    """Runs the generator in `root`, showing its progress. It builds a draft, so that refuted claims do not stop it."""
    command = [sys.executable, "-m", "generator", "build", "--draft", "--paper", str(paper), "--out", str(out)]
    command += [f"--set={name}={value}" for name, value in manifest.overrides.items()]
    command += [f"--data={_absolute(data)}"] if data else []
    try:
        done = subprocess.run(command, cwd=root, check=False, env=_environment(paper), timeout=MAX_SECONDS)
    except subprocess.TimeoutExpired:
        what = f"Edition {manifest.edition} was still being built after {MAX_SECONDS // 3600} hours, and was stopped"
        raise ReportError(what, next="Build its commit yourself, and compare the results with `diff`.") from None
    if done.returncode:
        step = "The output of the build is above."
        raise ReportError(f"Edition {manifest.edition} could not be rebuilt at its commit", next=step)


def _environment(paper: Path) -> dict[str, str]:
    """The environment of this process, with the path to the data made absolute, so that it holds in any folder."""
    variables = dict(os.environ)
    if (name := str(_settings(paper, "data").get("environment"))) in variables:
        variables[name] = _absolute(variables[name])
    return variables


def _settings(paper: Path, table: str) -> dict[str, object]:
    """A table of paper.toml; empty if it cannot be read."""
    with contextlib.suppress(
        ReportError, ValueError, RecursionError, KeyError, TypeError
    ):  # the build will report what is wrong with it
        return dict(tomllib.loads(read_author_text(paper / "paper.toml"))[table])
    return {}


def _absolute(data: str) -> str:
    return data if data == "sample" else str(expanded(data))
