"""The faces that a page carries, cut down to the characters that are promised."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from generator.render import fonts


@pytest.fixture(scope="module")
def rules() -> str:
    return fonts.page_rules()


def test_the_page_carries_subsets_of_less_than_150_kilobytes_with_all_promised_characters(rules: str) -> None:
    subsets = [base64.b64decode(text) for text in re.findall(r"data:font/woff2;base64,([^)]+)\)", rules)]
    assert len(subsets) == len(fonts.PAGE_FACES) and len(rules) < 150_000
    regular = TTFont(io.BytesIO(subsets[0])).getBestCmap()
    assert set(map(ord, "aZ09 é ß – “” − × … é")) <= set(regular)
    assert len(regular) < 300


def test_subsets_are_equal_in_another_process(rules: str) -> None:
    code = "from generator.render import fonts; print(fonts.page_rules(), end='')"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == rules
