"""Finds a paper's data: looks for it in a fixed order, verifies it, and remembers where it was.

The data is verified once its files have been decoded and the arrays match paper.toml. The place is stored with
fingerprints of every place that was searched, so that an unchanged build neither decodes files nor uses the network.
The modules that decode (`formats`) and download (`download`) are imported only for a search: recognizing an unchanged
source does not import NumPy.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place, ReportError, UsageError
from generator.core.paths import expanded
from generator.data.fingerprint import fingerprint
from generator.records.base import Record
from generator.records.dataset import DataSettings, Mirror, Source, SourceKind

if TYPE_CHECKING:
    from rich.console import Console

    from generator.data.formats import Arrays

Say = Callable[[str], None]
TO_LOOK_AGAIN = "To look for the data again, build with --refresh."
MEMORIES = "source-{}.json"
"""The names of the files in the store that record where data was found."""

_SAMPLE = "sample"
_DIGITS = "scikit-learn's handwritten digits"


def find(
    settings: DataSettings,
    paper: Path,
    explicit: str | None,
    cache: Path,
    *,
    say: Say = print,
    environ: Mapping[str, str] = os.environ,
    console: Console | None = None,
) -> Source:
    """Looks for the dataset and remembers where it was.

    The order is: `explicit` (--data), or else the environment variable that `settings` names; the author's own files,
    if `settings.path` names some, or bundled data; the Keras cache; the mirrors; the sample. Data that the user gives
    or the author owns is used or refused, never skipped.

    Args:
        settings: the [data] table of paper.toml.
        paper: the paper's folder.
        explicit: a path, or "sample".
        cache: the folder in which the source is remembered.
        say: receives warnings and, without a terminal, the progress of downloads, one line at a time.
        environ: the environment variables.
        console: where download bars are drawn; by default, standard error.

    Raises:
        UsageError: --data, the environment variable, or `settings.path` names nothing that exists, or the
            sample is chosen but not declared.
        ReportError: the data there is bad, or no data was found and no sample is declared.
    """
    search = _search(settings, paper, explicit, environ, say)
    memory = _memory_file(search, cache)
    found = _given(search) or _own(search) or _cached(search) or _downloaded(search, console)
    source = found or _fallback(search)
    _remember(memory, _Memory(source, search.seen), say)
    return source


def look(
    settings: DataSettings,
    paper: Path,
    explicit: str | None,
    *,
    say: Say = print,
    environ: Mapping[str, str] = os.environ,
) -> Source | None:
    """What `find` would find on this machine, without the network or the sample; None: nothing. It is not remembered.

    Raises UsageError and ReportError as `find` does.
    """
    search = _search(settings, paper, explicit, environ, say)
    return _given(search) or _own(search) or _cached(search)


def remembered(
    settings: DataSettings,
    paper: Path,
    explicit: str | None,
    cache: Path,
    *,
    say: Say = print,
    environ: Mapping[str, str] = os.environ,
) -> Source | None:
    """The source that `find` found for the same arguments, if every place it searched is unchanged.

    A file is unchanged if its stamp is (a folder: the stamps of its files); nothing is opened. None means that `find`
    must look again. If the sample replaces missing data, this is said each time.
    """
    search = _search(settings, paper, explicit, environ, say)
    file = _memory_file(search, cache)
    memory = read_checked(file, _Memory)
    if memory is None or any(fingerprint(Path(path)) != before for path, before in memory.seen.items()):
        return None
    with contextlib.suppress(OSError):  # the folder may belong to someone else
        os.utime(file)  # marks it as used today, so that it is kept
    if memory.source.preview and search.given != _SAMPLE:
        say(TO_LOOK_AGAIN)
    return memory.source


class _Memory(Record, frozen=True):
    """A source that was found earlier.

    Attributes:
        source: what was found.
        seen: fingerprint of each place searched; None: nothing was there.
    """

    source: Source
    seen: dict[str, str | None]


@dataclass(frozen=True)
class _Search:
    """What is searched for and where; `seen` and `passed` grow during the search.

    Attributes:
        settings: the [data] table.
        paper: the paper's folder.
        given: where the user says the data is; None: not specified.
        giver: where this was specified: --data or a variable.
        datasets: folder for downloads.
        say: prints a line.
        seen: fingerprint of each place searched; None: nothing was there.
        passed: why places were skipped.
    """

    settings: DataSettings
    paper: Path
    given: str | None
    giver: str
    datasets: Path
    say: Say
    seen: dict[str, str | None] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.settings.title or self.settings.name

    def pass_over(self, error: ReportError) -> None:
        """Warns of a place with bad data, or without data where some should be."""
        self.say(f"warning: {error.where}: {error.what}; trying the next place")
        self.passed.append(f"{error.where}: {error.what}")


def _search(settings: DataSettings, paper: Path, explicit: str | None, environ: Mapping[str, str], say: Say) -> _Search:
    variable = settings.environment
    given, giver = explicit, "--data"
    if explicit is None and variable is not None:
        given, giver = environ.get(variable) or None, variable
    if given is not None and given != _SAMPLE:
        given = str(expanded(given))
        _check_text(given, giver)
    datasets = expanded(environ.get("KERAS_HOME") or "~/.keras") / "datasets"
    _check_text(str(datasets), "KERAS_HOME")
    return _Search(settings, paper.absolute(), given, giver, datasets, say)


def _check_text(path: str, giver: str) -> None:
    """Raises UsageError for a path that is not valid text, since records contain it."""
    if not path.isascii() and path != os.fsencode(path).decode(errors="replace"):
        raise UsageError("The path of the data is not UTF-8", giver, "Rename the folder, or name another.")


def _given(search: _Search) -> Source | None:
    if search.given is None:
        return None
    if search.given == _SAMPLE:
        return _sample(search)
    path = Path(search.given)
    if fingerprint(path) is None:
        advice = f"Correct the path, or remove {search.giver} to let the build look for {search.title}."
        raise UsageError(f"{path} was not found, or is not readable", search.giver, advice)
    try:
        return _verified(search, path, "given", f"{path.name}, given with {search.giver}")
    except ReportError as error:
        advice = f"{error.next} {search.giver} names this path; without it, the build looks for {search.title}."
        raise ReportError(error.what, error.where, advice) from error


def _own(search: _Search) -> Source | None:
    if search.settings.bundled is not None:
        return _bundled(search)
    if search.settings.path is None:
        return None
    path = search.paper / search.settings.path
    if fingerprint(path) is None:
        problem = f"data.path names {search.settings.path}, which was not found, or is neither a file nor a folder"
        advice = "Put the data there, or correct path under [data] (it is relative to the paper's folder)."
        raise UsageError(problem, _toml(search), advice)
    return _verified(search, path, "own", f"the author's own files, {search.settings.path}")


def _cached(search: _Search) -> Source | None:
    for path in _cache_places(search):
        search.seen[str(path)] = fingerprint(path)
        if search.seen[str(path)] is None:
            search.passed.append(f"{path}: not found")
            continue
        try:
            return _verified(search, path, "keras", f"{path.name} in the Keras cache")
        except ReportError as error:
            search.pass_over(error)
    return None


def _cache_places(search: _Search) -> list[Path]:
    """The places of Keras's own file, and then of our earlier downloads."""
    places = [search.datasets / search.settings.keras] if search.settings.keras else []
    places += [_target(search, mirror) for mirror in search.settings.mirrors]
    return list(dict.fromkeys(places))


