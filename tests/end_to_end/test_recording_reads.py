"""What is recorded of what an author's code reads, and what is left out; all cases run in one process, as a task would.

The reader that each case is about is the one that its name says.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import importlib
import io
import json
import linecache
import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from generator.build import worker_process
from generator.core.errors import ReportError
from generator.data import tracing
from generator.data.reads import Scope, file_digest, folder_digest, value_digest
from generator.records.reads import Reads
from tests.conftest import dot

CONFIG = b'{"units": 80}'


def write_files(folder: Path) -> None:
    """What the cases read; each has files of its own where it changes them."""
    (folder / "config.json").write_bytes(CONFIG)
    (folder / "lines.txt").write_text("one\ntwo\n")
    (folder / "moved.txt").write_text("moved")
    (folder / "log.txt").write_text("before")
    (folder / "counter.txt").write_text("1")
    (folder / "removed.txt").write_text("removed")
    (folder / "changed.txt").write_text("1")
    (folder / "known.py").write_text("import os\n")
    (folder / "plugin.py").write_text("VALUE = 1\n")
    (folder / "bytecode" / folder.relative_to("/")).mkdir(parents=True)  # as an import before left it
    (folder / "images").mkdir()
    (folder / "old").mkdir()
    for name in "ab":
        (folder / "images" / f"{name}.png").write_bytes(dot())
    np.savez(folder / "mine.npz", units=80)
    for name in ("data.h5", "table.sqlite", "records.tfrecord"):
        (folder / name).write_bytes(b"")


def read_json() -> None:
    with open("config.json") as file:  # noqa: PTH123  # as authors write it
        json.load(file)


def read_npz() -> None:
    assert np.load("mine.npz")["units"] == 80


def read_pillow() -> None:
    Image.open("images/a.png").load()


def read_hdf5() -> None:
    import h5py  # type: ignore[import-untyped]

    with contextlib.suppress(OSError):  # that it is empty is told after it was opened
        h5py.File("data.h5", "r")


def write_and_read_hdf5() -> None:
    import h5py

    with h5py.File("own.h5", "w") as file:
        file["a"] = [1]
    assert h5py.File("own.h5", "r")["a"][0] == 1


def read_sqlite() -> None:
    sqlite3.connect("table.sqlite").execute("select 1")


def read_tensorflow() -> None:
    import tensorflow as tf

    assert tf.io.read_file("config.json").numpy() == CONFIG


def map_tensorflow() -> None:
    import tensorflow as tf

    def decoded(name: Any) -> Any:
        return tf.io.decode_png(tf.io.read_file(name))

    assert len(list(tf.data.Dataset.list_files("images/*.png").map(decoded, num_parallel_calls=2))) == 2


def read_datasets() -> None:
    import tensorflow as tf

    assert [line.numpy() for line in tf.data.TextLineDataset(["lines.txt"])] == [b"one", b"two"]
    assert list(tf.data.TFRecordDataset("records.tfrecord")) == []


def read_gfile() -> None:
    import tensorflow as tf

    assert tf.io.gfile.GFile("lines.txt").read() == "one\ntwo\n"
    assert tf.io.gfile.listdir("images") == tf.io.gfile.listdir("images")


def read_keras_images() -> None:
    import keras

    found = keras.utils.image_dataset_from_directory("images", labels=None, image_size=(1, 1), verbose=False)
    assert len(list(found)) == 1


def list_folders() -> None:
    os.listdir("images")  # noqa: PTH208  # as authors write it
    glob.glob("*.json")  # noqa: PTH207  # as above


def list_path() -> None:
    list(Path("images").iterdir())


def find_nothing() -> None:
    for find in (lambda: Path("absent.json").read_text(), lambda: os.listdir("nowhere")):  # noqa: PTH208  # as above
        with contextlib.suppress(FileNotFoundError):
            find()


def read_environment() -> None:
    assert os.environ["GIVEN"] == "0.5" == os.getenv("GIVEN")
    assert os.environ.get("NOT_GIVEN") is None and "ASKED" not in os.environ
    assert os.environb[b"IN_BYTES"] == b"1"


def read_elsewhere() -> None:
    """As on a cluster's worker, where GIVEN and UNSET have other values than where the build starts."""
    assert os.environ["GIVEN"] == "0.7"
    assert os.environ.get("UNSET") is None
    os.environ["UNSET"] = "own"
    assert os.environ["UNSET"] == "own"


