"""Entry point of `python -m generator`."""

from generator.core import signals


def run() -> None:
    """Runs the command line. A signal at any moment ends it with a one-line message."""
    signals.exit_at_once()
    from generator.cli import main  # takes a while to load

    signals.raise_interrupted()
    try:
        main()
    finally:
        signals.ignore()


if __name__ == "__main__":
    run()
