"""What an article is composed from: the author's prose, and all that can be put into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.article.binding import Origins
from generator.prose.bibliography import Bibliography
from generator.prose.prose import Prose
from generator.records.article import Exhibit


@dataclass(frozen=True)
class Material:
    """What the prose of an article is resolved with.

    Attributes:
        prose: the author's text, parsed.
        values: what expressions can use, nested mappings and lists of numbers and text.
        exhibits: what blocks of the prose can show, made for the target, each by a name of its own here.
        bibliography: the entries that can be cited.
        origins: where the values come from; a value without an origin is printed as text.
        missing: why an exhibit is not there, by its name.
        repository: address of the paper's sources; empty where it is not known.
        is_foreseen: whether there is no run yet, so that of the values only the names are known.
    """

    prose: Prose
    values: Mapping[str, object]
    exhibits: Mapping[str, Exhibit]
    bibliography: Bibliography
    origins: Origins = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""
    is_foreseen: bool = False

    def exhibit(self, kind: str, name: str) -> Exhibit | None:
        """What a block of this kind and name shows; a figure and a table may have the same name."""
        return next((one for one in self.exhibits.values() if (one.kind, one.name) == (kind, name)), None)

    def named(self, name: str) -> Exhibit | None:
        """What is shown by this name, of whatever kind."""
        return next((one for one in self.exhibits.values() if one.name == name), None)
