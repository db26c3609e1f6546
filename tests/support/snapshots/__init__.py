"""A small run record and the page made from it. `python -m tests.support.snapshots` makes the record again."""
