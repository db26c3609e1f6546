"""What each stage depends on: the table of what makes what stale, as code.

A stage's key contains whatever can change its output, and nothing else. Computing keys imports neither TensorFlow nor
NumPy nor Matplotlib.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec

from generator.build.codedigest import function_digests, module_digests
from generator.build.store import Entry, Key
from generator.core.dates import edition_date
from generator.core.environment import Commit, versions
from generator.core.files import sha256
from generator.core.paths import TEMPLATES, readable
from generator.core.reading import MAX_DATA_BYTES, MAX_FONT_BYTES, MAX_PICTURE_BYTES, MAX_TEXT_BYTES
from generator.paper import Paper
from generator.records.dataset import Dataset, Loading, Source
from generator.records.results import Provenance
from generator.records.run import TrainingSettings
from generator.render.doctor import library_versions

FONT_PACKAGES = ("font-source-serif-pro", "font-source-sans-pro")
TYPESETTERS = (
    "weasyprint",
    "pydyf",
    "fonttools",
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
RECIPE = ("build_model", "fit_options")
"""The functions of the experiment that training runs; an experiment without the second trains by Keras's defaults."""

_TEXTS = dict.fromkeys((".md", ".bib", ".py"), MAX_TEXT_BYTES)
_PICTURES = dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp"), MAX_PICTURE_BYTES)
PROSE_FILES = _TEXTS | _PICTURES
"""The suffixes of files that the article can show, with as many bytes as are read of one."""


def data(experiment: Path, given: Loading) -> Key:
    """The key of the arrays that load_data() returns; their source is known by the digest of what was decoded from it.

    What else load_data() reads is not part of it, as for every stage that runs the author's code: the store holds it.
    """
    parts = _code(function_digests(experiment, "load_data"), module_digests("generator.model.loading"), _recording())
    unchecked = {} if given.settings is None or given.settings.check else {"setting data.check": "False"}
    parts |= _settings("training", {"validation": given.validation}) if given.validation else {}
    found = given.source.digest if given.source else "none declared"
    return Key("data", parts | _versions("numpy") | unchecked | {"data": found})


def arrays(dataset: Dataset) -> Key:
    """The key of arrays by their own content, so that load_data() may change and they need not."""
    return Key("arrays", _digests(dataset))


def run(experiment: Path, settings: TrainingSettings, dataset: Dataset, seed: int) -> Key:
    """The key of one trained replicate."""
    return Key("train", _training(experiment, settings) | _digests(dataset) | {"seed": str(seed)})


def trial(experiment: Path, settings: TrainingSettings, dataset: Dataset) -> Key:
    """The key of the trial of the model on the data."""
    parts = _code(*_recipe(experiment), module_digests("generator.model.trial"), _recording())
    chosen = {"batch_size": settings.batch_size, "threads": settings.threads}
    parts |= _versions("tensorflow", "keras", "numpy") | _settings("training", chosen)
    return Key("trial", parts | _digests(dataset))


def evidence(run: Entry) -> Key:
    """The key of the measurements of one replicate."""
    return Key("evidence", _measuring() | {"replicate": run.basis})


def costly(folder: Path, paper: Paper) -> Key:
    """The key of all replicates, trained and measured, as far as it is known before the data is looked for.

    A cache that is kept elsewhere is called by it. That may be wrong once in a while, as when a file at an address has
    changed that paper.toml declares no digest of: entries are found by their own keys and by what they read, whatever
    the cache is called. What they read is not known here, so every file beside the prose counts.
    """
    experiment, declared = folder / "experiment.py", paper.data
    parts = _training(experiment, paper.training) | {"replicates": str(paper.training.replicates)}
    loading = data(experiment, Loading(declared, None, paper.training.validation, ""))
    parts |= {"loading": loading.digest, "declared": _digest(declared)}
    if declared and declared.path:
        own = folder / declared.path
        parts["own data"] = _digest(_tree(own) if own.is_dir() else _of_file(own, MAX_DATA_BYTES))
    parts |= {f"file {name}": digest for name, digest in _others(folder, paper).items()}
    return Key("evidence", _measuring() | {"replicate": Key("train", parts).digest})


def response(run: Entry, image: int) -> Key:
    """The key of what one replicate makes of the image shown."""
    parts = _code(module_digests("generator.model.response"), _recording()) | _settings("figures", {"image": image})
    return Key("response", parts | {"replicate": run.basis})


def explorer(run: Entry, image: int) -> Key:
    """The key of one replicate made ready to run in the page."""
    parts = _code(module_digests("generator.explorer.explorer"), _recording()) | _versions("numpy", "matplotlib")
    return Key("explorer", parts | _settings("figures", {"image": image}) | {"replicate": run.basis})


def figures(measured: Iterable[Entry], response: Entry) -> Key:
    """The key of the figures, on the evidence of all replicates and one's response; their runs are behind them."""
    parts = _code(module_digests("generator.figures.figures"), module_digests("generator.figures.charts"))
    parts |= {f"evidence {index}": entry.basis for index, entry in enumerate(measured)}
    return Key("figures", parts | {"response": response.basis} | _versions("matplotlib", "pillow", "numpy"))


def published(run: Entry, paper: Paper) -> Key:
    """The key of the comparison with what was published."""
    parts = _code(module_digests("generator.results.reproduction")) | {"published": _digest(paper.published)}
    return Key("published", parts | {"replicate": run.basis})


def code(experiment: Path) -> Key:
    """The key of the experiment's constants, which are read from its code as it is."""
    return Key("code", {f"code {experiment.name}": sha256(experiment)})


