"""The records of what the author's code read while it ran: what its result rests on besides code and declared data."""

from __future__ import annotations

from generator.records.base import Record


class Reads(Record, frozen=True):
    """What one run of the author's code read, each with a SHA-256; None where there was nothing.

    Attributes:
        files: digests of their content, by path, relative to the paper's folder for those in its repository.
        folders: digests of the names in them, by path likewise.
        variables: digests of their values, by name of the environment variable.
        programs: names of the programs that the author's code started, whose own reads are not known.
        places: what is there ("file", "folder" or "other"), by path likewise, where only that was asked.
        packages: versions of the installed packages whose modules the author's code imports, by name.
        is_environment_copied: whether it read all variables at once; a change of those makes nothing stale.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    programs: tuple[str, ...] = ()
    places: dict[str, str | None] = {}
    packages: dict[str, str | None] = {}
    is_environment_copied: bool = False


class Inputs(Record, frozen=True):
    """What the results of an edition rest on besides code and declared data, as it is published.

    Attributes:
        files: as in `Reads`, of all stages together, by path within the repository; only the name of one elsewhere.
        folders: likewise.
        variables: names without values.
        programs: as in `Reads`.
        places: as in `Reads`, by path as above.
        packages: as in `Reads`.
        is_environment_copied: as in `Reads`.
        unheld: what of all this the edition's commit does not hold, in sentences.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    places: dict[str, str | None] = {}
    packages: dict[str, str | None] = {}
    is_environment_copied: bool = False
    unheld: tuple[str, ...] = ()
