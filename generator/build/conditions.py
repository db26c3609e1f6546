"""The conditions of a paper: the main condition and its variants, each with what it changes.

Arguments in paper.toml are checked against the signatures in the author's code, so that mistakes are reported before
anything runs. An argument that equals the function's default changes nothing and is left out, so that a network trained
without it is reused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from generator.build import codedigest
from generator.core.diagnostics import suggestion
from generator.core.errors import Place, UsageError
from generator.paper import Overrides, Paper, place_of
from generator.records.condition import MAIN, Arguments, Condition, TrainingChanges
from generator.records.run import TrainingSettings
from generator.results.code_values import constants

Placing = Callable[..., Place | str]
"""Gives the place of a key of paper.toml by its parts."""

_REPLICATES = "training.replicates"
"""The dotted key of the number of replicates."""

_UNKNOWN = object()
"""Marks a default that is computed, and an argument without a default."""


@dataclass(frozen=True)
class _Signature:
    """The arguments that a function accepts by name.

    Attributes:
        defaults: default of each argument, by name.
        takes_any: whether it also accepts names that it does not list.
    """

    defaults: Mapping[str, object]
    takes_any: bool


def conditions(folder: Path, paper: Paper, overrides: Overrides) -> tuple[Condition, ...]:
    """The main condition, and then the variants in the order of paper.toml.

    Raises UsageError when a function does not accept an argument, when two conditions are equal or share a title, or
    when paper.toml gives a variant more replicates than the main condition. With fewer for a single build, such as
    with --replicates, the variants have at most as many.
    """
    found = [Condition(MAIN, paper.comparison.main, {}, {}, paper.training)]
    if not paper.variants:
        return tuple(found)
    tree, place = codedigest.parse(folder / "experiment.py"), partial(place_of, folder / "paper.toml", overrides)
    for name, variant in paper.variants.items():
        model, data = (
            _given(arguments, _signature(tree, function), ("variants", name, table), function, place)
            for table, function, arguments in (
                ("model", "build_model", variant.model),
                ("data", "load_data", variant.data),
            )
        )
        if not {_REPLICATES, "training"} & overrides.keys():
            _check_replicates(name, variant.training.replicates or 0, paper.training.replicates, place)
        condition = Condition(name, variant.title, model, data, _changed(paper.training, variant.training))
        _check_new(condition, found, place)
        found.append(condition)
    return tuple(found)


def _check_replicates(variant: str, given: int, most: int, place: Placing) -> None:
    if given > most:
        what = f"variants.{variant}.{_REPLICATES} is {given}, but {_REPLICATES} is {most}"
        step = (
            f"Conditions are compared replicate by replicate: give the variant at most {most}, or raise {_REPLICATES}."
        )
        raise UsageError(what, place("variants", variant, *_REPLICATES.split(".")), step)


def _changed(settings: TrainingSettings, changes: TrainingChanges) -> TrainingSettings:
    given = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not None}
    replicates = min(settings.replicates, changes.replicates or settings.replicates)
    return msgspec.structs.replace(settings, **{**given, "replicates": replicates})


def _given(
    arguments: Arguments, signature: _Signature | None, table: Sequence[str], function: str, place: Placing
) -> Arguments:
    """The arguments that differ from the function's defaults; `table` leads to them in paper.toml."""
    if signature is None:  # not a plain definition; calling it will report wrong arguments
        return arguments
    for name in arguments:
        if name not in signature.defaults and not signature.takes_any:
            known = f"{suggestion(name, signature.defaults)} Or add" if signature.defaults else "Add"
            step = f"{known} it to {function}() in experiment.py, with a default."
            what = f"{'.'.join(table)}: {function}() takes no argument {name}"
            raise UsageError(what, place(*table, name), step)
    return {name: value for name, value in arguments.items() if not _is_default(value, signature.defaults.get(name))}


def _is_default(value: object, default: object) -> bool:
    """Whether the values are equal. 0 equals 0.0, but no number equals a boolean; a list equals an equal tuple."""
    default = tuple(default) if isinstance(default, list) else default
    return isinstance(value, bool) == isinstance(default, bool) and value == default


def _signature(tree: ast.Module, function: str) -> _Signature | None:
    """The signature of a function defined at the top level of the module; None if it is defined in any other way."""
    defined = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    if not defined:
        return None
    taken = defined[-1].args
    places = [*taken.posonlyargs, *taken.args]
    values = [None] * (len(places) - len(taken.defaults)) + list(taken.defaults)
    named = list(zip(places, values, strict=True))[len(taken.posonlyargs) :]
    named += zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
    known = constants(tree)
    return _Signature({argument.arg: _literal(default, known) for argument, default in named}, taken.kwarg is not None)


def _literal(default: ast.expr | None, known: Mapping[str, object]) -> object:
    """The value of a default that is a literal or the name of a constant; otherwise _UNKNOWN."""
    if isinstance(default, ast.Name):
        return known.get(default.id, _UNKNOWN)
    try:
        return _UNKNOWN if default is None else ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _UNKNOWN


def _check_new(condition: Condition, others: list[Condition], place: Placing) -> None:
    for other in others:
        if condition.title == other.title:
            what = f'Two conditions have the title "{other.title}"'
            raise UsageError(what, place("variants", condition.name, "title"), "Change one of the titles.")
        training = msgspec.structs.replace(condition.training, replicates=other.training.replicates)
        if msgspec.structs.replace(condition, name=other.name, title=other.title, training=training) == other:
            same = f"the variant {other.name}" if other.name else "the main condition"
            step = "Change its model, its training, or its data, or remove it."
            what = f"The variant {condition.name} is the same as {same}"
            raise UsageError(what, place("variants", condition.name), step)