def _target(search: _Search, mirror: Mirror) -> Path:
    """Where a mirror's data goes: Keras's own place if it is that file, otherwise a folder with the dataset's name."""
    folder, first = search.datasets / search.settings.name, mirror.files[0].filename
    if len(mirror.files) > 1:
        return folder
    return search.datasets / first if first == search.settings.keras else folder / first


def _downloaded(search: _Search, console: Console | None) -> Source | None:
    if not search.settings.mirrors:
        return None
    # Most builds download nothing, so urllib and rich are only imported when needed.
    from generator.data import download

    wait_for = download.ask(mirror.files[0].url for mirror in search.settings.mirrors)
    for mirror in search.settings.mirrors:
        target, url = _target(search, mirror), mirror.files[0].url
        try:
            wait_for(url)
            with download.display(search.say, console) as progress:
                for file in mirror.files:
                    place = target / file.filename if len(mirror.files) > 1 else target
                    download.fetch(file, place, progress)
            return _verified(search, target, "download", f"downloaded from {urlsplit(url).hostname}")
        except ReportError as error:
            search.pass_over(error)
    return None


def _fallback(search: _Search) -> Source:
    if search.settings.sample is not None:
        source = _sample(search)
        search.say(f"warning: {search.title} was not found; building a preview on {source.description}")
        search.say(TO_LOOK_AGAIN)
        return source
    ways = " or ".join(dict.fromkeys(("--data", search.giver)))
    places = "".join(f"\n  - {place}" for place in (f"{ways}: not given", *search.passed))
    advice = f"Go online and build again, or name the file or folder with {ways}."
    raise ReportError(f"{search.title} was not found; looked in{places}", _toml(search), advice)


