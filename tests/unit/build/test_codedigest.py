"""Code digests change with what a function reaches, and with nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.build import codedigest
from generator.build.codedigest import function_digests, known_files, module_digests, one_look, remembering
from generator.core.errors import ReportError

EXPERIMENT = """
    '''The experiment.'''
    import math
    from layers import block

    WIDTH = 3
    SHARE = 0.5

    def scaled(x):
        '''Scales.'''
        return x * SHARE

    def load_data():
        return scaled(1)

    def build_model():
        return block(WIDTH, math.pi)

    if __name__ == "__main__":
        print(load_data())
"""

REGISTRY = """
    WIDTHS = []

    def grow(width):
        WIDTHS.append(width)

    def listed(function):
        WIDTHS.append(function)

    class Listed:
        def __init_subclass__(cls):
            WIDTHS.append(cls.width)

"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    (tmp_path / "layers.py").write_text("from deeper import thing\n\n\ndef block(width, x):\n    return thing(width)\n")
    (tmp_path / "deeper.py").write_text("def thing(width):\n    return width\n")
    path = tmp_path / "experiment.py"
    path.write_text(textwrap.dedent(EXPERIMENT))
    return path


def digests(path: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    return function_digests(path, "load_data"), function_digests(path, "build_model")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'''Scales.'''", "'''Brings to a scale.'''"),
        ("WIDTH = 3", "WIDTH  =  3  # channels"),
        ("'''The experiment.'''", ""),
        ("print(load_data())", "print(build_model())"),
        ("WIDTH = 3", "WIDTH = 3\n'''Channels.'''"),
        ("'''Scales.'''", "'''Scales.'''\n    'And a remark.'"),
    ],
    ids=["docstring", "comment and layout", "module docstring", "main guard", "docstring of a variable", "remark"],
)
def test_what_does_not_run_on_import_does_not_count(experiment: Path, old: str, new: str) -> None:
    before = digests(experiment)
    replace(experiment, old, new)
    assert digests(experiment) == before


@pytest.mark.parametrize(
    ("old", "new", "load_changes", "build_changes"),
    [
        ("scaled(1)", "scaled(2)", True, False),
        ("x * SHARE", "x / SHARE", True, False),
        ("SHARE = 0.5", "SHARE = 0.25", True, False),
        ("WIDTH = 3", "WIDTH = 4", False, True),
        ("WIDTH = 3", "WIDTH = 3\nWIDTH += 1", False, True),
        ("import math", "import cmath as math", False, True),
        ("SHARE = 0.5", "SHARE = 0.5\nmath.seed(1)", True, True),
    ],
)
def test_each_function_answers_for_what_it_reaches(
    experiment: Path, old: str, new: str, load_changes: bool, build_changes: bool
) -> None:
    load, build = digests(experiment)
    replace(experiment, old, new)
    load_after, build_after = digests(experiment)
    assert (load != load_after, build != build_after) == (load_changes, build_changes)


def test_a_local_module_counts_for_who_imports_it_even_at_second_hand(experiment: Path) -> None:
    load, build = digests(experiment)
    replace(experiment.parent / "deeper.py", "return width", "return width + 1")
    load_after, build_after = digests(experiment)
    assert load == load_after
    assert {name for name in build if build[name] != build_after[name]} == {"deeper.py"}


def test_an_import_inside_a_function_is_followed(experiment: Path) -> None:
    replace(experiment, "return scaled(1)", "from deeper import thing\n    return thing(1)")
    assert "deeper.py" in function_digests(experiment, "load_data")


def test_an_item_set_in_a_dictionary_counts_for_who_reads_it(experiment: Path) -> None:
    replace(experiment, "WIDTH = 3", "OPTIONS = {}\nOPTIONS['width'] = 3\nWIDTH = 3")
    replace(experiment, "block(WIDTH,", "block(OPTIONS['width'],")
    load, build = digests(experiment)
    replace(experiment, "OPTIONS['width'] = 3", "OPTIONS['width'] = 4")
    load_after, build_after = digests(experiment)
    assert load == load_after
    assert build != build_after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("for width in (32, 64):\n    WIDTHS.append(width)", "for width in (32, 128):\n    WIDTHS.append(width)"),
        ("if math.pi:\n    P = 1\n    math.seed(1)", "if math.pi:\n    P = 1\n    math.seed(2)"),
        ("with open('x') as f:\n    math.seed(1)", "with open('x') as f:\n    math.seed(2)"),
        ("_ = math.seed(1)", "_ = math.seed(2)"),
        ("_ = WIDTHS.append(1)", "_ = WIDTHS.append(2)"),
        ("count = grow(1)", "count = grow(2)"),
        ("@listed\ndef part():\n    return 1", "@listed\ndef part():\n    return 2"),
        ("class Part(Listed):\n    width = 1", "class Part(Listed):\n    width = 2"),
        ("class Part:\n    WIDTHS.append(1)", "class Part:\n    WIDTHS.append(2)"),
        ("(WIDTHS := [1])", "(WIDTHS := [2])"),
    ],
)
def test_what_runs_at_the_top_level_counts_for_all_that_it_may_have_changed(
    experiment: Path, before: str, after: str
) -> None:
    replace(experiment, "WIDTH = 3\n", f"{textwrap.dedent(REGISTRY)}{before}\nWIDTH = 3\n")
    replace(experiment, "block(WIDTH,", "block(WIDTHS,")
    _, build = digests(experiment)
    replace(experiment, before, after)
    assert digests(experiment)[1] != build


