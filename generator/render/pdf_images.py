"""PNG pictures for the PDF as they are: their own compressed pixels, and their palette.

WeasyPrint would decode each one and compress it again, in full colours and with a mask beside it; a PDF can hold what a
PNG file holds (ISO 32000-1, 7.4.4.4 and 8.9.6.4). What is interlaced, has shades of transparency, is left to it. One
that is damaged is refused, since WeasyPrint would draw as much of it as it can.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from generator.core.errors import ReportError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = {0: 1, 2: 3, 3: 1}
"""How many numbers a pixel has, by the PNG's colour type: grey, red with green and blue, a place in the palette."""


class Bitmap:
    """A PNG picture as WeasyPrint wants a picture to be; `width` and `height` are in pixels."""

    def __init__(self, name: str, chunks: dict[bytes, bytes]) -> None:
        self.id = name
        self.width, self.height, self._depth, self._type = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
        self.ratio = self.width / self.height
        self._chunks = chunks

    def get_intrinsic_size(self, resolution: float, _: float) -> tuple[float, float, float]:
        """Width and height in CSS pixels, and their ratio."""
        return self.width / resolution, self.height / resolution, self.ratio

    def draw(self, stream: Any, width: float, height: float, style: Any) -> None:
        """Draws the picture on a page's stream, `width` by `height`, from the top left."""
        name = stream.add_image(self, style["image_rendering"] == "auto", 1)
        stream.transform(width, 0, 0, -height, 0, height)
        stream.draw_x_object(name)

    def get_x_object(self, interpolate: bool, _: float) -> Any:
        """The picture as an object of the PDF."""
        import pydyf

        extra = {
            "Type": "/XObject",
            "Subtype": "/Image",
            "Width": self.width,
            "Height": self.height,
            "ColorSpace": self._colour_space(),
            "BitsPerComponent": self._depth,
            "Interpolate": "true" if interpolate else "false",
            "Filter": "/FlateDecode",
            "DecodeParms": pydyf.Dictionary(
                {
                    "Predictor": 15,
                    "Colors": _COLOURS[self._type],
                    "BitsPerComponent": self._depth,
                    "Columns": self.width,
                }
            ),
        }
        if b"tRNS" in self._chunks:
            clear = self._chunks[b"tRNS"].index(0)
            extra["Mask"] = pydyf.Array([clear, clear])
        return pydyf.Stream([self._chunks[b"IDAT"]], extra)

    def _colour_space(self) -> Any:
        import pydyf

        if self._type != 3:
            return "/DeviceRGB" if self._type == 2 else "/DeviceGray"
        palette = self._chunks[b"PLTE"]
        return pydyf.Array(["/Indexed", "/DeviceRGB", len(palette) // 3 - 1, f"<{palette.hex()}>"])


def bitmap(name: str, content: bytes) -> Bitmap | None:
    """The picture of a PNG file, if its pixels can be taken over; `name` is unlike those of others.

    Raises ReportError when the file is damaged.
    """
    if not content.startswith(_SIGNATURE):
        return None
    chunks: dict[bytes, bytes] = {}
    for kind, data in _chunks(content):
        chunks[kind] = chunks.get(kind, b"") + data
    header = chunks.get(b"IHDR", b"")
    is_plain = len(header) == 13 and header[9] in _COLOURS and header[12] == 0 and b"IEND" in chunks
    return Bitmap(name, chunks) if is_plain and _is_cut_out(chunks, header[9]) else None


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of each part of the file, as far as it goes. A checksum is of both (RFC 2083, 3.2)."""
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 8 + length
        if zlib.crc32(content[at + 4 : end]).to_bytes(4) != content[end : end + 4]:
            step = "Replace the file by one that is whole."
            raise ReportError("A PNG picture differs from its own checksum", "PDF", step)
        yield content[at + 4 : at + 8], content[at + 8 : end]
        at = end + 4


def _is_cut_out(chunks: dict[bytes, bytes], type: int) -> bool:
    """Whether at most one colour of the palette is transparent, and that wholly."""
    clear = chunks.get(b"tRNS")
    return clear is None or (type == 3 and re.fullmatch(rb"\xff*\x00\xff*", clear) is not None)
