"""Builds a paper about a small neural network from the run it reports.

Each package imports only from packages in lower layers; see ARCHITECTURE.md.
"""

import importlib

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Imports a decorator for analysis.py through importlib, so that its code is in no stage's key."""
    if name in ("figure", "measure", "table"):
        return getattr(importlib.import_module("generator.core.marks"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