def _sample(search: _Search) -> Source:
    if search.settings.sample is None:
        problem = f"the sample is asked for, but the paper declares none for {search.title}"
        raise UsageError(problem, search.giver, 'Give a path, or set sample = "digits" and sample_size under [data].')
    from generator.data import formats  # imports NumPy, which an unchanged build does not need

    arrays = formats.sample(search.settings)
    return _source("sample", None, arrays, f"the sample, {_DIGITS}", search.say)


def _bundled(search: _Search) -> Source:
    from generator.data import formats  # imports NumPy

    arrays = formats.bundled(search.settings)
    _check_digests(search, arrays, _toml(search))
    return _source("bundled", None, arrays, _DIGITS, search.say)


def _verified(search: _Search, path: Path, kind: SourceKind, description: str) -> Source:
    """The data at `path` as a source, if its arrays match what the paper declares."""
    from generator.data import formats  # imports NumPy, which an unchanged build does not need

    search.seen[str(path)] = fingerprint(path)  # before decoding, so that a change during decoding is noticed
    arrays = formats.decode(path, search.settings, search.say)
    _check_digests(search, arrays, Place(path))
    return _source(kind, path, arrays, description, search.say)


def _source(kind: SourceKind, path: Path | None, arrays: Arrays, description: str, say: Say) -> Source:
    from generator.data import formats  # imports NumPy

    return Source(
        kind=kind,
        paths=(str(path),) if path else (),
        digest=formats.identity(arrays),
        description=description,
        class_names=formats.class_names(path, say) if path else (),
        test_labels=formats.label_digest(formats.named(arrays)["y_test"]),
    )


def _check_digests(search: _Search, arrays: Arrays, place: Place) -> None:
    """Raises ReportError when the arrays do not match those that the paper declares."""
    from generator.data import formats  # imports NumPy

    found = formats.digests(arrays)
    for name, declared in search.settings.arrays.items():
        if found[name] != declared:
            array = formats.named(arrays)[name]
            problem = f"is not the {search.title} that paper.toml declares: its {name}, {array.dtype} of "
            problem += f"{array.shape}, has the SHA-256 {found[name]}, not {declared}"
            raise ReportError(problem, place, "Use the original data, or correct [data.arrays].")


def _memory_file(search: _Search, cache: Path) -> Path:
    parts = (search.settings, str(search.paper), search.given, search.giver, str(search.datasets))
    key = hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()
    return cache / MEMORIES.format(key[:16])


def _remember(file: Path, memory: _Memory, say: Say) -> None:
    try:
        write_checked(file, memory)
    except OSError as error:  # the data was found; only the next build takes longer
        say(f"warning: {Place(file)}: cannot be written: {error.strerror}; the next build looks again")


def _toml(search: _Search) -> Place:
    return Place(search.paper / "paper.toml")
