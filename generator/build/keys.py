"""The key of each stage: everything that makes its result stale.

A stage's key contains whatever can change its output, and nothing else. Computing keys imports neither TensorFlow nor
NumPy nor Matplotlib.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from generator.build.codedigest import function_digests, module_digests, once_a_look, one_look
from generator.build.store import Entry, Key
from generator.core.dates import edition_date
from generator.core.environment import Commit, versions
from generator.core.files import sha256
from generator.core.paths import TEMPLATES, readable
from generator.core.reading import MAX_DATA_BYTES, MAX_FONT_BYTES, MAX_PICTURE_BYTES, MAX_TEXT_BYTES
from generator.paper import Comparison, MeasureSettings, Paper
from generator.records.analysis import STAGE, Declared
from generator.records.condition import Condition, Recipe
from generator.records.dataset import Dataset, Loading, Source
from generator.records.printed import Printed
from generator.records.results import Provenance
from generator.records.run import TrainingSettings
from generator.render.doctor import library_versions

FONT_PACKAGES = ("font-source-serif-pro", "font-source-sans-pro")
WRITERS = (
    "fonttools",
    "uharfbuzz",
    "jinja2",
    "markdown-it-py",
    "mdit-py-plugins",
    "pygments",
    "pybtex",
    "latex2mathml",
    "ziamath",
    "matplotlib",
    "pillow",
    *FONT_PACKAGES,
)
TYPESETTERS = ("weasyprint", "pydyf", "tinycss2", "tinyhtml5", "cssselect2", "pyphen", "fonttools", "pillow")
RECIPE = ("build_model", "fit_options")
"""The functions of the experiment that training runs; without the second, training uses Keras's defaults."""

OF_TRAINING = ("epochs", "batch_size", "threads")
"""The training settings that affect its result."""

MEASURE_MODULES = {
    "activity": "activity",
    "probes": "probing",
    "orientation": "orientation",
    "ablation": "ablation",
}
"""For each stage, its module in generator.measures."""

_TEXTS = dict.fromkeys((".md", ".bib", ".py"), MAX_TEXT_BYTES)
_PICTURES = dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"), MAX_PICTURE_BYTES)
PROSE_FILES = _TEXTS | _PICTURES
"""Suffixes of the files that the article can show, with the largest size in bytes that is read."""


@one_look()
def data(experiment: Path, given: Loading) -> Key:
    """The key of the arrays that load_data() returns. Their source is identified by the digest of its decoded content.

    Whatever else load_data() reads is not in the key: as for every stage that runs the author's code, the store records
    it.
    """
    parts = _code(function_digests(experiment, "load_data"), module_digests("generator.model.loading"), _reading())
    unchecked = {} if given.settings is None or given.settings.check else {"setting data.check": "False"}
    parts |= _settings("training", {"validation": given.validation}) if given.validation else {}
    parts |= _arguments("load_data", given.arguments)
    found = given.source.digest if given.source else "none declared"
    return Key("data", parts | _versions("numpy") | unchecked | {"data": found})


def arrays(dataset: Dataset) -> Key:
    """The key of arrays by their content alone: a change to load_data() that leaves them as they are keeps it."""
    return Key("arrays", _digests(dataset))


@one_look()
def run(recipe: Recipe, settings: TrainingSettings, dataset: Dataset, seed: int) -> Key:
    """The key of one trained replicate."""
    return Key("train", _training(recipe, settings) | _digests(dataset) | {"seed": str(seed)})


@one_look()
def trial(recipe: Recipe, settings: TrainingSettings, dataset: Dataset) -> Key:
    """The key of the trial of a model on the data."""
    tried = module_digests("generator.model.trial"), module_digests("generator.measures.inapplicable")
    parts = _code(*_recipe(recipe.path), *tried, _reading())
    parts |= _arguments("build_model", recipe.arguments)
    chosen = {"batch_size": settings.batch_size, "threads": settings.threads}
    parts |= _versions("tensorflow", "keras", "numpy") | _settings("training", chosen)
    return Key("trial", parts | _digests(dataset))


