"""The input to composing an article: the author's prose, and everything that can be put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.article.binding import Origins
from generator.prose.bibliography import Bibliography
from generator.prose.prose import Prose
from generator.records.article import Exhibit


@dataclass(frozen=True)
class Material:
    """Everything that is needed to resolve the prose of an article.

    Attributes:
        prose: the author's text, parsed.
        values: what expressions can use: nested mappings and lists of numbers and text.
        exhibits: the exhibits that the prose can show, made for the target, each under a unique key.
        bibliography: the entries that can be cited.
        origins: where the values come from; a value without an origin is printed as text.
        missing: why an exhibit is not available, by its name.
        repository: the address of the paper's sources; empty if it is not known.
        validated: digests of the images that the conditions validate on, by condition; empty: not known.
        is_foreseen: whether there is no run yet, so that only the names of the values are known.
    """

    prose: Prose
    values: Mapping[str, object]
    exhibits: Mapping[str, Exhibit]
    bibliography: Bibliography
    origins: Origins = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""
    is_foreseen: bool = False
    validated: Mapping[str, str] = field(default_factory=dict)

    def exhibit(self, kind: str, name: str) -> Exhibit | None:
        """The exhibit of this kind and name; a figure and a table may have the same name."""
        return next((one for one in self.exhibits.values() if (one.kind, one.name) == (kind, name)), None)

    def named(self, name: str) -> Exhibit | None:
        """The exhibit of this name, of any kind."""
        return next((one for one in self.exhibits.values() if one.name == name), None)
