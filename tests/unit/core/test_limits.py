"""A limit that libraries would run into is told before they are loaded."""

from __future__ import annotations

import resource

import pytest

from generator.core.errors import ReportError
from generator.core.limits import MIN_MEMORY, check_memory
from generator.core.reading import MIB


@pytest.mark.parametrize("most", [resource.RLIM_INFINITY, MIN_MEMORY, 64 * 1024 * MIB])
def test_enough_memory_passes(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, resource.RLIM_INFINITY))
    check_memory()


def test_too_little_memory_is_told_with_the_limit_and_how_to_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256 * MIB, resource.RLIM_INFINITY))
    with pytest.raises(ReportError) as caught:
        check_memory()
    assert caught.value.what == "The limit on memory is 256 MiB here, but a build needs at least 512 MiB"
    assert "ulimit -v unlimited" in caught.value.next
