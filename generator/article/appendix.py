"""The appendices: every claim with its verdict, and the origin of every number that the article shows.

An appendix without content is left out. The page folds the appendices. The PDF omits conditions, single values, and
digests, which are in the attached results.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from generator.core.formatting import FEW_REPLICATES, as_text
from generator.records.article import Article, Heading
from generator.records.claims import Claim, PairedDifference
from generator.records.results import Origin
from generator.records.run import Environment
from generator.render.links import Links, row_id
from generator.results.descriptions import described
from generator.results.outcome import Outcome
from generator.results.significance import ALPHA

CLAIMS = Heading(id="appendix:claims", level=2, number="", html="Appendix: claims")
PROVENANCE = Heading(id="appendix:provenance", level=2, number="", html="Appendix: provenance")
TWIN = Heading(id="appendix:twin", level=2, number="", html="Appendix: before training")
_FOR_READERS = {"evidence": "measurements"}
"""Stages whose names say little to readers, and their names in the article."""


@dataclass(frozen=True)
class ClaimRow:
    """A row of the table of claims: all claims with the same condition.

    Attributes:
        claims: by number in the article, from 1.
        decisive: the difference that decides the verdict; None if there is no such difference, or more than one.
    """

    claims: Mapping[int, Claim]
    decisive: PairedDifference | None

    @property
    def first(self) -> Claim:
        """The first claim. It represents the row, since the verdict depends only on the condition."""
        return next(iter(self.claims.values()))


@dataclass(frozen=True)
class ValueRow:
    """A row of the table of values that the article shows.

    Attributes:
        id: the target of the numbers' links.
        origin: the value and its source.
        words: a description of the value.
        by_replicate: for a mean, the values of the replicates, in the order of the seeds; otherwise empty.
        stage: the stage that computed it, as readers know it.
    """

    id: str
    origin: Origin
    words: str
    by_replicate: str
    stage: str


def with_appendices(
    article: Article, outcome: Outcome, links: Links, literals: Mapping[str, str], twin: str = ""
) -> Article:
    """The article with its appendices at the end.

    `literals` are the numbers in the prose that are not results, with their reasons; `twin` is the HTML of the
    untrained maps, for print.

    Raises ReportError when a template fails.
    """
    used = [links.origins[name] for name in sorted(article.used)]
    html, _ = links.render(
        "appendix-print.html.j2" if links.target == "print" else "appendix.html.j2",
        claims=article.claims,
        claim_rows=claim_rows(article.claims),
        family=max((claim.family for claim in article.claims), default=0),
        replicates=len(outcome.replicates),
        few=FEW_REPLICATES,
        alpha=ALPHA,
        values=value_rows(used, links.origins, {one.name: one.words for one in outcome.declared}),
        stages={stage_words(origin.stage): origin for origin in used},
        literals=literals,
        environments=environments([replicate.environment for replicate in outcome.replicates]),
        commit=outcome.commit,
        twin=twin,
        is_validated_apart=outcome.dataset.x_validation is not None,
        unchecked=outcome.paper.data is not None and not outcome.paper.data.check,
    )
    return msgspec.structs.replace(
        article,
        body=article.body + html,
        headings=(*article.headings, *_headings(article.claims, used, twin)),
    )


def claim_rows(claims: Sequence[Claim]) -> list[ClaimRow]:
    """The claims grouped by condition, in the order of the prose."""
    gathered: dict[str, dict[int, Claim]] = {}
    for number, claim in enumerate(claims, 1):
        gathered.setdefault(claim.condition, {})[number] = claim
    return [ClaimRow(same, decisive(next(iter(same.values())))) for same in gathered.values()]


def decisive(claim: Claim) -> PairedDifference | None:
    """The only difference of a claim, or the one of several whose p is the claim's.

    None if there is no such difference, or more than one.
    """
    if len(claim.differences) == 1:
        return claim.differences[0]
    deciding = [one for one in claim.differences if one.p is not None and one.p == claim.p]
    return deciding[0] if len(deciding) == 1 else None


def value_rows(
    used: Iterable[Origin], origins: Mapping[str, Origin], own: Mapping[str, str] | None = None
) -> list[ValueRow]:
    """A row for each value; `own` maps the names of the author's measures to their descriptions."""
    replicates = _by_replicate(origins.values())
    return [
        ValueRow(
            row_id(origin.name),
            origin,
            described(origin.name.split("."), own or {}),
            ", ".join(replicates.get(origin.name.removesuffix(".mean"), ())) if origin.name.endswith(".mean") else "",
            stage_words(origin.stage),
        )
        for origin in used
    ]


def stage_words(stage: str) -> str:
    """A stage as readers know it, with the name of its variant if it has one."""
    name, variant = stage.partition(" ")[::2]
    return " ".join(filter(None, (_FOR_READERS.get(name, name), variant)))


def _by_replicate(origins: Iterable[Origin]) -> dict[str, list[str]]:
    """The values of the replicates as text, by the name of the quantity."""
    found: dict[str, list[str]] = {}
    for origin in origins:
        quantity, is_replicate, _ = origin.name.rpartition(".replicate.")
        if is_replicate:
            found.setdefault(quantity, []).append(as_text(origin.value))
    return found


def environments(replicates: Sequence[Environment]) -> list[tuple[list[str], Environment]]:
    """The distinct environments, each with the seeds that were trained in it."""
    found: list[tuple[list[str], Environment]] = []
    for environment in replicates:
        same = msgspec.structs.replace(environment, seed=0)
        seeds = next((seeds for seeds, other in found if other == same), None)
        if seeds is None:
            found.append(([str(environment.seed)], same))
        else:
            seeds.append(str(environment.seed))
    return found


def _headings(claims: Sequence[Claim], values: Sequence[object], twin: str) -> Iterator[Heading]:
    yield from (heading for heading, content in ((CLAIMS, claims), (PROVENANCE, values), (TWIN, twin)) if content)
