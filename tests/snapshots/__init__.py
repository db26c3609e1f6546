"""A small run record and the page made from it. `python -m tests.snapshots` makes the record again."""
