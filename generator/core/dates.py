"""The date of an edition, which is the paper's own or set from outside, and the time of its publication.

The article's date never comes from the clock, so that equal inputs give equal files. Only a publication has a time.
"""

from __future__ import annotations

import datetime
import os

from generator.core.errors import UsageError


def edition_date(date: datetime.date) -> datetime.datetime:
    """Midnight UTC of the paper's `date`, or SOURCE_DATE_EPOCH (reproducible-builds.org) in seconds since 1970, UTC.

    Raises UsageError when SOURCE_DATE_EPOCH is not such a number.
    """
    return _given() or datetime.datetime.combine(date, datetime.time(), datetime.UTC)


def publication_time() -> datetime.datetime:
    """Now, or SOURCE_DATE_EPOCH, in whole seconds, UTC. Raises UsageError as `edition_date` does."""
    return _given() or datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def _given() -> datetime.datetime | None:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        step = "Set it to whole seconds since 1970, as `git log -1 --format=%ct` prints them, or unset it."
        raise UsageError(f"“{epoch}” is not a time", "SOURCE_DATE_EPOCH in the environment", step) from None
