"""The records of what the author's code read while it ran: what its result rests on besides code and declared data."""

from __future__ import annotations

from generator.records.base import Record


class Reads(Record, frozen=True):
    """What one run of the author's code read, each with a SHA-256; None where there was nothing.

    `files` and `folders` are by path, relative to the paper's folder where they lie in its repository; a folder's
    digest is over the names in it. `variables` are those of the environment, with digests of their values. `programs`
    names the programs that the author's code started, whose own reads are not known.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    programs: tuple[str, ...] = ()


class Inputs(Record, frozen=True):
    """What the results of an edition rest on besides code and declared data, as it is published.

    `files` and `folders` are as in `Reads`, of all stages together, by path within the repository; of one that lies
    elsewhere, only the name is told. `variables` are names without values. `unheld` says in sentences what of all this
    the edition's commit does not hold.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    unheld: tuple[str, ...] = ()
