"""`make fuzz` may not take the machine's memory; the short form runs in processes that other tests use too."""

from __future__ import annotations

import resource

import pytest
from hypothesis import settings

MAX_MEMORY_BYTES = 8 * 2**30


@pytest.fixture(scope="session", autouse=True)
def _limited_memory() -> None:
    if settings.get_current_profile_name() == "fuzz":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, hard))
