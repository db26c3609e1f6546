"""The record of a file that travels inside the PDF."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Relationship = Literal["Data", "Source", "Supplement"]


class Attachment(Record, frozen=True):
    """An associated file of the PDF (ISO 19005-3, 6.8); `kind` is its media type.

    `relationship` is what it is to the article: data behind it, the source of it, or a supplement.
    """

    name: str
    kind: str
    relationship: Relationship
    description: str
    content: bytes
