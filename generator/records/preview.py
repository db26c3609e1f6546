"""The record of a preview: how the latest build stands, as told to the open page."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

FAILURE = "GENERATOR_FAILURE"
"""The environment variable that names the file in which a build leaves why it failed, for the preview that runs it."""


class State(Record, frozen=True):
    """How the latest build of a preview stands.

    Attributes:
        build: counts builds since the preview began, from 1.
        phase: of that build.
        page: tells one built page from another; empty where there is none.
        message: why the latest build that ended failed, while the next one runs, too; empty if it did not.
    """

    build: int
    phase: Literal["building", "built", "failed"]
    page: str
    message: str = ""
