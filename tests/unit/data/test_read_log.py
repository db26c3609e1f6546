"""What counts of what the author's code asks for, by events as generator.data.tracing would tell them."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from generator.data import read_log
from generator.data.read_log import ReadLog, installed
from generator.data.reads import Scope, Stamp, stamp


@pytest.fixture
def log(tmp_path: Path) -> ReadLog:
    return ReadLog(Scope(tmp_path, tmp_path, tmp_path / "build"))


ELSEWHERE = ("/run/media/me/disk/x.npz", "/dev/shm/x.npz", "/usr/share/dict/words", "/usr/local/share/x.npz", "/srv/x")
SYSTEM = (
    "/proc/self/status",
    "/sys/fs/cgroup/cpu.max",
    "/etc/localtime",
    "/dev/null",
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/local/lib/libx.so",
    "/usr/share/zoneinfo/Europe/Berlin",
    "/usr/share/fonts/truetype/a.ttf",
    "/usr/share/locale/de/LC_MESSAGES/a.mo",
    sys.executable,
    os.path.realpath(sys.executable),
    os.__file__,
    pytest.__file__,
)


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_regular_file_is_an_input_wherever_it_lies(log: ReadLog, path: str) -> None:
    log.read(path)
    assert list(log.reads().files) == [path]


@pytest.mark.parametrize("path", SYSTEM)
def test_what_libraries_open_for_themselves_is_none(log: ReadLog, path: str) -> None:
    log.read(path)
    assert log.reads().files == {}


def test_what_another_thread_reads_meanwhile_does_not_disturb_the_last_check(
    log: ReadLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [tmp_path / name for name in "abc"]
    for file in files:
        file.touch()
    log.read(files[0])
    log.read(files[1])

    def stamped(path: str) -> Stamp | None:
        monkeypatch.setattr(read_log, "stamp", stamp)
        log.read(files[2])  # as a thread of tf.data may
        return stamp(path)

    monkeypatch.setattr(read_log, "stamp", stamped)
    log.check()
    assert list(log.reads().files) == ["a", "b", "c"]


def test_what_surely_exists_is_not_asked_for(log: ReadLog, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path.parent, "/"):
        log.asked(path)
    log.asked(tmp_path / "other")
    assert log.reads().places == {"other": None}


def test_a_package_is_known_by_its_own_name_whatever_its_modules_are_called() -> None:
    assert installed(["pytest", "PIL", "no_such_module"]) == {
        "pillow": importlib.metadata.version("pillow"),
        "pytest": pytest.__version__,
    }
