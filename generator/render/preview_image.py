"""The picture that sites show for a link to the page: the title, the authors, and a part of a figure.

It is a separate file, since sites that show a link fetch a picture by its address. Text is left out if no available
face has all of its characters.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from generator.core.formatting import listed
from generator.paper import Paper
from generator.render import fonts
from generator.render.fonts import Face
from generator.render.metadata import PREVIEW_SIZE

PAPER, INK, MUTED = "#fffefb", "#1d1e20", "#5b6068"
MARGIN, GAP = 72, 36
TITLE_SIZES = (76, 64, 54, 46, 38)
MAX_LINES = 3
ROOM = PREVIEW_SIZE[0] - 2 * MARGIN  # width of a line


def draw(paper: Paper, picture: bytes | None, fallback: Sequence[Face] = ()) -> bytes:
    """A PNG file of `PREVIEW_SIZE`; `picture`, also a PNG file, is shown below the text from its top left corner."""
    image = Image.new("RGB", PREVIEW_SIZE, PAPER)
    pen = ImageDraw.Draw(image)
    faces = (*(face for face in fonts.PAGE_FACES if face.style == "normal"), *fallback, *fonts.PRINT_FACES)
    bottom = float(MARGIN)
    for text, weight, sizes, ink in (
        (paper.title, 600, TITLE_SIZES, INK),
        (listed(paper.author_names), 400, (34,), MUTED),
    ):
        ranked = sorted(faces, key=lambda face: face.weight != weight)
        bottom = _write(pen, text, ranked, sizes, ink, bottom) + GAP
    if picture:
        _show(image, picture, int(bottom))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _write(
    pen: ImageDraw.ImageDraw, text: str, faces: Sequence[Face], sizes: Sequence[int], ink: str, top: float
) -> float:
    """Writes a text in the largest size that fits all of it into a few lines; returns where the text ends."""
    face = next((face for face in faces if fonts.has_all(face, text)), None)
    if face is None:
        return top
    for size in sizes:
        font = ImageFont.truetype(io.BytesIO(fonts.read(face)), size)
        lines = _lines(text, font)
        if len(lines) <= MAX_LINES and all(font.getlength(line) <= ROOM for line in lines):
            break
    shown = "\n".join(lines[:MAX_LINES])
    pen.multiline_text((MARGIN, top), shown, ink, font, spacing=size // 6)
    return pen.multiline_textbbox((MARGIN, top), shown, font, spacing=size // 6)[3]


def _lines(text: str, font: FreeTypeFont) -> list[str]:
    """The text, broken between words when a line is full."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > ROOM:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _show(image: Image.Image, picture: bytes, top: int) -> None:
    """Adds the picture, enlarged by a whole number so that it reaches the right edge, and cut off at the bottom."""
    shown = Image.open(io.BytesIO(picture)).convert("RGBA")
    factor = -((MARGIN - PREVIEW_SIZE[0]) // shown.width)
    shown = shown.resize((shown.width * factor, shown.height * factor), Image.Resampling.NEAREST)
    image.paste(shown, (MARGIN, top), shown)
