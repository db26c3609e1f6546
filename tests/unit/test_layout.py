"""What no linter holds of the layout: what no code may know, and what tests may import."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

import generator

PACKAGE = Path(generator.__file__).parent
UNIT = Path(__file__).parent
KERAS = {"model", "measures", "explorer"}


def test_nothing_in_the_generator_or_the_templates_knows_one_paper() -> None:
    words = ("mnist", "conv4", "ullah", "handwritten digit")
    code = {path: " ".join(strings(path)) for path in PACKAGE.rglob("*.py") if path.name != "formats.py"}
    looks = {path: path.read_text() for path in (PACKAGE.parent / "templates").rglob("*.*")}
    known = [(path.name, word) for path, text in (code | looks).items() for word in words if word in text.lower()]
    # The sample is scikit-learn's digits, whatever the paper.
    assert known in ([], [("sources.py", "handwritten digit")])


def test_every_field_of_a_record_has_a_line_in_its_docstring() -> None:
    missing = [
        f"{path.relative_to(PACKAGE)}: {record.name}.{field}"
        for path in PACKAGE.rglob("*.py")
        for record in records(parsed(path))
        for field in fields(record)
        if not re.search(rf"^    {field}: \S", ast.get_docstring(record) or "", re.MULTILINE)
    ]
    assert missing == []


def test_numbers_become_text_in_one_module() -> None:
    """SVG and CSS are for machines. Training and data do not import it: how numbers look must not make them stale."""
    drawn = {"figures/svg.py", "article/equations.py", "article/math_tree.py", "article/math_spacing.py"}
    others = drawn | {"core/formatting.py", "model/experiment.py", "data/download.py"}
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FormattedValue) and node.format_spec
        if re.search(r"[,.]\d*[defg%]?$|[,efg%]$", ast.unparse(node.format_spec).strip("f'\""))
    }
    assert {"core/formatting.py"} <= found <= others
    looks = [path for path in (PACKAGE.parent / "templates").rglob("*.*") if path.name != "numbers.js"]
    assert [
        path.name for path in looks if re.search(r"to(Fixed|Precision|Locale)|[.]format[(]", path.read_text())
    ] == []


def test_unit_tests_start_no_browser_and_import_keras_only_where_the_package_does() -> None:
    """Nor do they import a package of the generator that imports Keras."""
    heavy = re.compile(rf"playwright|(keras|tensorflow|generator\.({'|'.join(KERAS)}))(\.|$)")
    units = [path for path in UNIT.rglob("*.py") if path.relative_to(UNIT).parts[0] not in KERAS]
    assert units
    assert [(path.name, name) for path in units for name in imported(path) if heavy.match(name)] == []


def test_pytest_enters_every_folder_of_tests(request: pytest.FixtureRequest) -> None:
    """Its default leaves out folders that are named build."""
    left_out = request.config.getini("norecursedirs")
    assert [path for path in UNIT.rglob("*") if path.is_dir() for name in left_out if path.match(name)] == []


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> list[str]:
    """The modules that a file imports, as it names them."""
    nodes = list(ast.walk(parsed(path)))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]


def records(tree: ast.Module) -> list[ast.ClassDef]:
    """The frozen classes of a module."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and (
            any(keyword.arg == "frozen" for keyword in node.keywords)
            or any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)
        )
    ]


def fields(record: ast.ClassDef) -> list[str]:
    return [
        node.target.id for node in record.body if isinstance(node, ast.AnnAssign) if isinstance(node.target, ast.Name)
    ]


def strings(path: Path) -> list[str]:
    """Every string in the code of a file; docstrings, which may give examples, are not code."""
    tree = parsed(path)
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documentation)
    return [node.value for node in constants if isinstance(node.value, str)]
