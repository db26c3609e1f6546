"""PNG pictures go into the PDF with the pixels and the palette of their files; what a PDF cannot hold is left alone."""

from __future__ import annotations

import base64
import io
import subprocess

import pikepdf
import pytest
from PIL import Image

from generator.core.errors import ReportError
from generator.render.pdf import typeset
from generator.render.pdf_images import bitmap
from tests.support.typesetting import outside
from tests.unit.render.test_pdf import DATE, FONTS, with_body


def png(mode: str, **how: object) -> bytes:
    """Three pixels by two: red, green, blue, and the same in reverse."""
    picture = Image.new("RGB", (3, 2))
    picture.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 255), (0, 255, 0), (255, 0, 0)])
    buffer = io.BytesIO()
    picture.convert(mode, palette=Image.Palette.ADAPTIVE).save(buffer, "PNG", **how)
    return buffer.getvalue()


def printed(content: bytes) -> bytes:
    source = base64.b64encode(content).decode()
    image = f'<img src="data:image/png;base64,{source}" alt="x" style="width: 90mm; height: 60mm">'
    return typeset(with_body(f"<p>{image}</p>"), FONTS, DATE)


def drawn(pdf: bytes) -> set[object]:
    """The colours on the last page, as poppler draws it."""
    command = ["pdftoppm", "-r", "20", "-png", "-singlefile", "-f", "2", "-"]
    out = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    return {colour for _, colour in Image.open(io.BytesIO(out)).convert("RGB").getcolors(1 << 24) or ()}


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_the_pixels_of_the_file_are_those_of_the_pdf(mode: str) -> None:
    content = png(mode)
    pdf = printed(content)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [each for each in opened.objects if isinstance(each, pikepdf.Stream)]
        held = [each.read_raw_bytes() for each in streams if each.get("/Subtype") == "/Image"]
    assert any(raw and raw in content for raw in held)
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= drawn(pdf)
    assert outside(pdf) == []


def test_a_transparent_colour_of_the_palette_lets_the_paper_show() -> None:
    red = Image.open(io.BytesIO(png("P"))).getpixel((0, 0))
    colours = drawn(printed(png("P", transparency=red)))
    assert (255, 0, 0) not in colours and (0, 255, 0) in colours


def test_a_damaged_picture_is_refused() -> None:
    content = bytearray(png("RGB"))
    content[content.index(b"IDAT") + 8] ^= 0xFF
    with pytest.raises(ReportError, match="differs from its own checksum"):
        printed(bytes(content))


def test_what_a_pdf_cannot_hold_is_left_to_the_typesetter_and_is_printed_all_the_same() -> None:
    assert bitmap("x", png("P")) is not None
    shaded = png("RGBA")
    assert bitmap("x", shaded) is None and bitmap("x", png("P")[:-12]) is None and bitmap("x", b"GIF89a") is None
    assert (255, 0, 0) in drawn(printed(shaded))
