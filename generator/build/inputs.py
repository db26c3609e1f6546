"""Finds which inputs the author's code read, and which of them the edition's commit does not contain.

A reader who has the commit must be able to build the same results. Every file that was read, and all code and prose,
must therefore be in the commit unchanged, or be declared data. Of environment variables, only the names are published.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from generator.core.environment import Commit
from generator.core.errors import UsageError
from generator.core.git import GitError, output
from generator.core.paths import readable
from generator.data.reads import Scope, names
from generator.records.dataset import Source
from generator.records.reads import Inputs, Reads

DIFFERS = "which is not in the commit, or differs from it"
ASKED_FOR = "which the code looks for, and which is not in the commit or differs from it"
OUTSIDE = "which is outside the repository and is not data that paper.toml declares"


@dataclass(frozen=True)
class _Repository:
    """Where the paper is, and what its commit contains.

    Attributes:
        scope: of the author's code.
        held: paths in the commit, relative to the repository, that are unchanged in the work tree; None: no commit.
    """

    scope: Scope
    held: Collection[str] | None

    def below(self, path: str) -> str | None:
        """The path relative to the repository, with links resolved; None if it is elsewhere."""
        home, real = os.path.realpath(self.scope.home), os.path.realpath(path)
        return os.path.relpath(real, home) if Path(real).is_relative_to(home) else None

    def published(self, path: str) -> str:
        """The path to publish; for a path outside the repository, only its last part."""
        is_below = Path(path).is_relative_to(self.scope.home)
        return readable(os.path.relpath(path, self.scope.home) if is_below else _last(path))


def found_inputs(
    scope: Scope, at: Commit, source: Source | None, reads: Sequence[Reads], used: Iterable[Path] = ()
) -> Inputs:
    """What all stages read, and what part of it, and of the code and prose in `used`, is not in the commit."""
    declared = {os.path.realpath(path) for path in source.paths} if source else set()
    files = _gathered(scope, declared, (each.files for each in reads))
    folders = _gathered(scope, declared, (each.folders for each in reads))
    places = _gathered(scope, declared, (each.places for each in reads))
    checked = dict(sorted((files | {str(path): "used" for path in used}).items()))
    is_any = any(any(found.values()) for found in (checked, folders, places))
    repository = _Repository(scope, _held(scope.home) if at.sha and is_any else None)
    return Inputs(
        files={repository.published(path): digest for path, digest in files.items()},
        folders={repository.published(path): digest for path, digest in folders.items()},
        variables=tuple(sorted({name for each in reads for name in each.variables})),
        programs=tuple(sorted({name for each in reads for name in each.programs})),
        places={repository.published(path): kind for path, kind in places.items()},
        packages=dict(sorted({name: version for each in reads for name, version in each.packages.items()}.items())),
        is_environment_copied=any(each.is_environment_copied for each in reads),
        unheld=(
            *_unheld(repository, checked, DIFFERS),
            *_unheld_folders(repository, folders),
            *_unheld(repository, {path: kind for path, kind in places.items() if path not in files}, ASKED_FOR),
        ),
    )


def unseen(inputs: Inputs) -> Iterator[str]:
    """Warnings for the author about inputs that cannot be tracked."""
    if inputs.programs:
        names = ", ".join(inputs.programs)
        yield f"The paper's code starts other programs ({names}); changes in what they read are not detected."

    if inputs.is_environment_copied:
        yield (
            "The paper's code reads all environment variables at once; a change of one makes no stage stale. "
            'Read those that count one by one, as in os.environ["NAME"].'
        )


def _gathered(
    scope: Scope, declared: Collection[str], each: Iterator[Mapping[str, str | None]]
) -> dict[str, str | None]:
    """Digests by absolute path, without declared data."""
    found = {scope.place(name): digest for part in each for name, digest in part.items()}
    return {
        path: digest
        for path, digest in sorted(found.items())
        if not any(Path(os.path.realpath(path)).is_relative_to(place) for place in declared)
    }


def _unheld(repository: _Repository, found: Mapping[str, str | None], what: str) -> Iterator[str]:
    """A line for each file or place that exists but is not in the commit; `what` says why this matters."""
    for path in (path for path, is_there in found.items() if is_there):
        below = repository.below(path)
        if below is None:
            yield f"{repository.published(path)}, {OUTSIDE}"
        elif repository.held is not None and below not in repository.held:
            yield f"{repository.published(path)}, {what}"


def _unheld_folders(repository: _Repository, folders: Mapping[str, str | None]) -> Iterator[str]:
    for path in (path for path, digest in folders.items() if digest):
        below = repository.below(path)
        if below is None:
            yield f"the list of files in {repository.published(path)}, {OUTSIDE}"
        elif repository.held is not None:
            found = names(path, repository.scope.out)
            others = [name for name in found if os.path.normpath(Path(below, name)) not in repository.held]
            if others:
                listed = readable(", ".join(others))
                yield f"the list of files in {repository.published(path)}: {listed} is not in the commit"


def _held(home: Path) -> set[str]:
    """The files of the commit that are unchanged in the work tree, and the folders that contain them.

    Files marked to be skipped or assumed unchanged are left out: git does not look at them, so they may have changed.
    """
    try:
        held = _names(home, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD")
        held -= _names(home, "diff", "-z", "--name-only", "--no-ext-diff", "HEAD")
        held -= {name[2:] for name in _names(home, "ls-files", "-v", "-z") if name[0] == "S" or name[0].islower()}
    except (GitError, UsageError):  # the repository has disappeared since its commit was read
        return set()
    return held | {str(parent) for name in held for parent in PurePath(name).parents}


def _names(home: Path, *arguments: str) -> set[str]:
    return {os.fsdecode(name) for name in output(home, *arguments).split(b"\0") if name}


def _last(path: str) -> str:
    return f"…/{Path(path).name}"
