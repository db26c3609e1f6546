"""What end-to-end tests start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import keep, make_paper


@pytest.fixture
def tiny(two_replicates: Path, tmp_path: Path) -> Path:
    """The tiny paper, not built yet but for the faces of the page."""
    keep(two_replicates, tmp_path, "fonts")
    return make_paper("tiny", tmp_path)
