"""Builds a paper about a small neural network from the run it reports.

Its packages import only from those below them: see ARCHITECTURE.md.
"""

__version__ = "0.1.0"
