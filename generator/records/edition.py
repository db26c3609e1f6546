"""The record of an edition: when, from which commit and by which generator an article was built."""

from __future__ import annotations

import datetime

from generator.records.base import Record


class Edition(Record, frozen=True):
    """What identifies one build of a paper.

    Attributes:
        date: printed in the article.
        commit: short; None without a git commit.
        dirty: whether the working tree held changes that are not in the commit.
        preview: a sentence for readers where the article is not built on its own data; None where it is.
        generator: the generator's version.
        draft: whether claims that do not hold are allowed.
    """

    date: datetime.date
    commit: str | None
    dirty: bool
    preview: str | None
    generator: str
    draft: bool = False
