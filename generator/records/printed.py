"""The record of all that the PDF is typeset from, so that a later stage can typeset it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from generator.records.attachment import Attachment
from generator.records.base import Record


class Printed(Record, frozen=True):
    """The document of the PDF, before it is typeset.

    Attributes:
        html: the document, which refers to fonts by address.
        date: date and time of the document and of its attachments, in UTC.
        fonts: SHA-256 of each font file that it may refer to, by address.
        attachments: files that are embedded in the PDF.
    """

    html: str
    date: datetime.datetime
    fonts: Mapping[str, str]
    attachments: tuple[Attachment, ...]
