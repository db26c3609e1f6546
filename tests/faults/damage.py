"""Damage to every file under build/, one at a time: its content changed, or something else in its place."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.conftest import command
from tests.faults.trials import Place, Row, healed, misreported, row, run, whole


def rows(place: Place) -> Iterator[Row]:
    """A flipped bit in every file, and the other kinds in turn, so that each kind meets each folder."""
    files = sorted(path.relative_to(place.copy) for path in (place.copy / "build").rglob("*") if path.is_file())
    yield row("a flipped bit", (_tried(place, file, flip) for file in files))
    unlike = {(file.parent, file.suffix): file for file in files}.values()  # many pictures lie in one folder
    others = list(zip(unlike, itertools.cycle(OTHERS), strict=False))
    for damage in OTHERS:
        hit = [file for file, chosen in others if chosen is damage]
        yield row(damage.__name__.replace("_", " "), (_tried(place, file, damage) for file in hit))
    for damage in (flip, emptied, a_pipe, a_link_to_itself):
        yield row(f"all files at once: {damage.__name__.replace('_', ' ')}", [_all_at_once(place, files, damage)])


def _tried(place: Place, file: Path, damage: Callable[[Path], None]) -> str:
    place.restore()
    damage(place.folder / file)
    ended = run(command(place.paper))
    found = misreported(ended)
    found = found or (_unnamed(place, file, ended.said) if ended.status else whole(place) or healed(place))
    return found and f"{damage.__name__}: {file}: {found}"


def _unnamed(place: Place, file: Path, said: str) -> str:
    """A folder in the place of a file may be someone's work: it is named, and can be moved away."""
    if not (place.folder / file).is_dir() or file.name not in said or "ove it away" not in said:
        return f"it could not be built: {said}"
    (place.folder / file).rmdir()
    return healed(place)


def _all_at_once(place: Place, files: list[Path], damage: Callable[[Path], None]) -> str:
    place.restore()
    for file in files:
        damage(place.folder / file)
    ended = run(command(place.paper))
    if ended.status:
        return f"{damage.__name__}: it could not be built: {ended.said}"
    return whole(place) or healed(place)


# --- kinds of damage -----------------------------------------------------------------------------


def flip(path: Path) -> None:
    """Changes one bit in the middle."""
    content = bytearray(path.read_bytes())
    if content:
        content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def removed(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def a_link_elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


OTHERS = (cut_in_half, emptied, removed, a_folder, a_link_to_itself, a_link_elsewhere, a_pipe)
