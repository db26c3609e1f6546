"""Checks before training: the request, the folder, the source of the data, the names in the article.

Training takes minutes, so whatever would make a build fail at its end is refused here if it can be known in advance.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from generator.build.declarations import ANALYSIS, constants, declared, mentions, variables
from generator.core.console import Display
from generator.core.diagnostics import MAX_NAMES, suggestion
from generator.core.errors import Place, ReportError, UsageError
from generator.core.formatting import counted, first_few, integer
from generator.core.reading import read_author_text
from generator.data import sources
from generator.paper import Overrides, Paper, line_of, place_of
from generator.records.analysis import Declared, TriedMeasure
from generator.records.article import Target
from generator.records.condition import MAIN
from generator.records.dataset import Dataset, Source
from generator.records.needs import Needs
from generator.records.trial import Trial


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes:
        folder: absolute path of the paper.
        out: absolute path for everything built.
        data: --data; None: not given.
        overrides: values of --set and --replicates, by key of paper.toml.
        scheduler: address of a Dask cluster; None: this machine.
        draft: whether to build even if claims do not hold.
        refresh: whether to look for the data again.
        verbose: whether to say why stages run, and which results the article does not use.
        only: name of the only variant to update, for a draft; None: update all conditions.
    """

    folder: Path
    out: Path
    data: str | None
    overrides: Overrides
    scheduler: str | None = None
    draft: bool = False
    refresh: bool = False
    verbose: bool = False
    only: str | None = None


def out_folder(out: Path, paper: Path) -> Path:
    """Creates the folder for everything built. Raises UsageError when it cannot be used as one.

    A new folder has a .gitignore, so that nothing built is put under version control, wherever the folder is.
    It must not contain the paper, because reads from this folder do not count as inputs. Raises OSError when the system
    does not allow it to be created although the command is correct.
    """
    if paper.resolve().is_relative_to(out.resolve()):
        step = "Choose another output folder, such as --out build."
        raise UsageError("The output folder contains the paper", f"--out {out}", step)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        if is_new:
            (out / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG):
            raise
        step = "Use --out to name a folder that you can write to."
        raise UsageError(f"Cannot create this folder: {error.strerror}", f"--out {out}", step) from None
    return out


def check_only(request: Request, paper: Paper) -> None:
    """Raises UsageError if the request names a variant that the paper does not have."""
    if request.only is not None and request.only not in paper.variants:
        step = suggestion(request.only, paper.variants) if paper.variants else "Add it to paper.toml, under [variants]."
        raise UsageError(f"The paper has no variant {request.only}", "--only", step)


def check_fonts(request: Request, paper: Paper) -> None:
    """Looks for the fonts that the paper names. Raises UsageError as `fallback_faces` does, with the name's line."""
    toml = request.folder / "paper.toml"
    for name in paper.fonts.fallback:
        from generator.render.fallback_fonts import fallback_faces  # imports fontTools, which few papers need

        forms = (f'"{name}"', f"'{name}'")
        lines = enumerate(read_author_text(toml).splitlines(), 1)
        line = next((number for number, text in lines if any(form in text for form in forms)), None)
        place = "--set fonts.fallback" if "fonts.fallback" in request.overrides else Place(toml, line)
        fallback_faces([name], request.folder, place)


def find_source(request: Request, paper: Paper, display: Display, only_look: bool) -> Source | None:
    """The source of the paper's data: remembered, or looked for; without the network if this build only looks.

    Raises ReportError as `sources.find` does.
    """
    if paper.data is None or not paper.data.name:
        if request.data is not None:
            step = "Remove --data, or declare the data under [data] in paper.toml."
            raise UsageError("This paper declares no data that --data could replace", "--data", step)
        return None
    wanted, cache = (paper.data, request.folder, request.data), request.out / "cache"
    toml = request.folder / "paper.toml"
    try:
        source = None if request.refresh else sources.remembered(*wanted, cache, say=display.say)
        if source is None and only_look:
            source = sources.look(*wanted, say=display.say)
        elif source is None:
            source = sources.find(*wanted, cache, say=display.say)
    except ReportError as error:
        if error.where != Place(toml):
            raise
        raise type(error)(error.what, place_of(toml, request.overrides, "data", "path"), error.next) from None
    if source and source.preview:
        display.say(f"Preview: the data is {source.description}. It cannot be published.")
    return source


