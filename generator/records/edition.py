"""The record of an edition: when, from which commit and by which generator an article was built."""

from __future__ import annotations

import datetime

from generator.records.base import Record


class Edition(Record, frozen=True):
    """What identifies one build of a paper.

    `commit` is short, and None without one; `dirty` says that the working tree held changes that
    are not in it. `preview` is a sentence for readers when the article is not built on its own data, and None
    when it is. `generator` is the generator's version. A `draft` may hold claims that do not hold.
    """

    date: datetime.date
    commit: str | None
    dirty: bool
    preview: str | None
    generator: str
    draft: bool = False
