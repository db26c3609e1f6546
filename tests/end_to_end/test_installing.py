"""The first `make`: a virtual environment from a lock, by uv where uv can and otherwise by pip, from a mirror here."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import ROOT

UV = Path(sys.executable).parent / "uv"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package index: two packages, a `uv` that runs the one of this environment, and their locks."""
    folder = tmp_path_factory.mktemp("index")
    for name in ("small", "tested"):
        wheel(folder, name, {f"{name}.py": "WHERE = 'index'\n"})
    wheel(folder, "uv", {"uv-1.data/scripts/uv": f'#!/bin/sh\nexec "{UV}" "$@"\n'})
    return folder


@pytest.fixture(scope="module")
def index(packages: Path) -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(packages))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def wheel(folder: Path, name: str, files: dict[str, str]) -> None:
    """Puts version 1 of a package, with these files, into the index (PEP 427, PEP 503)."""
    about = f"{name}-1.dist-info"
    files = files | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={digest(content.encode())},{len(content)}\n" for path, content in files.items())
    file = folder / name / f"{name}-1-py3-none-any.whl"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in (files | {f"{about}/RECORD": f"{record}{about}/RECORD,,\n"}).items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100755 << 16  # pip makes a script executable if it is so in the wheel
            archive.writestr(entry, content)
    (file.parent / "index.html").write_text(f'<a href="{file.name}">{file.name}</a>')
    (folder / f"{name}.lock").write_text(f"{name}==1 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n")


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


@pytest.fixture
def project(packages: Path, index: str, tmp_path: Path) -> Path:
    """A project with our Makefile, whose locks hold these packages; pip.conf alone names the index."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for package, lock in (("small", "requirements"), ("tested", "requirements-dev"), ("uv", "requirements-uv")):
        shutil.copy(packages / f"{package}.lock", tmp_path / f"{lock}.lock")
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {index}\n")
    (tmp_path / "generator").mkdir()
    (tmp_path / "generator" / "__main__.py").write_text("import small\nprint('doctor', small.WHERE)\n")
    return tmp_path


def made(project: Path, target: str, **variables: str) -> str:
    """What `make` says while it makes `target`, without the settings that the user has for pip and uv.

    It is no list of packages.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    settings = {"PIP_CONFIG_FILE": str(project / "pip.conf"), "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    done = subprocess.run(
        ["make", target, f"PYTHON={sys.executable}"],
        cwd=project, env=kept | settings | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / target).exists() and "doctor index\n" in done.stdout
    said = done.stdout + done.stderr
    assert not re.search(r"small==1|small-1|Collecting|Successfully installed", said)
    return said


@pytest.mark.skipif(not UV.exists(), reason="needs uv: run .venv/bin/pip install -r requirements-uv.lock")
def test_the_packages_of_both_locks_are_installed_with_uv(project: Path, index: str) -> None:
    said = made(project, ".venv/installed-dev", UV_DEFAULT_INDEX=index)
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert f"Installed the packages of {lock} with uv\n" in said
    python = project / ".venv" / "bin" / "python"
    assert subprocess.check_output([python, "-c", "import tested; print(tested.WHERE)"], text=True) == "index\n"


def test_what_uv_cannot_reach_is_installed_with_pip_from_the_mirror_that_pip_knows(project: Path) -> None:
    said = made(project, ".venv/installed", UV_DEFAULT_INDEX="http://127.0.0.1:9/", UV_HTTP_RETRIES="0")
    assert "The packages of requirements.lock could not be installed with uv; installing them with pip\n" in said
    assert "http://127.0.0.1:9/" in said, "the reason is told"
    assert (project / ".venv" / "bin" / "uv").exists()


def test_without_uv_the_packages_are_installed_with_pip(project: Path) -> None:
    (project / "requirements-uv.lock").write_text("uv==2 --hash=sha256:" + "0" * 64 + "\n")
    said = made(project, ".venv/installed")
    assert "The packages of requirements.lock could not be installed with uv; installing them with pip\n" in said
    assert not (project / ".venv" / "bin" / "uv").exists()


def test_what_neither_can_install_is_told_and_fails(project: Path) -> None:
    (project / "requirements.lock").write_text("small==1 --hash=sha256:" + "0" * 64 + "\n")
    settings = {"PIP_CONFIG_FILE": str(project / "pip.conf"), "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    done = subprocess.run(
        ["make", ".venv/installed", f"PYTHON={sys.executable}"],
        cwd=project, env=os.environ | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and not (project / ".venv" / "installed").exists()
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr


@pytest.mark.parametrize(
    ("said", "shown"),
    [("error", "error"), ("status 0\n", "status 0\n"), ("Collecting small\nerror\n", "error\n"), ("", "")],
)
def test_a_failure_stays_one_whatever_was_said_last(tmp_path: Path, said: str, shown: str) -> None:
    """A last line may lack its end, or look like a status."""
    (tmp_path / "said").write_text(said)
    rules = "try:\n\t@$(call quietly,cat said; sh -c 'exit $(with)')"
    (tmp_path / "rules.mk").write_text(f"include {ROOT / 'Makefile'}\n{rules}; echo $$?\n")
    for status in ("3", "0"):
        command = ["make", "-f", "rules.mk", "try", f"with={status}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr.rstrip("\n")) == (f"{status}\n", shown.rstrip("\n"))
