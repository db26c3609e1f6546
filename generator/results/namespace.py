"""The results as an author's function sees them: by the names of the prose, as attributes or keys.

`results.analysis.rotation.accuracy[15].mean` and `results["analysis"]["rotation"]["accuracy"][15]["mean"]` are equal. A
number knows its own name, so that a table can link to its origin. What is computed from it is a plain number.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from generator.records.results import Path

Used = dict[Path, None]
"""The names that were accessed, in order."""


MARK = "\ue000"
"""A private-use character that follows a number in a text, where the number would not be bound."""


class _Marked:
    """A result that is a number.

    Attributes:
        path: the parts of its name.
        mark: the character that follows it in a text.
    """

    path: Path = ()
    mark: str = ""

    def __format__(self, specification: str) -> str:
        return super().__format__(specification) + self.mark

    def __str__(self) -> str:
        return super().__repr__() + self.mark


class ResultFloat(_Marked, float):
    """A result that is a float."""


class ResultInteger(_Marked, int):
    """A result that is a whole number."""


class Results(Mapping[Any, Any]):
    """The results whose names begin with `path`. In texts, `mark` follows their numbers."""

    def __init__(self, below: Mapping[Any, Any], path: Path = (), used: Used | None = None, mark: str = "") -> None:
        self._below, self.path, self._mark = below, path, mark
        self._used: Used = {} if used is None else used

    def __getitem__(self, key: Any) -> Any:
        if key not in self._below:
            raise KeyError(self._missing(key))
        value, path = self._below[key], (*self.path, key)
        if isinstance(value, Mapping):
            return Results(value, path, self._used, self._mark)
        self._used[path] = None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        named = ResultInteger(value) if isinstance(value, int) else ResultFloat(value)
        named.path, named.mark = path, self._mark
        return named

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

    @property
    def used(self) -> tuple[Path, ...]:
        """The names that were accessed, here and below."""
        return tuple(self._used)

    def _missing(self, key: object) -> str:
        known = list(map(str, self._below))
        close = difflib.get_close_matches(str(key), known, 1)
        advice = f"did you mean {close[0]}?" if close else f"there are {', '.join(known[:10])}"
        name = ".".join(map(str, self.path)) or "results"
        return f"{name} has no {key}, or it was not measured; {advice}"
