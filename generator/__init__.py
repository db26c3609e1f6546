"""Builds a paper about a small neural network from the run it reports.

The package is laid out as a one-way street: see ARCHITECTURE.md for the rooms.
"""

__version__ = "0.1.0"
