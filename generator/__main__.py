"""Entry point of `python -m generator`."""

import sys

from generator.core import signals

_INSTALLED = "Run this with .venv/bin/python, where make installs all packages: make help lists what it can do."


def run() -> None:
    """Runs the command line. A signal at any moment ends it with a one-line message."""
    signals.exit_at_once()
    try:
        from generator.cli import main  # takes a while to load
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] == "generator":
            raise
        print(f"This Python has no package {error.name}.\n  {_INSTALLED}", file=sys.stderr)
        sys.exit(1)
    signals.raise_interrupted()
    try:
        main()
    finally:
        signals.ignore()


if __name__ == "__main__":
    run()