def fonts() -> Key:
    """The key of the page's fonts: subsets of faces that packages hold."""
    return Key(
        "fonts", _code(module_digests("generator.render.fonts")) | _versions("fonttools", "brotli", *FONT_PACKAGES)
    )


def article(
    folder: Path, paper: Paper, source: Source | None, entries: Iterable[Entry], at: Commit, draft: bool, out: Path
) -> Key:
    """The key of the written article: the prose, how it looks, and the very files it reports on.

    `entries` are those of the data, of every replicate, its evidence, the response, the figures, the explorer if the
    article has it, and the fonts; measured times are in them. `out` is where all that is built goes, which is no part
    of the paper although it may lie in its folder.
    """
    parts = _code(module_digests("generator.article.writing")) | _written_from(folder, paper, out)
    parts |= {f"template {name}": digest for name, digest in _tree(TEMPLATES).items()}
    parts |= _class_names(source)
    parts |= {f"result {index}": entry.digest for index, entry in enumerate(entries)}
    parts["source"] = source.description if source else ""
    parts["date"] = str(edition_date(paper.date))
    parts["draft"] = str(draft)
    return Key("article", parts | {"commit": str(at.sha), "dirty": str(at.dirty)})


def unused(article: Key) -> Key:
    """The key of the list of results that a written article does not use."""
    return Key("unused", {"article": article.digest})


def check(folder: Path, paper: Paper, source: Source | None, out: Path) -> Key:
    """The key of the check that the article passes before anything is trained; `out` as for the article.

    The code of the check is not part of it: what it misses, the article stage refuses anyway.
    """
    return Key("check", _written_from(folder, paper, out) | _class_names(source))


def provenance(key: Key, dataset: Dataset, basis: str) -> Provenance:
    """What is behind the numbers of a stage; `basis` is the digest of its key, and of what it read."""
    code = sorted((name, digest) for name, digest in key.parts.items() if name.startswith("code "))
    data = sorted(_digests(dataset).items())
    return Provenance(code=_digest(code), data=_digest(data), key=basis)


def _measuring() -> dict[str, str]:
    """What measurements depend on, except for the replicate."""
    code = _code(module_digests("generator.measures.evidence"), _recording())
    return code | _versions("scikit-learn", "numpy")


def _recording() -> dict[str, str]:
    """The code that records what the author's code reads: an entry of older code may lack some of it."""
    return module_digests("generator.data.tracing")


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def _recipe(experiment: Path) -> list[dict[str, str]]:
    """Digests of the code by which a network is made and trained."""
    return [function_digests(experiment, function) for function in RECIPE]


def _training(experiment: Path, settings: TrainingSettings) -> dict[str, str]:
    """What training depends on, except for the arrays and the seed."""
    parts = _code(*_recipe(experiment), module_digests("generator.model.training"), _recording())
    chosen = {name: getattr(settings, name) for name in ("epochs", "batch_size", "threads")}
    return parts | _versions("tensorflow", "keras", "numpy") | _settings("training", chosen)


def _written_from(folder: Path, paper: Paper, out: Path) -> dict[str, str]:
    """What the author writes, the fonts that he names, and what sets them."""
    parts = _versions(*TYPESETTERS) | {f"version {name}": number for name, number in library_versions().items()}
    parts |= {f"paper {name}": digest for name, digest in _prose(folder, paper, out).items()}
    parts |= {f"font {name}": digest for name, digest in _fonts(folder, paper).items()}
    return parts | {"paper paper.toml": _digest(paper)}


def _prose(folder: Path, paper: Paper, out: Path) -> dict[str, str]:
    """Digests of the files that the article can show; the data, which may be many images, is not among them."""
    own = [folder / paper.data.path] if paper.data and paper.data.path else []
    return _tree(folder, PROSE_FILES, [out, *own])


def _others(folder: Path, paper: Paper) -> dict[str, str]:
    """Digests of the paper's files that are neither its prose, which pictures are part of, nor its data."""
    own = [folder / paper.data.path] if paper.data and paper.data.path else []
    files = _tree(folder, without=[folder / "paper.toml", *own])
    return {name: digest for name, digest in files.items() if Path(name).suffix not in PROSE_FILES}


def _class_names(source: Source | None) -> dict[str, str]:
    """The names that the data has for its classes, which its digest does not tell."""
    return {"class names": str(source.class_names) if source else ""}


def _fonts(folder: Path, paper: Paper) -> dict[str, str]:
    """Digests of the font files that the paper brings; families that a package holds have its version."""
    found = {name: _of_file(folder / name, MAX_FONT_BYTES) for name in paper.fonts.fallback}
    return {name: digest for name, digest in found.items() if digest}


def _tree(folder: Path, suffixes: Collection[str] = (), without: Iterable[Path] = ()) -> dict[str, str]:
    """Digests of the files in a folder by name; hidden folders, such as .git and .venv, are not looked into."""
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
    """The digest of a file of at most so many bytes; of a larger one, which is never read, that it is; else None."""
    if not path.is_file():
        return None
    return "too large" if path.stat().st_size > most else sha256(path)


def _digests(dataset: Dataset) -> dict[str, str]:
    """The arrays' digests, with the shapes and types that their bytes alone do not tell."""
    return {f"array {name}": f"{info.sha256} {info.dtype} {info.shape}" for name, info in dataset.by_name.items()}


def _code(*digests: Mapping[str, str]) -> dict[str, str]:
    return {f"code {name}": digest for files in digests for name, digest in files.items()}


def _versions(*packages: str) -> dict[str, str]:
    return {f"version {name}": number for name, number in versions(*packages).items()}


def _settings(table: str, values: Mapping[str, object]) -> dict[str, str]:
    return {f"setting {table}.{name}": str(value) for name, value in values.items()}
