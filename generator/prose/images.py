"""The author's own pictures: a local file becomes part of the page, so that the page is one file.

A damaged file is refused, of which a browser shows a part, and so are one in CMYK, whose colors are not known without
a profile (ISO 19005-3, 6.2.4), one of 16 bits of gray, which the PDF's engine cannot read, and an SVG file with scripts
or with parts that lie elsewhere.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from urllib.parse import unquote

from generator.core.errors import Place, ReportError
from generator.core.reading import MAX_PICTURE_BYTES, read_regular
from generator.prose.drawings import check_drawing

SVG = "image/svg+xml"
MAX_BEGINNING = 4096  # bytes in which the first element of an SVG file stands

_SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}


def data_uri(address: str, place: Place) -> str:
    """The picture at an address relative to the prose at `place`, as a data: URI.

    Raises:
        ReportError: the address is not of a local file, or the file is missing, damaged, or of no known kind.
    """
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", address):
        what = f"The image {address} is not one of the paper's files."
        raise ReportError(what, place, "Put the file beside the prose and name that.")
    try:
        content = read_regular(place.path.parent / Path(unquote(address)), MAX_PICTURE_BYTES)
    except OSError as error:
        next = f"Put the file beside {place.path.name}, or correct its name."
        raise ReportError(f"The image {address} cannot be read: {error.strerror}.", place, next) from None
    media_type = _media_type(content, address, place)
    (check_drawing if media_type == SVG else _check)(content, address, place)
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _media_type(content: bytes, address: str, place: Place) -> str:
    """By the file's first bytes, not by its name."""
    for media_type, signature in _SIGNATURES.items():
        if signature.match(content):
            return media_type
    if re.search(rb"<(?:\w+:)?svg[\s>]", content[:MAX_BEGINNING]):
        return SVG
    what = f"The image {address} is not a PNG, JPEG, GIF, WebP, or SVG file."
    raise ReportError(what, place, "Convert it to one of these.")


def _check(content: bytes, address: str, place: Place) -> None:
    """Raises ReportError for a picture that a page would show in part, or that a PDF could not show as it is meant."""
    from PIL import Image, ImageFile  # most papers have no pictures of the author's own

    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, where it is loaded too, turns this on for all
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except Exception:  # each of Pillow's decoders has its own ways to fail on a damaged file
        raise ReportError(f"The image {address} is damaged.", place, "Save it again, or replace it.") from None
    if image.mode == "CMYK":
        raise ReportError(f"The image {address} uses CMYK colors.", place, "Convert it to RGB.")
    if image.mode.startswith("I;16"):  # WeasyPrint takes grays of eight bits only
        raise ReportError(f"The image {address} has 16 bits of gray per pixel.", place, "Convert it to 8 bits.")