def needs(folder: Path, paper: Paper) -> Needs:
    """What the article needs from the run. Raises ReportError as `prose.read` does."""
    from generator.article import needs  # takes a while to load
    from generator.prose import prose

    text, own = prose.read(folder / "article.md"), declared(folder)
    mentioned = mentions(folder, needs.drawn(text, own), [one.name for one in own if one.kind == "measure"])
    return needs.needs(text, paper, own, mentioned.names, mentioned.is_open)


def _check_drawing(request: Request, paper: Paper, dataset: Dataset) -> None:
    """Raises UsageError if [explorer.drawing] does not fit the data."""
    drawing, shape = paper.explorer.drawing, dataset.x_test.shape[1:]
    if drawing is None:
        return
    place = partial(place_of, request.folder / "paper.toml", request.overrides, "explorer", "drawing")
    if shape[2] != 1:
        what = f"Drawings have one channel, but the images have {shape[2]}"
        raise UsageError(what, place(), "Remove [explorer.drawing]; readers can still choose test images.")
    if drawing.canvas != tuple(shape[:2]):
        what, step = "The canvas and the images differ in size", f"Write canvas = [{shape[0]}, {shape[1]}]."
        raise UsageError(what, place("canvas"), step)
    if drawing.box > min(drawing.canvas):
        step = f"Choose a box of at most {min(drawing.canvas)}."
        raise UsageError("The box is larger than the canvas", place("box"), step)


def absent_labels(folder: Path, dataset: Dataset) -> list[str]:
    """A line that names the labels no training image has; empty if there are none. `folder` contains the arrays.

    An author whose labels count from 1 has one class more than they know of.
    """
    import numpy as np

    found = set(np.unique(np.load(folder / "y_train.npy")).tolist())
    absent = [str(label) for label in range(dataset.classes) if label not in found]
    named = f"the label {absent[0]}" if len(absent) == 1 else f"the labels {first_few(absent, MAX_NAMES)}"
    hint = "; subtract 1 if yours count from 1" if absent == ["0"] else ""
    return [f"no training image has {named}; labels must count from 0{hint}"] if absent else []


def leaked_images(folder: Path) -> list[str]:
    """A line that counts the test images that are also in the training set; empty if none is."""
    import numpy as np

    train, test = (np.load(folder / f"x_{part}.npy", mmap_mode="r") for part in ("train", "test"))
    tested = [hashlib.blake2b(image).digest() for image in test]
    seen = set(tested).intersection(hashlib.blake2b(image).digest() for image in train)
    count = sum(image in seen for image in tested)
    which = f"{integer(count)} of {integer(len(tested))} test images {'is' if count == 1 else 'are'} also"
    told = f"{which} in the training set, so the test accuracy says less about new images"
    return [told] if count else []


def check_choices(request: Request, paper: Paper, source: Source | None, dataset: Dataset) -> None:
    """Raises UsageError if a setting in paper.toml does not fit the data."""
    count = dataset.x_test.shape[0]
    if paper.figures.image >= count:
        place = place_of(request.folder / "paper.toml", request.overrides, "figures", "image")
        step = f"Choose an index from 0 to {count - 1} for figures.image."
        raise UsageError(f"There is no test image {paper.figures.image}", place, step)
    if not (source and source.preview):
        _check_class_names(request, paper, dataset)
    _check_drawing(request, paper, dataset)


def _check_class_names(request: Request, paper: Paper, dataset: Dataset) -> None:
    """Raises UsageError if [data] names only some of the classes, or more than there are."""
    names = paper.data.classes if paper.data else ()
    if not names or len(names) == dataset.classes:
        return
    place = place_of(request.folder / "paper.toml", request.overrides, "data", "classes")
    classes = counted(dataset.classes, "class", "classes")
    what = f"data.classes holds {counted(len(names), 'name')}, but the data has {classes}"
    raise UsageError(what, place, "Name each class once, in the order of the labels.")


