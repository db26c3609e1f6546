"""What `diff` can compare: a folder, or a published site in a git revision.

A folder is an edition's own, or that of a published site, whose root contains its latest edition, and v/<edition>/ each
of them. REVISION means that root in a commit of this repository, and REVISION:FOLDER a folder in it, as git itself
writes it: gh-pages~1, gh-pages:v/3. A folder takes precedence over a revision with the same name, and a local branch
over one of origin, where publishing puts it.
"""

from __future__ import annotations

import contextlib
import posixpath
from pathlib import Path

from generator.core.environment import refusal_of
from generator.core.errors import UsageError
from generator.core.git import ORIGIN, GitError, git, output
from generator.core.reading import MAX_SITE_FILE_BYTES, MIB
from generator.diff.edition import PAGE, RESULTS, FileContent, ReadEdition, editions_beside, parsed, read_edition

_STEP = "Name an edition's folder, a site's, SITE/v/EDITION, or a commit of a site: REVISION or REVISION:v/EDITION."


def open_edition(operand: str) -> ReadEdition:
    """The edition that `operand` names.

    Raises UsageError when it does not name an edition, or the edition cannot be read.
    """
    if Path(operand).is_dir():
        return read_edition(Path(operand))
    revision, _, folder = operand.partition(":")
    commit = _commit(revision) if revision else None
    if commit is None and (refusal := refusal_of(Path())):
        raise UsageError(f"This is not a folder, and git refuses the repository here: {refusal}", operand, _STEP)
    if commit is None:
        step = editions_beside(Path(operand)) or _STEP
        raise UsageError("This is neither a folder nor a commit of this repository", operand, step)
    return parsed(*(_shown(operand, commit, posixpath.join(folder, name)) for name in (RESULTS, PAGE)))


def _commit(revision: str) -> str | None:
    """The ID of the commit that a revision names, here or among the branches of origin."""
    for name in (revision, f"{ORIGIN}/{revision}"):
        with contextlib.suppress(GitError):
            return git(Path(), "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return None


def _shown(operand: str, commit: str, path: str) -> FileContent:
    try:
        size = int(git(Path(), "cat-file", "-s", f"{commit}:{path}"))
        if size > MAX_SITE_FILE_BYTES:
            raise UsageError(f"{path} is larger than {MAX_SITE_FILE_BYTES // MIB} MiB in this commit", operand, _STEP)
        return output(Path(), "cat-file", "blob", f"{commit}:{path}"), f"{operand}, {path}"
    except GitError:
        raise UsageError(f"There is no edition here: {path} is not in this commit", operand, _STEP) from None
