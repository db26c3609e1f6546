"""The records of what the author's code read while it ran: inputs of its result besides code and declared data."""

from __future__ import annotations

from generator.records.base import Record


class Reads(Record, frozen=True):
    """What one run of the author's code read, each with a SHA-256; None if there was nothing.

    Attributes:
        files: digests of their content, by path, which is relative to the paper's folder within its repository.
        folders: digests of the names in them, by path as above.
        variables: digests of their values, by name of the environment variable.
        programs: names of the programs that the author's code started, whose own reads are not known.
        places: what is there ("file", "folder", or "other"), by path as above, if only that was checked.
        packages: versions of the installed packages whose modules the author's code imports, by name.
        is_environment_copied: whether it read all variables at once; changes of these make nothing stale.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    programs: tuple[str, ...] = ()
    places: dict[str, str | None] = {}
    packages: dict[str, str | None] = {}
    is_environment_copied: bool = False


class Inputs(Record, frozen=True):
    """The published inputs of an edition's results, besides code and declared data.

    Attributes:
        files: as in `Reads`, of all stages together, by path within the repository; otherwise by file name only.
        folders: as in `Reads`, by path like `files`.
        variables: names without values.
        programs: as in `Reads`.
        places: as in `Reads`, by path like `files`.
        packages: as in `Reads`.
        is_environment_copied: as in `Reads`.
        unheld: sentences about what the edition's commit does not contain of all this.
    """

    files: dict[str, str | None] = {}
    folders: dict[str, str | None] = {}
    variables: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    places: dict[str, str | None] = {}
    packages: dict[str, str | None] = {}
    is_environment_copied: bool = False
    unheld: tuple[str, ...] = ()