def check_article(folder: Path, paper: Paper, source: Source | None) -> None:
    """Resolves as much of the article as is possible without a run and without TensorFlow.

    Raises ReportError for whatever would fail after training: all errors in the prose at once, or, if there are none,
    all characters, words, and lines that cannot be printed.
    """
    from generator.article import comparison, foreseen, glyphs, lookup  # an unchanged build needs none of them
    from generator.article.long_lines import long_lines
    from generator.article.material import Material
    from generator.article.printed_text import printed_text, settings_texts
    from generator.core import diagnostics
    from generator.prose import bibliography, literals, misplaced_values, prose
    from generator.render import page

    literals.check_reasons(paper.literals, folder / "paper.toml")
    text, entries = prose.read(folder / "article.md"), bibliography.read(folder / "references.bib")
    own = declared(folder)
    names = foreseen.names(paper, constants(folder), {}, own, variables=variables(folder))
    exhibits, missing = foreseen.exhibits(own), foreseen.missing_exhibits(paper, None, (folder / ANALYSIS).exists())
    _check_own_names(folder, own)
    material = Material(text, names, exhibits, entries, missing=missing, is_foreseen=True)
    found = [fault for target in get_args(Target) for fault in lookup.faults(material, target)]
    found += comparison.faults(paper, names, _columns(folder), {})
    if paper.original and paper.original.citation not in text.cited:
        found.append(page.uncited_original(paper.original))
    if paper.data and paper.data.citation and paper.data.citation not in text.cited:
        found.append(_uncited_data(folder / "paper.toml", paper.data.citation))
    found += misplaced_values.in_settings(settings_texts(paper, folder / "paper.toml"))
    diagnostics.refuse([*found, *literals.unbound(text, paper.literals)])
    printed = printed_text(folder, paper, text, source)
    diagnostics.refuse([*glyphs.missing_glyphs(folder, paper, printed), *long_lines(printed)])


def _uncited_data(toml: Path, citation: str) -> ReportError:
    what = f'The data\'s own reference, "{citation}", is not among the references of the article.'
    step = f"Cite it in article.md, as [@{citation}], and add it to references.bib."
    return ReportError(what, Place(toml, line_of(toml, "data", "citation")), step)


def _check_own_names(folder: Path, own: Sequence[Declared]) -> None:
    """Raises ReportError if one of the author's figures or tables has the name of one of the generator's."""
    from generator.article import foreseen

    taken = {exhibit.name: exhibit.kind for exhibit in foreseen.exhibits().values()}
    for one in own:
        if one.kind != "measure" and one.name in taken:
            place = Place(folder / ANALYSIS, one.line)
            what = f"The generator already has a {taken[one.name]} {one.name}"
            raise ReportError(what, place, "Rename the function.")


def check_names(
    folder: Path,
    paper: Paper,
    trials: Mapping[str, Trial],
    validated: Mapping[str, str],
    tried: Mapping[str, Sequence[TriedMeasure]],
) -> None:
    """Raises ReportError when the article or [published] uses results that the models cannot have.

    The same goes for exhibits, and for model names that are too long to print. `trials` are by condition.
    """
    from generator.article import comparison, foreseen, lookup
    from generator.article.long_lines import long_names
    from generator.core import diagnostics
    from generator.prose import prose
    from generator.results import reproduction

    text, trial = prose.read(folder / "article.md"), trials[MAIN]
    names = foreseen.names(paper, constants(folder), trials, declared(folder), validated, tried)
    unknown = [
        *lookup.unknown_names(text, names, validated),
        *comparison.faults(paper, names, _columns(folder), validated),
    ]
    unknown += lookup.missing_exhibits(text, foreseen.missing_exhibits(paper, trial, (folder / ANALYSIS).exists()))
    if paper.published:
        unknown += reproduction.unknown_names(paper.published, trial.kinds, trial.metrics, folder / "paper.toml")
    unknown += long_names((*trial.kinds, *trial.maps, *trial.metrics), folder / "experiment.py")
    diagnostics.refuse(unknown)


def _columns(folder: Path) -> Place:
    """The place in paper.toml that lists the columns of the comparison."""
    toml = folder / "paper.toml"
    return Place(toml, line_of(toml, "comparison", "columns"))
