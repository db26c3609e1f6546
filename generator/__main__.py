"""`python -m generator`."""

from generator.core import signals


def run() -> None:
    """Runs the command line; a signal ends it with one line, at any moment."""
    signals.exit_at_once()
    from generator.cli import main  # takes a while to load

    signals.raise_interrupted()
    try:
        main()
    finally:
        signals.ignore()


if __name__ == "__main__":
    run()