def set_environment() -> None:
    os.environ["SET"] = "1"
    assert os.environ["SET"] == "1"
    assert tempfile.gettempdir()  # Python's own library reads TMPDIR


def write_and_read_in_memory() -> None:
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["a"] = [1]
    assert h5py.File(io.BytesIO(content.getvalue()), "r")["a"][0] == 1


def read_sqlite_by_uri() -> None:
    sqlite3.connect("file:table.sqlite?mode=ro", uri=True).execute("select 1")
    sqlite3.connect("file:some?mode=memory", uri=True).execute("select 1")


def read_csv() -> None:
    import tensorflow as tf

    assert len(list(tf.data.experimental.CsvDataset("lines.txt", [tf.string]))) == 2


def read_below_an_open_folder() -> None:
    place = os.open("images", os.O_RDONLY)
    os.close(os.open("a.png", os.O_RDONLY, dir_fd=place))
    assert os.stat("b.png", dir_fd=place).st_size  # noqa: PTH116  # as authors write it
    os.close(place)


def ask_what_is_there() -> None:
    assert Path("config.json").exists() and os.path.isdir("images") and not os.path.exists("later.txt")  # noqa: PTH110, PTH112
    assert os.access("log.txt", os.R_OK) and not Path("later").is_dir()
    Path("own-folder").mkdir()
    assert Path("own-folder").is_dir()


def ask_and_read() -> None:
    assert Path("config.json").is_file() and json.loads(Path("config.json").read_text())
    assert Path("config.json").resolve().parent == Path.cwd()
    os.makedirs("images", exist_ok=True)  # noqa: PTH103  # as authors write it


def copy_environment() -> None:
    assert os.environ.copy() == {**os.environ} == dict(os.environ.items())
    assert (os.environ | {"OWN": "1"})["OWN"] == "1"


def walk_through_environment() -> None:
    assert {name: os.environ[name] for name in os.environ if name.startswith("GIV")} == {"GIVEN": "0.5"}
    next(iter(os.environ))


def remove_and_make_again() -> None:
    shutil.rmtree("old")
    Path("old").mkdir()


def start_process() -> None:
    process = multiprocessing.get_context("spawn").Process(target=os.getpid)
    with contextlib.suppress(BrokenPipeError):
        process.start()
    process.kill()
    process.join()


def import_packages() -> None:
    import sklearn.datasets

    assert importlib.import_module("PIL.Image") is Image and sklearn.datasets


def ask_for_versions() -> None:
    """Dask imports a package that looks for packages in place of Python."""
    sys.path.insert(0, str(Path("images").absolute()))
    importlib.import_module("distributed")
    assert importlib.metadata.version("numpy")


def import_modules() -> None:
    sys.path.insert(0, ".")
    importlib.import_module("known")
    with mock.patch.object(sys, "pycache_prefix", str(Path("bytecode").absolute())):
        importlib.import_module("plugin")
    assert linecache.getline("known.py", 1) == "import os\n"


def read_module_as_text() -> None:
    Path("known.py").read_text()


def write_and_read() -> None:
    Path("own.txt").write_text("own")
    Path("own.txt").read_text()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "a.txt").write_text("a")
        assert [path.read_text() for path in Path(name).iterdir()] == ["a"]
    Path("written.tmp").write_text("1")
    Path("written.tmp").replace("written.txt")
    Path("written.txt").read_text()


def move() -> None:
    Path("moved.txt").rename("moved-away.txt")


def append() -> None:
    with Path("log.txt").open("a") as file:
        file.write(" and after")


def remove() -> None:
    Path("removed.txt").read_text()
    Path("removed.txt").unlink()