NETWORK = "import config\n\ndef network():\n    return config.UNITS\n"
POLICY = "import keras\n\nchosen = keras.mixed_precision.set_global_policy('float32')\n"
CONFIG = "UNITS = 4\nRATES = [1]\n\ndef choose(units):\n    global UNITS\n    UNITS = units\n"


def write_experiment(folder: Path, top: str) -> Path:
    for name, text in {"network": NETWORK, "policy": POLICY, "config": CONFIG, "settings": "UNITS = 4\n"}.items():
        (folder / f"{name}.py").write_text(text)
    (folder / "indirect.py").write_text("import policy\n")
    (folder / "registry.py").write_text("FOUND = []\n\ndef listed(part):\n    FOUND.append(part)\n    return part\n")
    path = folder / "experiment.py"
    path.write_text(f"{top}\n\ndef load_data():\n    return 1\n\ndef build_model():\n    return network()\n")
    return path


@pytest.mark.parametrize(
    ("top", "file", "old", "new"),
    [
        ("from settings import *", "settings.py", "4", "8"),
        ("import policy", "policy.py", "float32", "float64"),
        ("import indirect", "policy.py", "float32", "float64"),
        ("import config\nconfig.UNITS = 80", "experiment.py", "80", "16"),
        ("from config import RATES\nRATES[0] = 80", "experiment.py", "80", "16"),
        ("from config import RATES\nRATES += [80]", "experiment.py", "80", "16"),
        ("import config\nother = config\nother.UNITS = 80", "experiment.py", "80", "16"),
        ("import config\ndef get(): return config\nget().UNITS = 80", "experiment.py", "80", "16"),
        ("import config\nchosen = config.choose(80)", "experiment.py", "80", "16"),
        ("import config\ndef set(n): config.UNITS = n\nchosen = set(80)", "experiment.py", "80", "16"),
        ("def set(n):\n    import config as c\n    c.UNITS = n\nchosen = set(80)", "experiment.py", "80", "16"),
        ("import config\nset = lambda n: config.choose(n)\nchosen = set(80)", "experiment.py", "80", "16"),
        ("import config\ndef part(n=config.choose(80)): pass", "experiment.py", "80", "16"),
        ("from keras import config\np = config.set_floatx('float32')", "experiment.py", "float32", "float64"),
        ("from keras.config import *\np = set_floatx('float32')", "experiment.py", "float32", "float64"),
        ("import os\nos.environ['UNITS'] = '80'", "experiment.py", "80", "16"),
        ("globals()['UNITS'] = 80", "experiment.py", "80", "16"),
        ("made = exec('import policy # 80')", "experiment.py", "80", "16"),
        ("from registry import listed\n@listed\ndef part(): return 80", "experiment.py", "80", "16"),
    ],
)
def test_what_the_top_level_does_to_another_module_counts_for_every_function(
    tmp_path: Path, top: str, file: str, old: str, new: str
) -> None:
    path = write_experiment(tmp_path, f"from network import network\n{top}")
    load, build = digests(path)
    replace(tmp_path / file, old, new)
    load_after, build_after = digests(path)
    assert load != load_after
    assert build != build_after


