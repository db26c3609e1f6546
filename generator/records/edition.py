"""The record of an edition: when, from which commit, and by which generator an article was built."""

from __future__ import annotations

import datetime

from generator.records.base import Record


class Edition(Record, frozen=True):
    """What identifies one build of a paper.

    Attributes:
        date: date printed in the article.
        commit: short hash; None without a git commit.
        dirty: whether the work tree had changes that are not in the commit.
        preview: a sentence for readers if the article is not built on its own data; otherwise None.
        generator: the generator's version.
        draft: whether claims that do not hold are allowed.
    """

    date: datetime.date
    commit: str | None
    dirty: bool
    preview: str | None
    generator: str
    draft: bool = False
