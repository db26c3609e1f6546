"""The record of a file that is embedded in the PDF."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

Relationship = Literal["Data", "Source", "Supplement"]


class Attachment(Record, frozen=True):
    """An associated file of the PDF (ISO 19005-3, 6.8).

    Attributes:
        name: the file's name in the PDF.
        kind: its media type.
        relationship: what it is to the article: the data behind it, its source, or a supplement.
        description: description for the PDF reader's list of attachments.
        content: the file's bytes.
    """

    name: str
    kind: str
    relationship: Relationship
    description: str
    content: bytes
