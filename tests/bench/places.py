"""The default paper in a folder of its own, and what several subjects need of it, each made when it is first asked for.

The copy has three replicates and no variants. Its sentences are no claims, as what three replicates show may be
undecided, and only a site without such claims can be published; everything is measured all the same.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from tests.bench.processes import Measured, building, run
from tests.conftest import ROOT

REPLICATES = 3
ORIGINAL = Path(__file__).with_name("original.py")

NOTEBOOK = """
import sys
from pathlib import Path
import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

cells = Path(sys.argv[1]).read_text().split("# %%\\n")
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
ExecutePreprocessor(timeout=None, kernel_name="python3").preprocess(notebook)
"""


@dataclass(frozen=True)
class Original:
    """A run of the original.

    Attributes:
        name: how it was run, in words.
        seconds: how long it took; None if it could not be run.
        note: why it was not run, or not in the way that was wanted; empty otherwise.
    """

    name: str
    seconds: float | None
    note: str = ""


@dataclass(frozen=True)
class Place:
    """Where the default paper is copied to and built.

    Attributes:
        folder: a folder for this run alone.
    """

    folder: Path

    @cached_property
    def paper(self) -> Path:
        """The copy of the paper."""
        return copy_default_paper(self.folder / "paper")

    @property
    def build(self) -> tuple[str | Path, ...]:
        """The command that builds it."""
        return building(self.paper, self.folder / "build")

    @cached_property
    def cold(self) -> Measured:
        """The first build."""
        _say(f"building the default paper with {REPLICATES} replicates")
        return run(*self.build)

    @property
    def built(self) -> Path:
        """The folder of what is built, after a first build."""
        _ = self.cold
        return self.folder / "build"

    @property
    def is_preview(self) -> bool:
        """Whether it was built on the sample, for lack of the paper's own data."""
        return any(line.startswith("Preview: ") for line in self.cold.said)

    @cached_property
    def script(self) -> Original:
        """The original as a script, run once."""
        return _run("the original's script", ORIGINAL)

    @cached_property
    def notebook(self) -> Original:
        """The original as a notebook, run once; as a script where notebooks cannot be run."""
        if not all(map(find_spec, ("nbconvert", "ipykernel"))):
            return replace(self.script, note=self.script.note or "nbconvert is not installed")
        return _run("the original as a notebook (nbconvert)", "-c", NOTEBOOK, ORIGINAL)


def _run(name: str, *arguments: str | Path) -> Original:
    """Runs the original by Python with these arguments."""
    if not os.environ.get("MNIST_PATH", "").endswith(".npz"):
        return Original(name, None, "it was not run: set MNIST_PATH to a file mnist.npz")
    _say(f"running {name}")
    importable = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    variables = {**os.environ, "PYTHONPATH": importable, "MPLBACKEND": "agg"}
    command, started = [sys.executable, *arguments], time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return Original(name, None, "it failed")
    return Original(name, time.perf_counter() - started)


def _say(doing: str) -> None:
    print(f"  ({doing})", file=sys.stderr, flush=True)


def copy_default_paper(folder: Path) -> Path:
    """Copies the paper of report/ to `folder`, as this module says."""
    shutil.copytree(ROOT / "report", folder)
    for name, changed in (("article.md", without_claims), ("paper.toml", without_variants)):
        path = folder / name
        path.write_text(changed(path.read_text()))
    return folder


def without_claims(article: str) -> str:
    """An article without the paragraphs that name variants, with plain sentences for claims."""
    paragraphs = [paragraph for paragraph in article.split("\n\n") if "variants" not in paragraph]
    return re.sub(r'\{claim="[^"]*"[^}]*\}|\{\.otherwise\}', "{.plain}", "\n\n".join(paragraphs))


def without_variants(settings: str) -> str:
    """A paper.toml without variants and their comparison, with three replicates."""
    tables = re.split(r"^(?=\[)", settings, flags=re.MULTILINE)
    kept = "".join(table for table in tables if not table.startswith(("[variants", "[comparison")))
    return re.sub(r"^replicates = \d+", f"replicates = {REPLICATES}", kept, flags=re.MULTILINE)


def edit(article: Path) -> None:
    """Adds a word to the last paragraph of an article that begins with a capital letter."""
    text = article.read_text()
    begin = [match.end() for match in re.finditer(r"\n\n(?=[A-Z])", text)][-1]
    article.write_text(f"{text[:begin]}Again: {text[begin:]}")
