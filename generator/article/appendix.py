"""The appendices: every claim with its verdict, and where every number that the article shows is from.

They follow the article without being asked for, wherever there is something to put in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from generator.core.formatting import FEW_REPLICATES, as_text
from generator.records.article import Article, Heading
from generator.records.claims import Claim
from generator.records.results import Number, Origin
from generator.records.run import Environment
from generator.render.links import SHORT, Links, group_of, row_id
from generator.results.outcome import Outcome
from generator.results.significance import ALPHA

CLAIMS = Heading(id="appendix:claims", level=2, number="", html="Appendix: claims")
PROVENANCE = Heading(id="appendix:provenance", level=2, number="", html="Appendix: provenance")


@dataclass(frozen=True)
class Group:
    """Values whose names begin alike, of one stage and the same replicates: a row of the appendix on paper.

    Attributes:
        id: what numbers link to; empty where a row of that name stands before.
        name: the common beginning of the names.
        stage: that the values come from.
        replicate: its seed; None: all.
        values: the rest of each name, and the value.
    """

    id: str
    name: str
    stage: str
    replicate: int | None
    values: Sequence[tuple[str, Number]]


def with_appendices(article: Article, outcome: Outcome, links: Links) -> Article:
    """The article with its appendices at its end.

    The page has a row for each value. On paper they share rows, and the digests stand in a table of the stages.

    Raises ReportError when the template is at fault.
    """
    used = [links.origins[name] for name in sorted(article.used)]
    html, _ = links.render(
        "appendix-print.html.j2" if links.target == "print" else "appendix.html.j2",
        claims=article.claims,
        with_values=with_values,
        family=max((claim.family for claim in article.claims), default=0),
        replicates=len(outcome.replicates),
        few=FEW_REPLICATES,
        alpha=ALPHA,
        rows=[(row_id(origin.name), origin) for origin in used],
        groups=groups(used),
        stages={origin.stage: origin for origin in used},
        environments=environments([replicate.environment for replicate in outcome.replicates]),
        commit=outcome.commit,
        unchecked=outcome.paper.data is not None and not outcome.paper.data.check,
        short=SHORT,
    )
    return msgspec.structs.replace(
        article,
        body=article.body + html,
        headings=(*article.headings, *_headings(article.claims, used)),
    )


def groups(used: Iterable[Origin]) -> list[Group]:
    """The values by what their names have in common, in its order."""
    gathered: dict[tuple[str, str, int | None], list[tuple[str, Number]]] = {}
    for origin in used:
        group = group_of(origin.name)
        values = gathered.setdefault((group, origin.stage, origin.replicate), [])
        values.append((origin.name.removeprefix(f"{group}."), origin.value))
    named: dict[str, tuple[str, str, int | None]] = {}
    return [
        Group(row_id(key[0]) if named.setdefault(key[0], key) == key else "", *key, values)
        for key, values in sorted(gathered.items(), key=lambda group: group[0][:2])
    ]


def with_values(condition: str, values: Mapping[str, Number]) -> str:
    """A claim's condition with what each name read in brackets behind it."""
    for name, value in values.items():
        written = re.sub(r"\\\.(\d+)", r"(?:\\.\1|\\[\1\\])", re.escape(name))  # epochs[1] is the value epochs.1
        condition = re.sub(rf"(?<![\w.]){written}(?![\w.\[])", rf"\g<0> ({as_text(value)})", condition)
    return condition


def environments(replicates: Sequence[Environment]) -> list[tuple[list[str], Environment]]:
    """The different environments, each with the seeds that were trained in it."""
    found: list[tuple[list[str], Environment]] = []
    for environment in replicates:
        same = msgspec.structs.replace(environment, seed=0)
        seeds = next((seeds for seeds, other in found if other == same), None)
        if seeds is None:
            found.append(([str(environment.seed)], same))
        else:
            seeds.append(str(environment.seed))
    return found


def _headings(claims: Sequence[Claim], rows: Sequence[object]) -> list[Heading]:
    return [heading for heading, content in ((CLAIMS, claims), (PROVENANCE, rows)) if content]
