"""Embeds the author's own pictures, which are local files, so that the page is a single file.

The following are refused: a damaged file, of which a browser would show a part; a file in CMYK, whose colors are not
known without a profile (ISO 19005-3, 6.2.4); a file with 16 bits of gray, which the PDF's engine cannot read; and an
SVG file with scripts or external content.
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
MAX_BEGINNING = 4096  # bytes that must contain the first element of an SVG file

_SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}


def data_uri(address: str, place: Place) -> str:
    """The picture at an address relative to the prose at `place`, as a data: URI.

    Raises:
        ReportError: the address is not that of a local file, or the file is missing, damaged, or of an unknown kind.
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
    """The media type, which is found by the file's first bytes, not by its name."""
    for media_type, signature in _SIGNATURES.items():
        if signature.match(content):
            return media_type
    if re.search(rb"<(?:\w+:)?svg[\s>]", content[:MAX_BEGINNING]):
        return SVG
    what = f"The image {address} is not a PNG, JPEG, GIF, WebP, or SVG file."
    raise ReportError(what, place, "Convert it to one of these.")


def _check(content: bytes, address: str, place: Place) -> None:
    """Raises ReportError for a picture that a page would show only in part, or a PDF would show incorrectly."""
    from PIL import Image, ImageFile  # imported here because most papers have no pictures of their own

    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, if loaded, turns this on globally
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except Exception:  # Pillow's decoders raise various exceptions for damaged files
        raise ReportError(f"The image {address} is damaged.", place, "Save it again, or replace it.") from None
    if image.mode == "CMYK":
        raise ReportError(f"The image {address} uses CMYK colors.", place, "Convert it to RGB.")
    if image.mode.startswith("I;16"):  # WeasyPrint supports only 8 bits of gray
        raise ReportError(f"The image {address} has 16 bits of gray per pixel.", place, "Convert it to 8 bits.")
