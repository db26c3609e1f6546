"""Which functions of analysis.py are measures, figures, and tables, read without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.declarations import (
    Mentions,
    constants,
    declared,
    mentions,
    missing_functions,
    missing_imports,
    variables,
)
from generator.core.errors import Place, ReportError
from generator.records.analysis import Declared

MARKED = '''"""An analysis."""

import generator
from generator import figure, measure as measures, table


@measures
def noise(run):
    """Accuracy under noise, e.g. of a camera. More about it."""


@figure(width="text")
def curve(results, axes):
    results.hierarchy


@generator.table
def rows(results, digits=2): ...


def helper(run): ...


@print
def other(run): ...
'''


def written(folder: Path, text: str) -> Path:
    (folder / "analysis.py").write_text(text)
    return folder


def test_marked_functions_are_found_in_order_whatever_the_marks_are_called(tmp_path: Path) -> None:
    assert declared(written(tmp_path, MARKED)) == (
        Declared("noise", "measure", 8, "Accuracy under noise, e.g. of a camera"),
        Declared("curve", "figure", 13, "", "text"),
        Declared("rows", "table", 18),
    )


@pytest.mark.parametrize(
    ("docstring", "words"),
    [
        ("Accuracy vs. Noise level. More.", "Accuracy vs. Noise level"),
        ("Loss of some layers, e.g. Conv layers. More.", "Loss of some layers, e.g. Conv layers"),
        ("One sentence", "One sentence"),
        ("First. Second.", "First"),
    ],
)
def test_the_first_sentence_of_the_docstring_describes_a_measure(tmp_path: Path, docstring: str, words: str) -> None:
    code = f'from generator import measure\n@measure\ndef one(run):\n    """{docstring}"""\n'
    assert declared(written(tmp_path, code))[0].words == words


def test_a_paper_without_the_file_declares_nothing(tmp_path: Path) -> None:
    assert declared(tmp_path) == () and mentions(tmp_path, (), ()) == Mentions(frozenset(), False)


@pytest.mark.parametrize(
    ("code", "line", "told"),
    [
        ("@measure\ndef one(): ...", 3, "The measure one() cannot be called as one(run)"),
        ("@measure\ndef one(run, level): ...", 3, "cannot be called as one(run)"),
        ("@measure\ndef one(run, *, level): ...", 3, "cannot be called as one(run)"),
        ("@measure\nasync def one(run): ...", 3, "cannot be called as one(run)"),
        ("@figure\ndef one(results): ...", 3, "cannot be called as one(results, axes)"),
        ("@figure(width='page')\ndef one(results, axes): ...", 3, "@figure(width='page') is not a valid decorator"),
        ("@figure('text')\ndef one(results, axes): ...", 3, "@figure('text') is not a valid decorator"),
        ("@measure()\ndef one(run): ...", 3, "@measure() is not a valid decorator"),
        ("if True:\n    @measure\n    def one(run): ...", 4, "A marked function is not at the top level"),
        ("from generator import measures", 2, "The generator has no measures"),
        ("@mesure\ndef one(run): ...", 2, "@mesure is not defined"),
        ("@measure\nclass One: ...", 3, "One is a class, not a function"),
        ("@measure\n@table\ndef one(run): ...", 4, "one() has two marks"),
        (
            "try:\n    from generator import measure\nexcept ImportError: ...",
            3,
            "An import from the generator is not at the",
        ),
        ("@measure\ndef one(run): ...\ndef one(run): ...", 4, "The name one is used twice: on line 3"),
        ("@table\ndef one(results): ...\n@measure\ndef one(run): ...", 5, "The name one is used twice: on line 3"),
    ],
)
def test_a_function_that_cannot_be_called_or_told_apart_is_refused_with_its_line(
    tmp_path: Path, code: str, line: int, told: str
) -> None:
    written(tmp_path, f"from generator import figure, measure, table\n{code}\n")
    with pytest.raises(ReportError) as caught:
        declared(tmp_path)
    assert told in caught.value.what and caught.value.where == Place(tmp_path / "analysis.py", line)


def test_what_is_not_python_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="This is not Python"):
        declared(written(tmp_path, "def one(:"))


USING = """\
from generator import figure, measure, table
from helper import line


@figure
def curve(results, axes):
    line(axes, results.analysis.noise.accuracy)


@table
def rows(results):
    return ["Name"], [[name] for name in results.analysis]


@table
def others(results):
    return ["Name"], [[results.test.accuracy.mean, results["analysis"]["turns"].loss]]
