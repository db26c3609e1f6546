"""The first set-up in a new folder, with uv and with pip, by `make` and without what they have cached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.places import Place
from tests.bench.rows import Row, unmeasured
from tests.conftest import ROOT

UNCACHED = {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
NO_UV = f"uv==2 --hash=sha256:{'0' * 64}\n"
"""A lock that no index can satisfy, without which the Makefile installs with pip."""


def rows(place: Place) -> Iterator[Row]:
    """pip, and uv beside it."""
    if not _has_index():
        yield from (unmeasured(_name(tool), "no package index can be reached") for tool in ("pip", "uv"))
        return
    pip = _installed(place.folder / "pip", "pip")
    yield Row(_name("pip"), pip, "s") if pip else unmeasured(_name("pip"), "pip cannot install the packages")
    uv = _installed(place.folder / "uv", "uv")
    if uv:
        yield Row(_name("uv"), uv, "s", "", "with pip", pip)
    else:
        yield unmeasured(_name("uv"), "uv cannot install the packages; it reads neither pip.conf nor PIP_INDEX_URL")


def _name(tool: str) -> str:
    return f"the first set-up with {tool}"


def _has_index() -> bool:
    """Whether pip finds the lock's uv in a package index."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--requirement",
        str(ROOT / "requirements-uv.lock"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def _installed(folder: Path, tool: str) -> float | None:
    """Seconds of installing the packages into a new folder; None if this tool could not."""
    folder.mkdir()
    for path in (ROOT / "Makefile", *ROOT.glob("*.lock")):
        shutil.copy(path, folder)
    for name in ("generator", "templates"):  # the set-up ends with `doctor`
        (folder / name).symlink_to(ROOT / name)
    if tool == "pip":
        (folder / "requirements-uv.lock").write_text(NO_UV)
    started = time.perf_counter()
    command = ["make", ".venv/installed", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=folder, env=os.environ | UNCACHED, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    shutil.rmtree(folder)
    # The Makefile prints "Installed the packages of … with uv".
    is_by_uv = "with uv\n" in done.stdout
    return seconds if done.returncode == 0 and is_by_uv == (tool == "uv") else None