@one_look()
def evidence(run: Entry) -> Key:
    """The key of one replicate's predictions, and of what is computed from its weights."""
    return Key("evidence", _measuring("evidence") | {"replicate": run.basis})


@one_look()
def measure(stage: str, run: Entry, before: Mapping[str, Entry], settings: MeasureSettings) -> Key:
    """The key of a measure of one replicate that is its own stage; `before` are the entries that it depends on."""
    parts = _measuring(MEASURE_MODULES[stage]) | {"replicate": run.basis}
    parts |= {name: entry.basis for name, entry in before.items()}
    if stage == "ablation" and settings.channels is not None:
        parts |= _settings("measures", {"channels": settings.channels})
    return Key(stage, parts)


@one_look()
def own_measure(analysis: Path, name: str, run: Entry) -> Key:
    """The key of one of the author's measures of one replicate. It covers the code that this function reaches."""
    code = _code(function_digests(analysis, name), module_digests("generator.measures.own"), _reading())
    return Key(f"{STAGE}{name}", code | _versions("tensorflow", "keras", "numpy") | {"replicate": run.basis})


@one_look()
def own_exhibit(analysis: Path, declared: Declared, entries: Iterable[Entry], conditions: Sequence[Condition]) -> Key:
    """The key of one of the author's figures or tables, from the entries of all replicates of all conditions."""
    code = _code(function_digests(analysis, declared.name), module_digests("generator.figures.own"), _reading())
    code |= _code(module_digests("generator.results.condition_values"), module_digests("generator.results.joined"))
    parts = {f"replicate {index}": entry.digest for index, entry in enumerate(entries)}  # times are results, too
    parts |= {"conditions": _digest(conditions), "width": declared.width}
    return Key(declared.stage, code | parts | _versions("matplotlib", "numpy"))


@one_look()
def costly(folder: Path, paper: Paper) -> Key:
    """The key of training and measuring all replicates, as far as it is known before the data is found.

    It names a cache that is kept elsewhere. The name may miss a change, such as a changed download for which paper.toml
    declares no digest. This does no harm: entries are found by their own keys and by what they read, whatever the cache
    is called. What they read is unknown here, so every file besides the prose counts.
    """
    experiment, declared = folder / "experiment.py", paper.data
    parts = _training(Recipe(experiment), paper.training) | {"replicates": str(paper.training.replicates)}
    parts |= {"variants": _digest(paper.variants), "measures": _digest(paper.measures)}
    loading = data(experiment, Loading(declared, None, paper.training.validation, ""))
    parts |= {"analysis": _digest(_of_file(folder / "analysis.py", MAX_TEXT_BYTES))}
    parts |= {"loading": loading.digest, "declared": _digest(declared)}
    if declared and declared.path:
        own = folder / declared.path
        parts["own data"] = _digest(_tree(own) if own.is_dir() else _of_file(own, MAX_DATA_BYTES))
    parts |= {f"file {name}": digest for name, digest in _others(folder, paper).items()}
    measuring = _measuring("evidence", *MEASURE_MODULES.values())
    return Key("evidence", measuring | {"replicate": Key("train", parts).digest})


def response(run: Entry, image: int) -> Key:
    """The key of one replicate's response to the image shown."""
    parts = _code(module_digests("generator.model.response"), _reading()) | _settings("figures", {"image": image})
    return Key("response", parts | {"replicate": run.basis})


def explorer(run: Entry, image: int) -> Key:
    """The key of one replicate prepared to run in the page."""
    parts = _code(module_digests("generator.explorer.explorer"), _reading()) | _versions("numpy", "matplotlib")
    return Key("explorer", parts | _settings("figures", {"image": image}) | {"replicate": run.basis})


@one_look()
def figures(measured: Iterable[Entry], response: Entry, comparison: Comparison, conditions: Iterable[str]) -> Key:
    """The key of the figures, from the measures of all replicates and the response of one.

    The entries of these cover the runs. `conditions` are the names of the conditions that are compared.
    """
    parts = _code(module_digests("generator.figures.figures"), module_digests("generator.figures.charts"))
    parts |= _code(module_digests("generator.results.joined"))
    parts |= {f"measured {index}": entry.basis for index, entry in enumerate(measured)}
    if comparison.columns:
        parts |= _code(module_digests("generator.figures.comparison")) | {"comparison": _digest(comparison)}
        parts |= {"conditions": _digest(tuple(conditions))}
    return Key("figures", parts | {"response": response.basis} | _versions("matplotlib", "pillow", "numpy"))


