"""Libraries whose internals are read keep to the versions they were read in, and what reads them is named here.

To raise a cap in pyproject.toml: look at the names below in the library's new source, see that the tests of the modules
pass, and write the new version here.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import generator

PACKAGE = Path(generator.__file__).parent
DECLARED = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]["dependencies"]


class Internals(NamedTuple):
    """What is read of a library that it does not promise to keep.

    Attributes:
        version: the newest in which it was looked at, up to the part that the cap raises.
        names: those that each module reads, by the module's path in generator/.
    """

    version: tuple[int, ...]
    names: Mapping[str, tuple[str, ...]]


READ = {
    "weasyprint": Internals(
        (70,),
        {
            "render/pdf_layout.py": (
                "make_all_pages",
                "page_maker",
                "content_changed",
                "reported_footnotes",
                "footnotes",
            ),
            "render/pdf_hyphenation.py": ("get_next_linebox", "split_first_line", "hyphenate_character"),
            "render/pdf.py": ("finisher", "pdf.objects", "pdf.catalog"),
        },
    ),
    "keras": Internals(
        (3, 15),
        {
            "model/graph.py": (
                "_functional",
                "_nodes_by_depth",
                "node.operation",
                "node.input_tensors",
                "keras.src.ops.",
            ),
            "model/training.py": ("_inbound_nodes", "parent_nodes"),
        },
    ),
    "latex2mathml": Internals(
        (3, 81),
        {
            "article/equations.py": (
                "Converter",
                "MATRICES",
                "MOVABLE_LIMIT_TEXTS",
                "CONVERSION_MAP",
                "SYMBOLS",
                "tokenize",
            ),
            "article/math_tree.py": ("latex2mathml",),
            "article/math_spacing.py": ("SYMBOLS_FILE",),
            "prose/bibtex_markup.py": ("convert_symbol",),
        },
    ),
    "ziamath": Internals(
        (0, 13),
        {
            "article/equations.py": ("ziamath.config", "ziamath.zmath"),
            "article/math_tree.py": ("ziamath",),
            "render/fonts.py": ("STIXTwoMath-Regular.ttf",),
        },
    ),
    "tensorflow": Internals(
        (2, 21),
        {"data/native_readers.py": ("_pywrap_file_io", "gen_io_ops", "_create_or_validate_filenames_dataset")},
    ),
    "h5py": Internals((3, 14), {"data/native_readers.py": ("h5py.h5f.open", "h5py.h5f.create")}),
}


@pytest.mark.parametrize("library", READ)
def test_what_reads_a_library_s_internals_was_looked_at_for_the_version_installed_and_the_versions_allowed(
    library: str,
) -> None:
    looked_at = READ[library].version
    (cap,) = (match[1] for each in DECLARED if (match := re.fullmatch(rf"{library}>=[\d.]+,<([\d.]+)", each)))
    assert numbers(cap) == (*looked_at[:-1], looked_at[-1] + 1), advice(library, f"pyproject.toml allows <{cap}")
    installed = importlib.metadata.version(library)
    assert numbers(installed)[: len(looked_at)] == looked_at, advice(library, f"{installed} is installed")


@pytest.mark.parametrize("library", READ)
def test_the_modules_that_the_advice_names_read_what_it_says(library: str) -> None:
    for path, names in READ[library].names.items():
        text = (PACKAGE / path).read_text()
        assert [name for name in names if name not in text] == [], path


def test_the_advice_names_the_modules_to_look_at() -> None:
    assert advice("h5py", "3.15.0 is installed") == (
        "h5py: 3.15.0 is installed, and its internals were looked at in 3.14. Look at what these read of it: "
        "generator/data/native_readers.py (h5py.h5f.open, h5py.h5f.create). "
        "Then set the cap in pyproject.toml, the version in tests/unit/test_dependencies.py, and run make lock."
    )


def advice(library: str, found: str) -> str:
    """What to do about a version that nobody has looked at."""
    version, names = READ[library]
    places = "; ".join(f"generator/{path} ({', '.join(read)})" for path, read in names.items())
    return (
        f"{library}: {found}, and its internals were looked at in {'.'.join(map(str, version))}. "
        f"Look at what these read of it: {places}. "
        "Then set the cap in pyproject.toml, the version in tests/unit/test_dependencies.py, and run make lock."
    )


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: "3.15.0rc1" is (3, 15, 0)."""
    return tuple(int(part) for part in re.match(r"[\d.]*\d", version)[0].split("."))  # type: ignore[index]


def locked(name: str) -> set[str]:
    """The packages of a lock, each as name==version and what it depends on."""
    lines = (PACKAGE.parent / name).read_text().splitlines()
    return {line.removesuffix(" \\") for line in lines if not line.startswith(" ")}


def test_the_lock_for_developers_adds_what_pyproject_declares_for_them_to_the_lock_for_reports() -> None:
    """Both are installed without a look at dependencies, so that nothing may be missing."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    reports, developers = locked("requirements.lock"), locked("requirements-dev.lock")
    assert not reports & developers

    def names(lines: Iterable[str]) -> set[str]:
        return {re.split("[^A-Za-z0-9-]", line)[0] for line in lines}

    extras = project["optional-dependencies"]
    assert names([*project["dependencies"], *extras["cluster"]]) <= names(reports)
    assert names(extras["dev"]) <= names(reports | developers)
