"""CITATION.cff: how to cite this edition, and what it reproduces, for machines.

Source: the Citation File Format 1.2.0 (Druskat et al. 2021, https://doi.org/10.5281/zenodo.5171937). The format is
YAML. Every text is written as a JSON string, which is also valid YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from pybtex.database import Person

from generator.paper import Original, Paper, is_group
from generator.records.edition import Edition

MESSAGE = "If you refer to this edition, cite it as below."
MESSAGE_OF_REPRODUCTION = "If you refer to this edition, cite it as below, and the original among its references."


def citation_cff(paper: Paper, edition: Edition, commit: str | None) -> bytes:
    """The file for an edition that was built at `commit`."""
    lines = ['cff-version: "1.2.0"', _line("message", MESSAGE_OF_REPRODUCTION if paper.original else MESSAGE)]
    lines += [_line("title", paper.title), *_authors(paper.authors)]
    lines += [_line("abstract", paper.description)] if paper.description else []
    lines += [_line("date-released", edition.date.isoformat())]
    lines += [_line("commit", commit)] if commit else []
    lines += [_line("repository-code", paper.site.repository)] if paper.site.repository else []
    if paper.original:
        lines += ["references:", *_reference(paper.original)]
    return ("\n".join(lines) + "\n").encode()


def _reference(original: Original) -> Iterator[str]:
    yield f"  - {_line('type', 'article')}"
    yield f"    {_line('title', original.title)}"
    yield from (f"    {line}" for line in _authors([original.author]))
    yield f"    {_line('date-published', original.date.isoformat())}"
    yield f"    year: {original.date.year}"


def _authors(names: Iterable[str]) -> Iterator[str]:
    """Names as BibTeX reads them: "First von Last" or "von Last, First"; groups in braces."""
    yield "authors:"
    for name in names:
        if is_group(name):
            yield f"  - {_line('name', name[1:-1])}"
            continue
        person = Person(name)
        family = " ".join([*person.prelast_names, *person.last_names, *person.lineage_names])
        given = " ".join([*person.first_names, *person.middle_names])
        yield f"  - {_line('family-names', family)}"
        if given:
            yield f"    {_line('given-names', given)}"


def _line(key: str, value: str) -> str:
    return f"{key}: {json.dumps(value, ensure_ascii=False)}"