"""


@pytest.mark.parametrize(
    ("functions", "named", "other", "is_open"),
    [
        (["curve"], {"noise", "dead"}, {"turns"}, False),
        (["others"], {"turns", "accuracy"}, {"noise", "dead"}, False),
        (["rows"], set(), {"noise", "turns"}, True),
        (["curve", "others"], {"noise", "turns"}, set(), False),
    ],
)
def test_only_the_code_that_the_functions_reach_mentions_results(
    tmp_path: Path, functions: list[str], named: set[str], other: set[str], is_open: bool
) -> None:
    (tmp_path / "helper.py").write_text("def line(axes, of):\n    axes.plot(of.dead)\n")
    found = mentions(written(tmp_path, USING), functions, ["noise", "turns"])
    assert found.names >= named and not found.names & other and found.is_open is is_open


@pytest.mark.parametrize(
    ("access", "is_open"),
    [
        ("results.analysis.noise.a.mean", False),
        ("results['analysis']['noise']", False),
        ("attrgetter('analysis.noise.a.mean')(results)", False),
        ("results.analysis.items()", True),
        ("results.analysis.get(name)", True),
        ("results.analysis[one.noise]", True),
        ("results.analysis[name]", True),
        ("getattr(results, 'analysis')", True),
        ("own(results.analysis)", True),
        ("results.test.accuracy", False),
        ("'an analysis of errors'", False),
    ],
)
def test_measures_that_are_not_named_one_by_one_may_be_any(tmp_path: Path, access: str, is_open: bool) -> None:
    code = f"from generator import table\n@table\ndef rows(results):\n    return ['a'], [[{access}]]\n"
    assert mentions(written(tmp_path, code), ["rows"], ["noise"]).is_open is is_open


def test_words_of_docstrings_and_sentences_are_no_names(tmp_path: Path) -> None:
    body = '"""Draws the hierarchy."""\n    return ["probes of all"], [[results.test.accuracy]]'
    code = f"from generator import table\n@table\ndef rows(results):\n    {body}\n"
    found = mentions(written(tmp_path, code), ["rows"], [])
    assert "accuracy" in found.names and not found.names & {"hierarchy", "probes"}


@pytest.mark.parametrize("line", ["from generator import *", "from generator import __version__", "import numpy as np"])
def test_imports_that_there_are_and_decorators_of_objects_are_left_alone(tmp_path: Path, line: str) -> None:
    code = f"{line}\nfrom os import path\n@path.join(lambda x: x)\ndef other(run): ...\n"
    assert declared(written(tmp_path, code)) == ()


def test_constants_of_both_files_have_names_and_those_of_the_experiment_come_first(tmp_path: Path) -> None:
    (tmp_path / "experiment.py").write_text("FILTERS = 4\nANGLES = (0, 45)\n")
    assert constants(tmp_path) == {"FILTERS": 4, "ANGLES": (0, 45)}
    written(tmp_path, "from experiment import FILTERS\nNOISE = 0.1\nANGLES = (0, 90)\n")
    assert constants(tmp_path) == {"FILTERS": 4, "ANGLES": (0, 45), "NOISE": 0.1}


def test_names_that_are_set_but_are_no_constants_in_either_file_are_variables(tmp_path: Path) -> None:
    (tmp_path / "experiment.py").write_text("import os\nA = 1\nB = A + 1\nC = 1\nC = 2\nD = [1]\n\ndef f(): E = 1\n")
    written(tmp_path, "D = 4\nG = open('x')\n")
    assert variables(tmp_path) == {"B", "C", "G"}


def test_imports_of_what_is_not_there_are_told_with_their_line_also_if_nothing_uses_them(tmp_path: Path) -> None:
    """Not those that the code itself expects to fail, nor those that a function may never reach."""
    (tmp_path / "beside.py").touch()
    (tmp_path / "parts").mkdir()
    own = "import beside, parts.one\nfrom . import beside\nfrom generator import dataset\n"
    guarded = "try:\n    import no_such\nexcept ImportError:\n    pass\n\n\ndef later():\n    import no_such\n"
    (tmp_path / "experiment.py").write_text(f"{own}{guarded}\nimport no_such.part as part, os\n")
    written(tmp_path, "from neither_this import one\n")
    found = list(missing_imports(tmp_path))
    assert found[0].next.endswith(": .venv/bin/pip install no_such")
    assert [(str(one.where), one.what) for one in found] == [
        (f"{tmp_path / 'experiment.py'}:13", "There is no module no_such to import."),
        (f"{tmp_path / 'analysis.py'}:1", "There is no module neither_this to import."),
    ]


@pytest.mark.parametrize(
    "changing", ["import sys\nsys.path.append('lib')", "from sys import path", "import site\nsite.addsitedir('lib')"]
)
def test_imports_are_not_examined_if_the_code_may_change_where_packages_are_looked_for(
    tmp_path: Path, changing: str
) -> None:
    """In the file itself, or in a module beside it."""
    for code in (f"{changing}\n", "import paths\n"):
        (tmp_path / "paths.py").write_text(f"{changing}\n")
        (tmp_path / "experiment.py").write_text(f"{code}import in_lib\n")
        assert not list(missing_imports(tmp_path))


@pytest.mark.parametrize(
    "code",
    [
        "from models import build_model\nfrom images import read as load_data\n",
        "load_data = build_model = make\n",
        "if BIG:\n    def build_model(): ...\nelse:\n    from small import build_model\ndef load_data(): ...\n",
        "from everything import *\n",
        "globals()['build_model'] = 1\n",
        "def __getattr__(name): ...\n",
        "import sys\nsys.modules[__name__].load_data = sys.modules[__name__].build_model = print\n",
        "from sys import modules\nmodules[__name__].load_data = print\n",
        "import importlib\nimportlib.import_module(__name__).load_data = print\n",
        "import builtins\nbuiltins.exec('')\n",
    ],
)
def test_a_function_of_the_experiment_may_be_defined_or_imported_in_any_way(tmp_path: Path, code: str) -> None:
    (tmp_path / "experiment.py").write_text(code)
    assert not list(missing_functions(tmp_path))


def test_a_function_that_the_experiment_lacks_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "experiment.py").write_text(
        "import keras\n\n\ndef built_model():\n    return keras.Model()\n\n\nif __name__ == '__main__':\n    main()\n"
    )
    place, step = tmp_path / "experiment.py", "Define load_data() and build_model(); docs/experiment.md shows both."
    assert [str(one) for one in missing_functions(tmp_path)] == [
        f"{place}: There is no function load_data()\n  {step}",
        f"{place}:4: There is no function build_model()\n  Is built_model() meant? Rename it. {step}",
    ]
