"""Saves the request that a site was built with next to the site, so that `publish` can use the same one.

The file contains paths on this machine and is never published. An edition's manifest contains what readers need.
"""

from __future__ import annotations

from pathlib import Path

from generator.build.preflight import Request
from generator.core.checked import read_checked, write_checked
from generator.core.errors import Place, ReportError
from generator.records.base import Record

NAME = "built.json"


class _Built(Record, frozen=True):
    """built.json.

    Attributes:
        paper: absolute path of the paper's folder.
        data: --data; None: not given.
        overrides: values of --set and --replicates, by key.
        draft: whether claims that do not hold were allowed.
    """

    paper: str
    data: str | None
    overrides: dict[str, str | int]
    draft: bool


def remember(request: Request) -> None:
    """Saves the request that the site was built with."""
    made = _Built(str(request.folder), request.data, dict(request.overrides), request.draft)
    write_checked(request.out / NAME, made)


def recall(out: Path) -> Request:
    """The request that <out>/site was built with. Raises ReportError when it is missing or damaged."""
    made = read_checked(out / NAME, _Built)
    if made is None:
        what = f"{NAME} is damaged" if (out / NAME).exists() else "Nothing has been built here"
        raise ReportError(what, Place(out), "Build the paper first.")
    return Request(Path(made.paper), out, made.data, made.overrides, draft=made.draft)
