"""The record of a preview: the status of the latest build, as sent to the open page."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

FAILURE = "GENERATOR_FAILURE"
"""The environment variable with the file to which a build writes why it failed, for the preview that runs it."""


class State(Record, frozen=True):
    """The status of the latest build of a preview.

    Attributes:
        build: number of the build since the preview began, from 1.
        phase: phase of that build.
        page: identifies the page that is shown and, after a hyphen, its PDF; nothing follows the hyphen while the PDF
            is being typeset. Empty if there is no page.
        message: why the latest build failed, until another one has written the page; empty if it did not.
    """

    build: int
    phase: Literal["building", "built", "failed"]
    page: str
    message: str = ""
