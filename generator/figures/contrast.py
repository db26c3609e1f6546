"""Checks that the colors of an author's figure are visible on light and on dark pages.

The contrast must be at least 3 to 1, as WCAG 2.2, 1.4.11 requires of graphics. Black becomes the color of the text, and
the colors of the generator's own charts have a shade for each background, so these are not checked. Mostly transparent
elements are not checked either, because they are backgrounds.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from generator.figures.plotting import BLUE, GREEN, INK, VERMILLION

GROUNDS = ("#fffefb", "#15171a")
"""The background colors of the page, light and dark."""

MIN_CONTRAST = 3.0
SOLID = 0.5  # the opacity from which an element is a mark, not a background
_ADAPTED = {color.lower() for color in (BLUE, VERMILLION, GREEN, INK)}


def unseen_color(svg: bytes) -> str | None:
    """The first color of lines, marks, or letters that has too little contrast with one of the backgrounds."""
    for element in ElementTree.fromstring(svg).iter():
        if any(float(element.attrib.get(name, 1)) < SOLID for name in ("opacity", "fill-opacity", "stroke-opacity")):
            continue
        for name in ("stroke", "fill"):
            color = element.attrib.get(name, "").lower()
            if re.fullmatch("#[0-9a-f]{6}", color) and color not in _ADAPTED and not _is_seen(color):
                return color
    return None


def _is_seen(color: str) -> bool:
    return all(_contrast(color, ground) >= MIN_CONTRAST for ground in GROUNDS)


def _contrast(one: str, other: str) -> float:
    """The contrast ratio, from 1 for equal colors to 21 for black and white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance, from 0 to 1, of a color as #rrggbb."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
