"""Builds a paper about a small neural network from the run it reports.

Its packages import only from those below them: see ARCHITECTURE.md.
"""

import importlib

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """The decorators that an analysis.py imports from here; by name, as no key is to have their code."""
    if name in ("figure", "measure", "table"):
        return getattr(importlib.import_module("generator.core.marks"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