def published(run: Entry, paper: Paper) -> Key:
    """The key of the comparison with the published numbers."""
    parts = _code(module_digests("generator.results.reproduction")) | {"published": _digest(paper.published)}
    return Key("published", parts | {"replicate": run.basis})


def code(modules: Iterable[Path]) -> Key:
    """The key of the constants of the author's modules, which are read from their source."""
    return Key("code", {f"code {path.name}": sha256(path) for path in modules})


def fonts() -> Key:
    """The key of the page's fonts, which are subsets of faces from packages."""
    return Key(
        "fonts",
        _code(module_digests("generator.render.fonts")) | _versions("fonttools", "uharfbuzz", "brotli", *FONT_PACKAGES),
    )


@one_look()
def article(
    folder: Path, paper: Paper, source: Source | None, entries: Iterable[Entry], at: Commit, draft: bool, out: Path
) -> Key:
    """The key of the written article: its prose, its appearance, and the exact files it reports on.

    `entries` are those of the data, of every replicate and its measures, the response, the figures, the explorer if the
    article has it, and the fonts; they include measured times. `out` is the folder for everything built, which is not
    part of the paper even if it is in the paper's folder.
    """
    parts = _code(module_digests("generator.article.writing"), module_digests("generator.results.joined"))
    parts |= _written_from(folder, paper, out)
    parts |= {f"template {name}": digest for name, digest in _tree(TEMPLATES).items()}
    parts |= _class_names(source)
    parts |= {f"result {index}": entry.digest for index, entry in enumerate(entries)}
    parts["source"] = source.description if source else ""
    parts["date"] = str(edition_date(paper.date))
    parts["draft"] = str(draft)
    return Key("article", parts | {"commit": str(at.sha), "dirty": str(at.dirty)})


@one_look()
def pdf(printed: Printed) -> Key:
    """The key of the PDF: its document, what is embedded in it, its fonts, and what typesets it."""
    parts = _code(module_digests("generator.article.typesetting")) | _versions(*TYPESETTERS) | _libraries()
    parts |= {f"font {url}": digest for url, digest in printed.fonts.items()}
    parts |= {f"attachment {one.name}": _digest(one) for one in printed.attachments}
    return Key("pdf", parts | {"document": _digest(printed.html), "date": str(printed.date)})


def unused(article: Key) -> Key:
    """The key of the list of results that a written article does not use."""
    return Key("unused", {"article": article.digest})


@one_look()
def check(folder: Path, paper: Paper, source: Source | None, out: Path) -> Key:
    """The key of the check that the article passes before anything is trained; `out` is as in `article`.

    The code of the check is left out: what an older check has missed, the article stage refuses, except data whose
    reference is not cited, which is no error in what the article says. The code that finds what the article needs is
    included.
    """
    code = _code(module_digests("generator.article.needs"), module_digests("generator.build.declarations"))
    return Key("check", code | _libraries() | _written_from(folder, paper, out) | _class_names(source))


def provenance(key: Key, dataset: Dataset, basis: str) -> Provenance:
    """The provenance of a stage's numbers; `basis` is the digest of its key and of what it read."""
    code = sorted((name, digest) for name, digest in key.parts.items() if name.startswith("code "))
    data = sorted(_digests(dataset).items())
    return Provenance(code=_digest(code), data=_digest(data), key=basis)


def _measuring(*modules: str) -> dict[str, str]:
    """What measures depend on, except for the replicate."""
    code = _code(*(module_digests(f"generator.measures.{module}") for module in modules), _reading())
    return code | _versions("scikit-learn", "scipy", "numpy")


def _reading() -> Mapping[str, str]:
    """The code that gives tasks their arrays, and that records what the author's code reads.

    Entries made by older code may lack some reads.
    """
    return {**module_digests("generator.model.mapped"), **module_digests("generator.data.tracing")}


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def _recipe(experiment: Path) -> list[Mapping[str, str]]:
    """Digests of the code that makes and trains a network."""
    return [function_digests(experiment, function) for function in RECIPE]


