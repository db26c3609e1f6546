"""Git, as an author has it."""

from __future__ import annotations

import subprocess
from pathlib import Path

AUTHOR = ("-c", "user.name=Ada Example", "-c", "user.email=ada@example.org")


def git(folder: Path, *arguments: str | Path) -> str:
    """Runs a git command in `folder`, as Ada Example, and returns what it prints."""
    command = ["git", "-C", folder, *AUTHOR, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
