"""An edition's date is the paper's, or that of SOURCE_DATE_EPOCH; never the clock's."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from generator.core.dates import edition_date
from generator.core.errors import UsageError
from tests.conftest import build, make_paper
from tests.support.sample_page import PAPER


def test_without_an_epoch_it_is_the_paper_s_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert edition_date(PAPER.date) == datetime.datetime(2025, 11, 22, tzinfo=datetime.UTC)


def test_the_epoch_is_counted_in_utc_wherever_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert edition_date(PAPER.date) == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.UTC)


@pytest.mark.parametrize("epoch", ["soon", "1.5", "99999999999999999999", "-99999999999999"])
def test_nonsense_is_told(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH") as caught:
        edition_date(PAPER.date)
    assert epoch in str(caught.value) and "seconds since 1970" in caught.value.next


def test_nonsense_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    done = build(make_paper("tiny", tmp_path), new=True, SOURCE_DATE_EPOCH="soon")
    assert done.returncode == 2 and "SOURCE_DATE_EPOCH" in done.stderr and "Traceback" not in done.stderr
