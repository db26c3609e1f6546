"""Determines what an article needs from the run: the measures that its prose, claims, and exhibits use.

Measuring may take longer than training, so measures that are not needed are not run. This module does not check that
names exist; `lookup` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from generator.paper import Paper
from generator.prose.names import paths_in
from generator.prose.prose import Prose
from generator.records.analysis import Declared
from generator.records.condition import MAIN
from generator.records.measures import AFTER
from generator.records.needs import Needs
from generator.records.results import Path
from generator.results.condition_values import DIFFERENCE, VARIANTS
from generator.results.measure_values import stages_of
from generator.results.own_values import ANALYSIS

_OF_EXHIBITS: Mapping[str, tuple[str, ...]] = {
    "feature-maps": ("activity",),
    "receptive-fields": ("activity",),
    "orientation": ("orientation",),
    "probes": ("probes",),
    "selectivity": ("activity", "ablation"),
}
"""The measures that exhibits show. Feature maps and receptive fields show which channels are dead."""


def drawn(prose: Prose, declared: Sequence[Declared]) -> tuple[str, ...]:
    """The names of the author's figures and tables that the prose shows."""
    exhibits = prose.exhibits()
    return tuple(one.name for one in declared if one.kind != "measure" and one.name in exhibits)


def needs(
    prose: Prose, paper: Paper, declared: Sequence[Declared], mentioned: Collection[str], is_open: bool = False
) -> Needs:
    """What the prose, the comparison of variants, and the author's own exhibits need.

    `declared` are the functions of analysis.py. `mentioned` are the names in the code of the figures and tables that
    the prose shows, some of which may be results; `is_open` says that this code may use any of the author's measures.
    """
    found: dict[str, set[str]] = {name: set() for name in (MAIN, *paper.variants)}
    exhibits = prose.exhibits()
    own = {one.name: one.stage for one in declared if one.kind == "measure"}
    shown = drawn(prose, declared)
    if shown:  # what they use is known only when they run
        asked = {stage for name in mentioned for stage in stages_of((name,))}
        asked |= {stage for name, stage in own.items() if is_open or name in mentioned}
        for stages in found.values():
            stages.update(asked)
    for name in exhibits:
        found[MAIN].update(_OF_EXHIBITS.get(name, ()))
    tokens = (token for token in prose.walk() if token.type in ("expression", "claim"))
    paths = [path for token in tokens for path in paths_in(token.content)]
    for name, path in _by_condition(paths, paper.variants):
        found.get(name, set()).update(_stages(path, own))  # wrong names are reported elsewhere
    if VARIANTS in exhibits:
        compared = [path for column in paper.comparison.columns for path in paths_in(column.value)]
        for stages in found.values():
            stages.update(stage for path in compared for stage in _stages(path, own))
    measures = {name: _ordered(stages, own) for name, stages in found.items()}
    return Needs("explorer" in exhibits, measures, shown, VARIANTS in exhibits)


def _stages(path: Path, own: Mapping[str, str]) -> Iterable[str]:
    """The stages that measure what a name refers to; `own` are those of the author's measures."""
    match path:
        case (begin, name, *_) if begin == ANALYSIS:
            return filter(None, [own.get(str(name))])
        case (begin,) if begin == ANALYSIS:
            return own.values()
    return stages_of(path)


_EVERYTHING: tuple[Path, ...] = (("hierarchy",), (ANALYSIS,))
"""Names that include all measures."""


def _by_condition(paths: Iterable[Path], variants: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Each name with its condition. A difference has two conditions, and a name that may be of any has all of them."""
    for path in paths:
        match path:
            case (begin, name, part, *rest) if begin == VARIANTS and part == DIFFERENCE:
                below = [tuple(rest)] if rest else _EVERYTHING
                yield from ((condition, path) for condition in (str(name), MAIN) for path in below)
            case (begin, name, *rest) if begin == VARIANTS:
                yield from ((str(name), path) for path in ([tuple(rest)] if rest else _EVERYTHING))
            case (begin,) if begin == VARIANTS:
                yield from ((condition, path) for condition in (MAIN, *variants) for path in _EVERYTHING)
            case _:
                yield MAIN, path


def _ordered(stages: Iterable[str], own: Mapping[str, str]) -> tuple[str, ...]:
    """The stages and those that they depend on, dependencies first."""
    wanted = {one for stage in stages for one in (stage, *AFTER.get(stage, ()))}
    return tuple(stage for stage in (*AFTER, *own.values()) if stage in wanted)