def read_and_rewrite() -> None:
    count = int(Path("counter.txt").read_text())
    Path("counter.txt").write_text(str(count + 1))


def read_what_is_left_out() -> None:
    Path(os.__file__).read_text()
    Path(np.__file__).read_text()
    Path(tracing.__file__).read_text()
    Path("/proc/self/status").read_text()
    Path("build/cache").mkdir(parents=True)
    Path("build/cache/entry").write_text("")
    with tracing.paused():
        Path("lines.txt").read_text()


def read_in_threads() -> None:
    threads = [threading.Thread(target=Path("config.json").read_bytes) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def read_outside() -> None:
    Path("../outside.txt").read_text()


def start_program() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def read_what_changes() -> None:
    Path("changed.txt").read_text()
    with tracing.paused():  # as if somebody else did
        Path("changed.txt").write_text("2")


FILES: dict[Callable[[], None], tuple[str, ...]] = {
    read_json: ("config.json",),
    read_npz: ("mine.npz",),
    read_pillow: ("images/a.png",),
    read_hdf5: ("data.h5",),
    write_and_read_hdf5: (),
    write_and_read_in_memory: (),
    read_sqlite_by_uri: ("table.sqlite",),
    read_csv: ("lines.txt",),
    read_below_an_open_folder: ("images/a.png",),
    ask_what_is_there: (),
    ask_and_read: ("config.json",),
    read_sqlite: ("table.sqlite",),
    read_tensorflow: ("config.json",),
    map_tensorflow: ("images/a.png", "images/b.png"),
    read_datasets: ("lines.txt", "records.tfrecord"),
    read_gfile: ("lines.txt",),
    read_keras_images: ("images/a.png", "images/b.png"),
    ask_for_versions: (),
    import_modules: ("plugin.py",),
    read_module_as_text: ("known.py",),
    write_and_read: (),
    append: (),
    read_what_is_left_out: (),
    read_in_threads: ("config.json",),
    set_environment: (),
    start_program: (),
    start_process: (),
}
FOLDERS: dict[Callable[[], None], tuple[str, ...]] = {
    list_folders: (".", "images"),
    list_path: ("images",),
    ask_for_versions: (),
    map_tensorflow: ("images",),
    read_gfile: ("images",),
    read_keras_images: ("images",),
    import_modules: (),
    write_and_read: (),
    remove_and_make_again: (),
}
PLACES: dict[Callable[[], None], dict[str, str | None]] = {
    ask_what_is_there: {"config.json": "file", "images": "folder", "later": None, "later.txt": None, "log.txt": "file"},
    ask_and_read: {},
    read_below_an_open_folder: {"images/b.png": "file"},
    write_and_read: {},
    import_modules: {},
}
ENVIRONMENT = (read_environment, copy_environment, walk_through_environment)
OTHERS = (*ENVIRONMENT, find_nothing, import_packages, move, remove, read_and_rewrite, read_outside, read_what_changes)


def run_all(folder: Path) -> dict[str, Reads | ReportError]:
    """The task: every case, in an order in which none sees what another wrote."""
    sys.dont_write_bytecode = False  # as by default, whatever the tests run with
    code = {name: file_digest(name) for name in (str(folder / "known.py"), __file__)}
    scope = Scope(folder, folder, folder / "build", code)
    found = {case.__name__: run(case, scope) for case in dict.fromkeys([*FOLDERS, *FILES, *PLACES, *OTHERS])}
    found["elsewhere"] = run(read_elsewhere, replace(scope, variables={"GIVEN": "0.7"}))
    return found


def run(case: Callable[[], None], scope: Scope) -> Reads | ReportError:
    try:
        with tracing.recording(scope) as log:
            case()
    except ReportError as error:
        return error
    return log.reads()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("around") / "paper"
    made.mkdir()
    (made.parent / "outside.txt").write_text("outside")
    write_files(made)
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"GIVEN": "0.5", "IN_BYTES": "1", "UNSET": "0"}.items():
            patch.setenv(name, value)
        return worker_process.run(folder.parent / "log", folder, run_all, folder)


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.__name__)
def test_files_are_recorded_with_their_digests(folder: Path, found: dict[str, Any], case: Callable[[], None]) -> None:
    expected = {name: file_digest(str(folder / name)) for name in FILES[case]}
    assert found[case.__name__].files == expected and all(expected.values())


