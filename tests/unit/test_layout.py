"""What no linter holds of the layout: what the pipeline imports at its start, and what no code may know."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import generator

PACKAGE = Path(generator.__file__).parent


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
