"""Reads a published site from a folder or over HTTP, file by file, as a reader would get it."""

from __future__ import annotations

import http.client
import time
import urllib.error
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

from generator.core.errors import Place, ReportError, UsageError
from generator.core.reading import MAX_SITE_FILE_BYTES, read_regular
from generator.core.receiving import LimitError, receive
from generator.diff.edition import editions_beside

MAX_SITE_SECONDS = 3_600
"""How long reading the files of a site may take before no further file is begun."""

Read = Callable[[str], bytes | None]
"""Returns the content of a file of the site by name, or None if there is no such file."""


def reader(site: str) -> Read:
    """A function that reads files of the site at this address or in this folder.

    Raises UsageError when there is no such folder. The function raises ReportError when the site does not answer.
    """
    if site.startswith(("http://", "https://")):
        return partial(_fetch, site.rstrip("/"))
    folder = Path(site)
    if not folder.is_dir():
        step = "Name the folder of a published site, or its address with http:// or https://."
        raise UsageError("There is no such folder", Place(folder), editions_beside(folder) or step)
    return partial(_read, folder)


def limited(read: Read, site: str) -> Read:
    """The same function with a time limit: it raises ReportError once the files of this site have taken too long."""
    end = time.monotonic() + MAX_SITE_SECONDS

    def read_in_time(name: str) -> bytes | None:
        if time.monotonic() > end:
            step = "Give the folder or the address of one edition, SITE/v/EDITION."
            raise ReportError(f"The site could not be read within {MAX_SITE_SECONDS // 60} minutes", site, step)
        return read(name)

    return read_in_time


def _read(folder: Path, name: str) -> bytes | None:
    try:
        return read_regular(folder / name, MAX_SITE_FILE_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ReportError(f"The file cannot be read: {error.strerror}", Place(folder / name)) from None


def _fetch(address: str, name: str) -> bytes | None:
    url = f"{address}/{quote(name)}"
    try:
        return b"".join(content for content, _ in receive(url, MAX_SITE_FILE_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (404, 410):
                return None
            raise ReportError(f"The site answered {error.code} {error.reason}", url, "Try again later.") from None
    except LimitError as error:
        raise ReportError(f"The file was not read: {error}", url, "Give the site's folder, if you have it.") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        step = "Correct the address, or try again later."
        raise ReportError(f"The site does not answer: {reason}", url, step) from None
