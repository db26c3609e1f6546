"""Font faces that a paper adds by `[fonts] fallback`, for characters that the article's own faces lack.

Each is a font file of the paper, or a family that comes with Matplotlib. Fonts installed on the machine are not
allowed, because the PDF would then depend on the machine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

from generator.core.diagnostics import suggestion
from generator.core.errors import Place, UsageError
from generator.core.reading import MAX_FONT_BYTES, read_regular
from generator.render.fonts import Face

SUFFIXES = {".ttf", ".otf", ".woff", ".woff2"}
CARRIED = "mpl-data/fonts/ttf"
NO_TEXT = ("LastResortHE", "DejaVuSansDisplay", "DejaVuSerifDisplay", "STIXSiz", "STIXNonUni", "cmex", "cmsy", "cmmi")


def fallback_faces(names: Sequence[str], folder: Path, place: Place | str) -> tuple[Face, ...]:
    """The faces of `names`: font files, relative to the paper's `folder`, or families that come with Matplotlib.

    Raises UsageError at `place` when a name is neither, or a file is not a font.
    """
    return tuple(face for name in names for face in _faces(name, folder, place))


def _faces(name: str, folder: Path, place: Place | str) -> list[Face]:
    if Path(name).suffix.lower() in SUFFIXES:
        return [_own(name, folder, place)]
    carried = _carried()
    found = [face for face in carried if face.family == name]
    if not found:
        what = f"There is no font “{name}”"
        files = f"A file has to end in {', '.join(sorted(SUFFIXES))} and is looked for in the paper's folder."
        families = dict.fromkeys(face.family for face in carried)
        raise UsageError(what, place, f"{suggestion(name, families)} {files}")
    return found


def _own(name: str, folder: Path, place: Place | str) -> Face:
    path = folder / name
    if not path.is_file():
        near = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES]
        step = suggestion(name, near) if near else "Put the file into the paper's folder."
        raise UsageError(f"There is no font file {name} in the paper's folder", place, step)
    try:
        return _described(path, "", str(path.resolve()))
    except Exception as error:  # fontTools may fail in any way on a file with any content
        step = "Give a whole TrueType or OpenType font with one face."
        raise UsageError(f"{name} is not a font that can be used: {error}", place, step) from None


def _carried() -> list[Face]:
    """The text faces that come with Matplotlib, found without importing it."""
    spec = find_spec("matplotlib")
    assert spec is not None and spec.origin is not None, "the generator depends on Matplotlib"
    files = sorted((Path(spec.origin).parent / CARRIED).glob("*.ttf"))
    return [_described(path, "matplotlib", f"{CARRIED}/{path.name}") for path in files if _is_for_text(path)]


def _is_for_text(path: Path) -> bool:
    return not path.name.startswith(NO_TEXT)


def _described(path: Path, package: str, file: str) -> Face:
    """The face as described by its own tables."""
    with TTFont(io.BytesIO(read_regular(path, MAX_FONT_BYTES)), lazy=True) as font:
        names = font["name"]
        family = str(names.getDebugName(16) or names.getDebugName(1) or path.stem)
        weight = 600 if font["OS/2"].usWeightClass >= 600 else 400
        italic = font["post"].italicAngle != 0
        font["cmap"].getBestCmap()
    return Face(re.sub(r"""[^\w .&+-]""", " ", family), weight, "italic" if italic else "normal", package, file)
