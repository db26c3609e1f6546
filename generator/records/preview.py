"""The record of a preview: how the latest build stands, as the open page is told."""

from __future__ import annotations

from typing import Literal

from generator.records.base import Record

FAILURE = "GENERATOR_FAILURE"
"""The environment variable that names the file in which a build leaves why it failed, for the preview that runs it."""


class State(Record, frozen=True):
    """The `build`th build since the preview began, from 1.

    `page` tells one built page from another, and is empty where there is none. `message` is what the latest build that
    ended said if it failed, and stays while the next one runs.
    """

    build: int
    phase: Literal["building", "built", "failed"]
    page: str
    message: str = ""
