"""Conditions: what a variant changes is held against the author's functions, and no two conditions are the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.build.conditions import conditions
from generator.core.errors import UsageError
from generator.paper import load_paper
from generator.records.condition import MAIN, Condition
from generator.records.run import TrainingSettings

TOML = 'title = "A paper"\nauthors = ["Ada Example"]\ndate = 2026-01-02\n[training]\nepochs = 1\n'
EXPERIMENT = """
def load_data(share=1.0, *, noise=0):
    pass

def build_model(filters=4, /, width=8, wide=False, sizes=(3, 3), *, rate=WIDTH / 2):
    pass
"""

Read = Callable[..., list[Condition]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The conditions of a paper with these variants, the main one first."""

    def read(variants: str, experiment: str = EXPERIMENT, **replaced: str) -> list[Condition]:
        overrides = {name.replace("__", "."): value for name, value in replaced.items()}
        (tmp_path / "paper.toml").write_text(TOML + variants)
        (tmp_path / "experiment.py").write_text(experiment)
        return list(conditions(tmp_path, load_paper(tmp_path, overrides), overrides))

    return read


def test_a_variant_is_the_main_condition_with_what_it_changes(read: Read) -> None:
    main, half, longer = read("""
[variants.half]
title = "half the data"
data = { share = 0.5 }
model = { wide = true }
[variants.longer]
title = "longer"
training = { epochs = 3, validation = 0.25 }
[comparison]
main = "as it is"
""")
    assert main == Condition(MAIN, "as it is", {}, {}, TrainingSettings(epochs=1))
    assert half == Condition("half", "half the data", {"wide": True}, {"share": 0.5}, TrainingSettings(epochs=1))
    assert longer == Condition("longer", "longer", {}, {}, TrainingSettings(epochs=3, validation=0.25))
    assert (main.replicate(2), half.replicate(2)) == ("replicate 2", "half, replicate 2")


def test_a_variant_has_at_most_as_many_replicates_as_a_build_gives_the_main_condition(read: Read) -> None:
    variants = """
[variants.fewer]
title = "fewer"
training = { epochs = 2, replicates = 2 }
[variants.more]
title = "more"
training = { epochs = 3, replicates = 3 }
"""
    main, fewer, more = read(variants)
    assert [one.training.replicates for one in (main, fewer, more)] == [3, 2, 3]
    assert [one.training.replicates for one in read(variants, training__replicates=2)] == [2, 2, 2]
    told = r"paper\.toml:12: variants\.more\.training\.replicates is 9, but training\.replicates is 3\n"
    with pytest.raises(UsageError, match=told):
        read(variants.replace("replicates = 3", "replicates = 9"))


def test_without_variants_the_experiment_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "paper.toml").write_text(TOML)
    assert [condition.name for condition in conditions(tmp_path, load_paper(tmp_path, {}), {})] == [MAIN]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            "model = { widht = 9 }",
            "paper.toml:8: variants.a.model: build_model() takes no argument widht\n  Did you mean",
        ),
        ("data = { portion = 1 }", "paper.toml:8: variants.a.data: load_data() takes no argument portion\n"),
        ("model = { filters = 5 }", "build_model() takes no argument filters\n"),
        ("[variants.a.model]\nwidht = 9", "paper.toml:9: variants.a.model: build_model() takes no argument widht\n"),
    ],
)
def test_an_argument_that_the_function_does_not_take_is_told_with_its_line(read: Read, given: str, told: str) -> None:
    """`filters` can be given by its place alone."""
    with pytest.raises(UsageError, match=re.escape(told)):
        read(f'[variants.a]\ntitle = "A"\n{given}\n')


def test_a_function_without_arguments_says_what_to_add(read: Read) -> None:
    with pytest.raises(UsageError, match=r"\n  Add it to build_model\(\) in experiment\.py, with a default\.$"):
        read('[variants.a]\ntitle = "A"\nmodel = { width = 9 }\n', "def build_model():\n    pass\n")


@pytest.mark.parametrize(
    "experiment",
    [
        "def build_model(**options):\n    pass\n",
        "from models import build_model\n",
        "build_model = make(4)\n",
        "def build_model(*, depth):\n    pass\n",
    ],
)
def test_any_name_is_taken_by_a_function_that_takes_any_or_is_made_elsewhere(read: Read, experiment: str) -> None:
    """Calling the last two tells what is wrong with their arguments."""
    _, variant = read('[variants.a]\ntitle = "A"\nmodel = { depth = 9 }\n', experiment)
    assert variant.model == {"depth": 9}


@pytest.mark.parametrize("given", ["width = 8", "wide = false", "width = 8, wide = false"])
def test_an_argument_that_is_the_default_changes_nothing_so_the_variant_is_the_main_condition(
    read: Read, given: str
) -> None:
    told = r"paper\.toml:6: The variant a is the same as the main condition\n  Change its model, its training, or"
    with pytest.raises(UsageError, match=told):
        read(f'[variants.a]\ntitle = "A"\nmodel = {{ {given} }}\n')
    _, other = read(f'[variants.a]\ntitle = "A"\nmodel = {{ {given}, rate = 1 }}\n')
    assert other.model == {"rate": 1}


def test_a_list_that_is_the_default_changes_nothing(read: Read) -> None:
    experiment = "def build_model(sizes=[3, 3]):\n    pass\n"
    with pytest.raises(UsageError, match="The variant a is the same as the main condition"):
        read('[variants.a]\ntitle = "A"\nmodel = { sizes = [3, 3] }\n', experiment)


def test_a_default_that_names_a_constant_is_that_constant(read: Read) -> None:
    experiment = "WIDTH = 8\n\ndef build_model(width=WIDTH, depth=WIDTH - 1):\n    pass\n"
    _, variant = read('[variants.a]\ntitle = "A"\nmodel = { width = 8, depth = 7 }\n', experiment)
    assert variant.model == {"depth": 7}


def test_a_default_is_known_by_its_value_and_zero_is_not_false(read: Read) -> None:
    _, variant = read('[variants.a]\ntitle = "A"\nmodel = { width = 8.0, wide = 0 }\n')
    assert variant.model == {"wide": 0}


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("training = { epochs = 2 }", "paper.toml:9: The variant b is the same as the variant a"),
        ("model = { width = 8 }\ntraining = { epochs = 2 }", "The variant b is the same as the variant a"),
        ("training = { batch_size = 32 }", "paper.toml:9: The variant b is the same as the main condition"),
        ("training = { replicates = 2 }", "paper.toml:9: The variant b is the same as the main condition"),
    ],
)
def test_a_variant_that_is_another_one_is_refused_whatever_it_is_called(read: Read, second: str, told: str) -> None:
    first = '[variants.a]\ntitle = "A"\ntraining = { epochs = 2 }\n'
    with pytest.raises(UsageError, match=re.escape(told)):
        read(f'{first}[variants.b]\ntitle = "B"\n{second}\n')


def test_two_conditions_with_one_title_which_readers_could_not_tell_apart_are_refused(read: Read) -> None:
    told = r'paper\.toml:7: Two conditions have the title "main condition"\n  Change one of the titles'
    with pytest.raises(UsageError, match=told):
        read('[variants.a]\ntitle = "main condition"\ntraining = { epochs = 2 }\n')


def test_an_argument_that_set_gives_is_told_as_such(read: Read) -> None:
    with pytest.raises(UsageError, match=r"--set variants\.a\.model\.widht: variants\.a\.model: build_model\(\) takes"):
        read('[variants.a]\ntitle = "A"\nmodel = { width = 9 }\n', variants__a__model__widht="3")
