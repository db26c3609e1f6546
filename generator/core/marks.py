"""Decorators that mark the functions of an analysis.py: `from generator import figure, measure, table`.

A build reads from the code which functions are marked, so that it knows their names before anything runs. The
decorators themselves do nothing, so analysis.py can also be imported and tried on its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

Function = TypeVar("Function", bound=Callable[..., Any])


def measure(function: Function) -> Function:
    """Marks a function that measures a replicate.

    It is called as `function(run)` for each replicate of each condition, and returns a dict of numbers, arrays, and
    dicts of these; docs/analysis.md describes `run`.
    """
    return function


def table(function: Function) -> Function:
    """Marks a function that is called as `function(results)`, and returns the header and the rows of a table."""
    return function


@overload
def figure(function: Function) -> Function: ...


@overload
def figure(*, width: Literal["column", "text"] = "column") -> Callable[[Function], Function]: ...


def figure(function: Any = None, *, width: str = "column") -> Any:
    """Marks a function that is called as `function(results, axes)`, draws, and returns a description of the figure.

    A figure is as wide as a panel of the generator's own charts ("column"), or as the text ("text").
    """
    return function if function is not None else lambda marked: marked
