"""Commands run as another user, whom the file system denies what it never denies the superuser."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SUPERUSER, NOBODY = 0, 65534


@functools.cache
def can_be_another() -> bool:
    """Whether a command can be run as another user: only a superuser can do so, and not in every container."""
    if os.geteuid() != SUPERUSER or not shutil.which("setpriv"):
        return False
    return subprocess.run(as_another([sys.executable, "-c", ""]), capture_output=True, check=False).returncode == 0


def give(folder: Path, owner: int = NOBODY) -> None:
    """Makes the other user, or again the superuser, the owner of a folder and of all that is in it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def as_another(command: Sequence[str]) -> list[str]:
    """The command as the other user, who may read everything: the interpreter may lie in the superuser's home."""
    identity = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return ["setpriv", *identity, *reading, "--securebits=+no_setuid_fixup", *command]  # access(2) asks the real user
