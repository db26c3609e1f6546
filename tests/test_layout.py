"""The house is laid out as ARCHITECTURE.md says: read from the imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import generator

PACKAGE = Path(generator.__file__).parent
STAGES = {
    "article.writing",
    "explorer.explorer",
    "figures.charts",
    "figures.figures",
    "measures.evidence",
    "model.loading",
    "model.response",
    "model.training",
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at any depth, as a dotted name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_stage_imports_another(stage: str) -> None:
    others = {f"generator.{other}" for other in STAGES - {stage}}
    assert not imports(PACKAGE.joinpath(*stage.split(".")).with_suffix(".py")) & others


def test_only_the_command_line_knows_the_pipeline() -> None:
    knowing = {path.stem for path in PACKAGE.rglob("*.py") if "generator.build.pipeline" in imports(path)}
    assert knowing == {"cli"}


def test_records_know_nothing_of_the_stages() -> None:
    for path in (PACKAGE / "records").glob("*.py"):
        ours = {name for name in imports(path) if name.startswith("generator.")}
        assert all(name.startswith("generator.records") for name in ours), path.name


def test_modules_stay_under_300_lines() -> None:
    long = {path.name: count for path in PACKAGE.rglob("*.py") if (count := len(path.read_text().splitlines())) > 300}
    assert long == {}


def test_the_pipeline_starts_without_tensorflow_numpy_or_matplotlib() -> None:
    code = "import sys, generator.build.pipeline; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "keras", "numpy", "matplotlib", "weasyprint"} & set(done.stdout.split())


def test_nothing_in_the_generator_or_the_templates_knows_one_paper() -> None:
    words = ("mnist", "conv4", "ullah", "handwritten digit")
    code = {path: " ".join(strings(path)) for path in PACKAGE.rglob("*.py") if path.name != "formats.py"}
    looks = {path: path.read_text() for path in (PACKAGE.parent / "templates").rglob("*.*")}
    known = [(path.name, word) for path, text in (code | looks).items() for word in words if word in text.lower()]
    # The sample is scikit-learn's digits, whatever the paper.
    assert known in ([], [("sources.py", "handwritten digit")])


def strings(path: Path) -> list[str]:
    """Every string in the code of a file; docstrings, which may give examples, are not code."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documentation)
    return [node.value for node in constants if isinstance(node.value, str)]