def _training(recipe: Recipe, settings: TrainingSettings) -> dict[str, str]:
    """What training depends on, except for the arrays and the seed."""
    parts = _code(*_recipe(recipe.path), module_digests("generator.model.training"), _reading())
    parts |= _arguments("build_model", recipe.arguments)
    chosen = {name: getattr(settings, name) for name in OF_TRAINING}
    return parts | _versions("tensorflow", "keras", "numpy") | _settings("training", chosen)


def _written_from(folder: Path, paper: Paper, out: Path) -> dict[str, str]:
    """What the author writes, the fonts it names, and the libraries that make a page of it."""
    parts = _versions(*WRITERS)
    parts |= {f"paper {name}": digest for name, digest in _prose(folder, paper, out).items()}
    parts |= {f"font {name}": digest for name, digest in _fonts(folder, paper).items()}
    return parts | {"paper paper.toml": _digest(paper)}


def _prose(folder: Path, paper: Paper, out: Path) -> dict[str, str]:
    """Digests of the files that the article can show, without the data, which may be many images."""
    own = [folder / paper.data.path] if paper.data and paper.data.path else []
    return _tree(folder, PROSE_FILES, [out, *own])


def _others(folder: Path, paper: Paper) -> dict[str, str]:
    """Digests of the paper's files, without its prose, its pictures, and its data."""
    own = [folder / paper.data.path] if paper.data and paper.data.path else []
    files = _tree(folder, without=[folder / "paper.toml", *own])
    return {name: digest for name, digest in files.items() if Path(name).suffix not in PROSE_FILES}


def _class_names(source: Source | None) -> dict[str, str]:
    """The names of the data's classes, which its digest does not cover."""
    return {"class names": str(source.class_names) if source else ""}


def _fonts(folder: Path, paper: Paper) -> dict[str, str]:
    """Digests of the paper's own font files. Families from a package are covered by the package's version."""
    found = {name: _of_file(folder / name, MAX_FONT_BYTES) for name in paper.fonts.fallback}
    return {name: digest for name, digest in found.items() if digest}


def _tree(folder: Path, suffixes: Collection[str] = (), without: Iterable[Path] = ()) -> dict[str, str]:
    """Digests of the files in a folder, by name; hidden folders and those such as __pycache__ are skipped."""
    left_out, found = set(without), dict[str, str]()
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if not name.startswith((".", "__")) and here / name not in left_out]
        files = (here / name for name in names if here / name not in left_out)
        for path in (path for path in files if not suffixes or path.suffix in suffixes):
            if digest := _of_file(path, PROSE_FILES.get(path.suffix, MAX_DATA_BYTES)):
                found[readable(str(path.relative_to(folder)))] = digest
    return dict(sorted(found.items()))


def _of_file(path: Path, most: int) -> str | None:
    """The digest of a file of at most `most` bytes, "too large" for one that is never read, or None for no file."""
    if not path.is_file():
        return None
    return "too large" if path.stat().st_size > most else sha256(path)


def _digests(dataset: Dataset) -> dict[str, str]:
    """The arrays' digests, with the shapes and types that the bytes alone do not determine."""
    return {f"array {name}": f"{info.sha256} {info.dtype} {info.shape}" for name, info in dataset.by_name.items()}


def _code(*digests: Mapping[str, str]) -> dict[str, str]:
    return {f"code {name}": digest for files in digests for name, digest in files.items()}


@once_a_look
def _versions(*packages: str) -> dict[str, str]:
    return {f"version {name}": number for name, number in versions(*packages).items()}


def _libraries() -> dict[str, str]:
    """The versions of the system's libraries that WeasyPrint needs."""
    return {f"version {name}": number for name, number in library_versions().items()}


def _arguments(function: str, values: Mapping[str, object]) -> dict[str, str]:
    return {f"argument {function}({name})": repr(value) for name, value in values.items()}


def _settings(table: str, values: Mapping[str, object]) -> dict[str, str]:
    return {f"setting {table}.{name}": str(value) for name, value in values.items()}
