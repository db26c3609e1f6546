"""The results as an author's function sees them: by the names of the prose, as attributes or keys.

`results.analysis.rotation.accuracy[15].mean` and `results["analysis"]["rotation"]["accuracy"][15]["mean"]` are equal. A
number knows its own name, so that a table can link to its origin. What arithmetic computes from it has no name.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.core.formatting import NO_INTERVAL
from generator.records.results import Path

Used = dict[Path, None]
"""The names that were accessed, in order."""


MARK = "\ue000"
"""A private-use character that follows a number in a text, where the number would not be bound."""

_OPERATIONS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
_COMPUTING = (*_OPERATIONS, *(f"r{name}" for name in _OPERATIONS), "neg", "pos", "abs", "round")


class _Marked:
    """A result that is a number, or a number that Python's arithmetic computed from one.

    Attributes:
        path: the parts of its name; empty for a computed number.
        mark: the character that follows it in a text.
    """

    path: Path = ()
    mark: str = ""

    def __format__(self, specification: str) -> str:
        text = super().__format__(specification)
        return text if text.endswith(self.mark) else text + self.mark  # without a specification, str() has marked it

    def __repr__(self) -> str:
        return super().__repr__() + self.mark

    __str__ = __repr__


class ResultFloat(_Marked, float):
    """A result that is a float."""


class ResultInteger(_Marked, int):
    """A result that is an integer."""


def _named(value: float, path: Path, mark: str) -> ResultFloat | ResultInteger:
    named = ResultInteger(value) if isinstance(value, int) else ResultFloat(value)
    named.path, named.mark = path, mark
    return named


def _marking(operation: Callable[..., Any]) -> Callable[..., Any]:
    """An operation of float or int whose outcome keeps the mark, but has no name."""

    def computed(number: ResultFloat | ResultInteger, *others: Any) -> Any:
        outcome = operation(number, *others)
        if outcome is NotImplemented and isinstance(number, int) and isinstance(others[0], float):
            return getattr(_named(float(number), (), number.mark), operation.__name__)(*others)
        return _named(outcome, (), number.mark) if isinstance(outcome, int | float) else outcome

    return computed


for _name in _COMPUTING:
    for _kind, _plain in ((ResultFloat, float), (ResultInteger, int)):
        setattr(_kind, f"__{_name}__", _marking(getattr(_plain, f"__{_name}__")))


class Results(Mapping[Any, Any]):
    """The results whose names begin with a path. In texts, a mark follows their numbers.

    Names of its own begin with an underscore, since any other may be that of a result.
    """

    def __init__(self, below: Mapping[Any, Any], path: Path = (), used: Used | None = None, mark: str = "") -> None:
        self._below, self._path, self._mark = below, path, mark
        self._used: Used = {} if used is None else used

    def __getitem__(self, key: Any) -> Any:
        if key not in self._below:
            raise KeyError(self._missing(key))
        value, path = self._below[key], (*self._path, key)
        if isinstance(value, Mapping):
            return Results(value, path, self._used, self._mark)
        self._used[path] = None
        if isinstance(value, str) and value == NO_INTERVAL:
            value = math.nan  # a chart leaves a gap; the text would be a category to Matplotlib
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return _named(value, path, self._mark)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # part of Python's own protocols
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._below)

    def __len__(self) -> int:
        return len(self._below)

    def _missing(self, key: object) -> str:
        known = list(map(str, self._below))
        close = difflib.get_close_matches(str(key), known, 1)
        advice = f"did you mean {close[0]}?" if close else f"there are {', '.join(known[:10])}"
        name = ".".join(map(str, self._path)) or "results"
        return f"{name} has no {key}, or it was not measured; {advice}"


def path_of(value: object) -> Path:
    """The name of a result, or the beginning of the names of several; empty for any other value."""
    match value:
        case Results():
            return value._path
        case ResultFloat() | ResultInteger():
            return value.path
    return ()


def used_of(results: Results) -> tuple[Path, ...]:
    """The names that were accessed, in these results and below."""
    return tuple(results._used)