@pytest.mark.parametrize(
    "text",
    [
        "HERE = Path(__file__).parent / 'a'",
        "HERE = os.path.dirname(os.path.abspath(__file__)) + 'a'",
        "SIZE = int(os.environ.get('SIZE', 'a'))",
        "MEAN = np.array([0.5], 'a')",
        "LIMITS = dict(low='a')",
        "class Loader(keras.utils.PyDataset):\n    size = 'a'",
        "@dataclass\nclass Loader:\n    size: str = 'a'",
        "def load(path='a'):\n    return keras.utils.load_img(path)",
        "if __name__ == '__main__':\n    print('a')\n    keras.config.set_floatx('float16')",
    ],
)
@pytest.mark.parametrize("where", ["experiment", "module"])
def test_what_only_load_data_uses_counts_for_no_other_function(tmp_path: Path, text: str, where: str) -> None:
    imports = "import os\nimport keras\nimport numpy as np\nfrom dataclasses import dataclass\nfrom pathlib import Path"
    path = write_experiment(tmp_path, f"from network import network\n{imports if where == 'experiment' else ''}")
    place = path
    if where == "module":
        place = tmp_path / "loading.py"
        place.write_text(f"{imports}\n")
        replace(path, "from network", "import loading\nfrom network")
    place.write_text(f"{place.read_text()}\n{text}\n")
    _, build = digests(path)
    replace(place, "'a'", "'b'")
    assert digests(path)[1] == build
    if where == "module":
        assert place in known_files(path, "build_model"), "it is no input of the model either"


def test_a_module_that_another_function_alone_imports_is_not_known(tmp_path: Path) -> None:
    path = write_experiment(tmp_path, "from network import network")
    replace(path, "return 1", "import settings\n    return 1")
    assert tmp_path / "settings.py" in known_files(path, "load_data")
    assert known_files(path, "build_model") == {path, tmp_path / "network.py", tmp_path / "config.py"}


def test_a_constant_that_a_package_works_out_counts_for_its_readers_alone(experiment: Path) -> None:
    replace(experiment, "SHARE = 0.5", "SHARE = math.sqrt(1)")
    _, build = digests(experiment)
    replace(experiment, "math.sqrt(1)", "math.sqrt(2)")
    assert digests(experiment)[1] == build


def test_a_module_of_the_generator_brings_what_it_imports_and_no_more() -> None:
    files = module_digests("generator.measures.evidence")
    assert {"generator/measures/evidence.py", "generator/model/weights.py", "generator/records/evidence.py"} <= set(
        files
    )
    assert "generator/model/training.py" not in files
    assert "generator/figures/figures.py" not in files


def test_a_module_that_is_remembered_is_not_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "code.json"
    monkeypatch.setattr(codedigest, "_known", {})
    with remembering(memory):
        fresh = module_digests("generator.measures.evidence")
    monkeypatch.setattr(codedigest, "_known", {})
    monkeypatch.setattr(codedigest, "_parsed", lambda source, path: pytest.fail(f"{path} is parsed again"))
    with remembering(memory):
        assert module_digests("generator.measures.evidence") == fresh


def test_modules_that_were_used_last_are_remembered_and_older_ones_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "code.json"
    monkeypatch.setattr(codedigest, "MAX_KNOWN", 3)
    for names in (("a", "b", "c"), ("a", "d")):
        monkeypatch.setattr(codedigest, "_known", {})
        with remembering(memory):
            for name in names:
                (tmp_path / f"{name}.py").write_text(f"{name} = 1\n")
                codedigest._module((tmp_path / f"{name}.py").read_bytes(), tmp_path / f"{name}.py", ())
    monkeypatch.setattr(codedigest, "_known", {})
    with remembering(memory):
        assert len(codedigest._known) == 3
        monkeypatch.setattr(codedigest, "_parsed", lambda source, path: pytest.fail(f"{path} is parsed again"))
        for name in ("a", "c", "d"):
            codedigest._module((tmp_path / f"{name}.py").read_bytes(), tmp_path / f"{name}.py", ())


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}'])
def test_a_damaged_memory_of_modules_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    memory = tmp_path / "code.json"
    memory.write_bytes(content)
    monkeypatch.setattr(codedigest, "_known", {})
    with remembering(memory):
        assert module_digests("generator.core.errors")
    assert len(memory.read_bytes()) > 100


def test_a_syntax_error_is_told_with_its_line(experiment: Path) -> None:
    experiment.write_text("import math\n\ndef load_data(:\n")
    with pytest.raises(ReportError, match=r"experiment\.py:3: This is not Python: .*\n  Fix this line"):
        function_digests(experiment, "load_data")


def test_a_missing_experiment_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"experiment\.py: The code cannot be read: No such file"):
        function_digests(tmp_path / "experiment.py", "load_data")


def test_code_is_looked_at_once_for_digests_that_are_computed_together(experiment: Path, tmp_path: Path) -> None:
    """After that, a module that was not there is found, too."""
    before = digests(experiment)
    with one_look():
        assert digests(experiment) == before
        replace(tmp_path / "deeper.py", "def thing", "import late\n\n\ndef thing")
        (tmp_path / "late.py").write_text("LATE = 1\n")
        with one_look():
            assert digests(experiment) == before
    after = digests(experiment)
    assert after != before and "late.py" in after[1]
