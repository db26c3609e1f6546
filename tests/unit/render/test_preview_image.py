"""The picture that stands for the page where it is linked."""

from __future__ import annotations

import io

import msgspec
import pytest
from PIL import Image

from generator.render import preview_image
from tests.support.sample_page import PAPER


def picture(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (100, 50), color).save(buffer, format="PNG")
    return buffer.getvalue()


def drawn(title: str = "A title", shown: bytes | None = None) -> Image.Image:
    paper = msgspec.structs.replace(PAPER, title=title)
    return Image.open(io.BytesIO(preview_image.draw(paper, shown))).convert("RGB")


def inked_rows(image: Image.Image) -> list[int]:
    """The rows in which something is drawn."""
    ground = image.getpixel((0, 0))
    return [row for row in range(image.height) if any(image.getpixel((x, row)) != ground for x in range(0, 1200, 3))]


def test_it_has_the_size_that_is_told_and_shows_the_picture_up_to_its_edges() -> None:
    image = drawn(shown=picture("#ff0000"))
    assert image.size == (1200, 630)
    assert image.getpixel((1199, 629)) == (255, 0, 0)
    assert image.getpixel((0, 629)) != (255, 0, 0)


@pytest.mark.parametrize("title", ["Ω", "A title", "A very long title of many words " * 4, "Unbreakable" * 30])
def test_any_title_leaves_room_for_the_picture(title: str) -> None:
    assert drawn(title, picture("#ff0000")).getpixel((600, 629)) == (255, 0, 0)


def test_a_title_in_a_script_that_no_face_has_is_left_out() -> None:
    assert len(inked_rows(drawn("\N{HANGUL SYLLABLE HAN}\N{HANGUL SYLLABLE GUG}"))) < len(inked_rows(drawn())) > 60


def test_a_long_word_is_set_smaller_and_not_cut_off() -> None:
    image = drawn("Electroencephalographically-informed")
    ground = image.getpixel((0, 0))
    assert all(image.getpixel((x, y)) == ground for x in range(1140, 1200) for y in range(image.height))