def test_bytecode_was_written_beside_a_module_and_elsewhere(folder: Path, found: dict[str, Any]) -> None:
    """It is no input; the cases above would have it."""
    assert found and [*folder.glob("__pycache__/known*.pyc")] and [*(folder / "bytecode").rglob("plugin*.pyc")]


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.__name__)
def test_listed_folders_are_recorded(folder: Path, found: dict[str, Any], case: Callable[[], None]) -> None:
    assert tuple(found[case.__name__].folders) == FOLDERS[case]
    if "images" in FOLDERS[case]:
        assert found[case.__name__].folders["images"] == folder_digest(str(folder / "images"), folder / "build")


@pytest.mark.parametrize("case", PLACES, ids=lambda case: case.__name__)
def test_questions_whether_something_is_there_are_recorded(found: dict[str, Any], case: Callable[[], None]) -> None:
    assert found[case.__name__].places == PLACES[case]


def test_a_copy_of_all_variables_reads_none_of_them_and_is_told(found: dict[str, Any]) -> None:
    copied = found["copy_environment"]
    assert (copied.variables, copied.is_environment_copied) == ({}, True)
    assert not found["read_environment"].is_environment_copied


def test_of_a_walk_through_the_names_of_variables_the_values_count_that_are_asked_for(found: dict[str, Any]) -> None:
    walked = found["walk_through_environment"]
    assert (walked.variables, walked.is_environment_copied) == ({"GIVEN": value_digest("0.5")}, False)


def test_packages_that_the_author_imports_are_recorded_with_their_versions(found: dict[str, Any]) -> None:
    expected = {name: importlib.metadata.version(name) for name in ("pillow", "scikit-learn")}
    assert found["import_packages"].packages == expected


def test_on_another_machine_the_author_sees_the_variables_of_the_build(folder: Path, found: dict[str, Any]) -> None:
    assert found["elsewhere"].variables == {"GIVEN": value_digest("0.7"), "UNSET": None}


def test_what_was_looked_for_and_not_there_is_recorded_as_absent(found: dict[str, Any]) -> None:
    reads = found["find_nothing"]
    assert (reads.files, reads.folders) == ({"absent.json": None}, {"nowhere": None})


def test_variables_are_recorded_where_the_author_reads_them(found: dict[str, Any]) -> None:
    expected = {"ASKED": None, "GIVEN": value_digest("0.5"), "IN_BYTES": value_digest("1"), "NOT_GIVEN": None}
    assert found["read_environment"].variables == expected
    assert "SET" not in found["set_environment"].variables and "TMPDIR" not in found["set_environment"].variables


@pytest.mark.parametrize(
    ("case", "name", "content"),
    [("move", "moved.txt", b"moved"), ("remove", "removed.txt", b"removed"), ("read_and_rewrite", "counter.txt", b"1")],
)
def test_of_a_file_that_the_run_itself_changes_what_was_there_before_counts(
    found: dict[str, Any], case: str, name: str, content: bytes
) -> None:
    assert found[case].files == {name: hashlib.sha256(content).hexdigest()}


def test_a_file_outside_the_repository_has_its_whole_path(folder: Path, found: dict[str, Any]) -> None:
    assert list(found["read_outside"].files) == [str(folder.parent / "outside.txt")]


def test_a_program_that_is_started_is_named(found: dict[str, Any]) -> None:
    assert found["start_program"].programs == (Path(sys.executable).name,)
    assert found["start_process"].programs == (Path(sys.executable).name,)


def test_a_file_that_something_else_changes_meanwhile_ends_the_run(found: dict[str, Any]) -> None:
    assert isinstance(found["read_what_changes"], ReportError)
    assert "changed.txt, which the paper's code reads, changed while it was running" in str(found["read_what_changes"])
