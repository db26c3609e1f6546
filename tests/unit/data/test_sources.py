"""Finding data: the order of the places, what is refused, what is passed over, and what is remembered."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from generator import dataset
from generator.core.errors import ReportError, UsageError
from generator.data import download, formats, sources
from generator.data.formats import Arrays
from generator.records.dataset import DataSettings, Download, Mirror, Source

IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MNIST_ARRAYS = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


def made(first: int = 0) -> Arrays:
    x, y = np.arange(first, first + 24, dtype=np.uint8).reshape(2, 3, 4), np.arange(2, dtype=np.uint8)
    return (x, y), (x[:1], y[:1])


def save(path: Path, arrays: Arrays) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **formats.named(arrays))
    return path


def save_idx(folder: Path, arrays: Arrays) -> list[Path]:
    """The four files, gzipped, with the names that MNIST is passed on by."""
    folder.mkdir(parents=True)
    files = []
    for name, array in zip(IDX_FILES, formats.named(arrays).values(), strict=True):
        header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        files.append(folder / f"{name}.gz")
        files[-1].write_bytes(gzip.compress(header + array.tobytes()))
    return files


def settings(**changed: Any) -> DataSettings:
    fields = {
        "name": "small",
        "title": "Small",
        "environment": "SMALL_PATH",
        "keras": "small.npz",
        "arrays": formats.digests(made()),
        "sample": "digits",
        "sample_size": (8, 8),
    }
    return DataSettings(**{**fields, **changed})


@dataclass
class Desk:
    """A paper, a Keras cache, and the lines that were said; `find` and `remembered` as a build calls them."""

    root: Path
    said: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.root / "build"

    @property
    def keras(self) -> Path:
        return self.root / "keras" / "datasets" / "small.npz"

    @property
    def environ(self) -> dict[str, str]:
        return {"KERAS_HOME": str(self.root / "keras"), **self.variables}

    def find(self, declared: DataSettings, explicit: str | None = None) -> Source:
        console = Console(file=io.StringIO())
        paper, environ = self.root / "report", self.environ
        return sources.find(
            declared, paper, explicit, self.cache, say=self.said.append, environ=environ, console=console
        )

    def remembered(self, declared: DataSettings, explicit: str | None = None) -> Source | None:
        paper, environ = self.root / "report", self.environ
        return sources.remembered(declared, paper, explicit, self.cache, say=self.said.append, environ=environ)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "report").mkdir()
    return Desk(tmp_path)


@dataclass
class Site:
    """A web server for the files in `folder`; `asked` lists the requests it has had."""

    folder: Path
    address: str
    asked: list[str]

    def mirror(self, *paths: str) -> Mirror:
        """A mirror of files of this site, with the digests that they have now."""
        digests = {path: hashlib.sha256((self.folder / path).read_bytes()).hexdigest() for path in paths}
        return Mirror(tuple(Download(f"{self.address}/{path}", sha256=digest) for path, digest in digests.items()))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            asked.append(f"{self.command} {self.path}")

    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Site(folder, f"http://127.0.0.1:{httpd.server_port}", asked)
        httpd.shutdown()
        thread.join()


def nobody(name: str = "small.npz") -> Mirror:
    """A mirror at a port of this machine where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return Mirror((Download(f"http://127.0.0.1:{port}/{name}", sha256="0" * 64),))


# The order


def test_a_given_path_comes_before_everything_else(desk: Desk) -> None:
    path = save(desk.root / "mine.npz", made())
    save(desk.keras, made())
    save(desk.root / "report" / "own.npz", made())
    source = desk.find(settings(path="own.npz"), str(path))
    assert (source.kind, source.paths) == ("given", (str(path),))
    assert source.description == "mine.npz, given with --data"


def test_the_environment_variable_gives_a_path_when_the_command_does_not(desk: Desk) -> None:
    desk.variables["SMALL_PATH"] = str(save(desk.root / "mine.npz", made()))
    save(desk.keras, made())
    assert desk.find(settings()).description == "mine.npz, given with SMALL_PATH"
    assert desk.find(settings(), "sample").kind == "sample"


def test_an_empty_environment_variable_gives_nothing(desk: Desk) -> None:
    desk.variables["SMALL_PATH"] = ""
    save(desk.keras, made())
    assert desk.find(settings()).kind == "keras"


def test_a_relative_path_is_given_from_where_the_user_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(desk.root / "mine.npz", made())
    monkeypatch.chdir(desk.root)
    assert desk.find(settings(), "mine.npz").paths == (str(path),)


def test_the_authors_own_files_come_before_the_keras_cache(desk: Desk) -> None:
    path = save(desk.root / "report" / "data" / "own.npz", made())
    save(desk.keras, made())
    source = desk.find(settings(path="data/own.npz"))
    assert (source.kind, source.paths) == ("own", (str(path),))
    assert source.description == "the author's own files, data/own.npz"


def test_the_keras_cache_comes_before_the_network(desk: Desk, site: Site) -> None:
    save(desk.keras, made())
    save(site.folder / "small.npz", made())
    source = desk.find(settings(mirrors=(site.mirror("small.npz"),)))
    assert (source.kind, source.paths) == ("keras", (str(desk.keras),))
    assert site.asked == []
    assert desk.said == []


def test_the_sample_comes_last(desk: Desk) -> None:
    source = desk.find(settings())
    assert (source.kind, source.paths, source.preview) == ("sample", (), True)
    assert desk.said[0].startswith("warning: Small was not found; building a preview on the sample")
    assert desk.said[1] == sources.TO_LOOK_AGAIN


def test_the_sample_can_be_asked_for_and_is_then_no_cause_for_a_warning(desk: Desk) -> None:
    save(desk.keras, made())
    assert desk.find(settings(), "sample").preview
    desk.variables["SMALL_PATH"] = "sample"
    assert desk.find(settings()).preview
    assert desk.said == []


# Refused


@pytest.mark.parametrize(("explicit", "giver"), [(True, "--data"), (False, "SMALL_PATH")])
def test_a_given_path_that_is_not_there_is_an_error_and_no_fallback(desk: Desk, explicit: bool, giver: str) -> None:
    save(desk.keras, made())
    path = str(desk.root / "nowhere.npz")
    desk.variables = {} if explicit else {"SMALL_PATH": path}
    with pytest.raises(UsageError) as caught:
        desk.find(settings(), path if explicit else None)
    assert caught.value.what == f"{path} was not found, or is not readable"
    assert caught.value.where == giver
    assert f"remove {giver}" in caught.value.next


def test_a_given_file_with_other_data_is_an_error_and_no_fallback(desk: Desk) -> None:
    save(desk.keras, made())
    path = save(desk.root / "other.npz", made(first=1))
    with pytest.raises(ReportError) as caught:
        desk.find(settings(), str(path))
    declared, found = formats.digests(made())["x_train"], formats.digests(made(first=1))["x_train"]
    assert caught.value.what == (
        "is not the Small that paper.toml declares: its x_train, uint8 of (2, 3, 4), "
        f"has the SHA-256 {found}, not {declared}"
    )
    assert "other.npz" in str(caught.value.where)
    assert "[data.arrays]" in caught.value.next
    assert "--data names this path" in caught.value.next


def test_a_given_file_that_is_damaged_is_an_error_and_no_fallback(desk: Desk) -> None:
    save(desk.keras, made())
    path = desk.root / "bad.npz"
    path.write_bytes(b"PK")
    with pytest.raises(ReportError, match="is not an .npz archive") as caught:
        desk.find(settings(), str(path))
    assert "--data names this path" in caught.value.next


def test_own_files_that_are_not_there_are_an_error_and_no_fallback(desk: Desk) -> None:
    save(desk.keras, made())
    with pytest.raises(UsageError) as caught:
        desk.find(settings(path="data/own.npz"))
    assert caught.value.what == "data.path names data/own.npz, which was not found, or is neither a file nor a folder"
    assert str(caught.value.where).endswith("paper.toml")
    assert "relative to the paper" in caught.value.next


def test_own_files_that_are_bad_are_an_error_and_no_fallback(desk: Desk) -> None:
    save(desk.keras, made())
    (desk.root / "report" / "own").mkdir()
    with pytest.raises(ReportError, match="holds neither IDX files nor folders of images"):
        desk.find(settings(path="own"))


def test_a_sample_that_is_not_declared_cannot_be_asked_for(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        desk.find(settings(sample=None), "sample")
    assert caught.value.what == "the sample is asked for, but the paper declares none for Small"
    assert caught.value.where == "--data"
    assert 'sample = "digits"' in caught.value.next


def test_data_that_is_nowhere_is_an_error_that_names_every_place(desk: Desk, site: Site) -> None:
    save(site.folder / "other.npz", made(first=1))
    gone = Mirror((Download(f"{site.address}/gone.npz", sha256="0" * 64),))
    mirrors = (nobody(), gone, site.mirror("other.npz"))
    with pytest.raises(ReportError) as caught:
        desk.find(settings(sample=None, mirrors=mirrors))
    what = caught.value.what
    assert what.startswith("Small was not found; looked in\n  - --data or SMALL_PATH: not given\n")
    assert f"{desk.keras}: not found" in what
    assert f"{mirrors[0].files[0].url}: cannot be reached: Connection refused" in what
    assert f"{site.address}/gone.npz: could not be downloaded: the server answered 404" in what
    assert "other.npz: is not the Small that paper.toml declares" in what
    assert caught.value.next == "Go online and build again, or name the file or folder with --data or SMALL_PATH."


# Passed over


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04"])
def test_a_bad_file_in_the_keras_cache_is_passed_over_with_a_warning(desk: Desk, content: bytes) -> None:
    desk.keras.parent.mkdir(parents=True)
    desk.keras.write_bytes(content)
    assert desk.find(settings()).kind == "sample"
    assert desk.said[0].startswith("warning: ")
    assert "small.npz: is not an .npz archive" in desk.said[0]
    assert desk.said[0].endswith("trying the next place")
    assert "\n" not in desk.said[0]


def test_other_data_in_the_keras_cache_is_replaced_by_a_download(desk: Desk, site: Site) -> None:
    save(desk.keras, made(first=1))
    save(site.folder / "small.npz", made())
    source = desk.find(settings(mirrors=(site.mirror("small.npz"),)))
    assert (source.kind, source.paths) == ("download", (str(desk.keras),))
    assert "is not the Small that paper.toml declares" in desk.said[0]
    assert desk.keras.read_bytes() == (site.folder / "small.npz").read_bytes()


def test_mirrors_are_tried_in_order(desk: Desk, site: Site) -> None:
    save(site.folder / "small.npz", made())
    save(site.folder / "late" / "small.npz", made())
    mirrors = (nobody(), site.mirror("small.npz"), site.mirror("late/small.npz"))
    assert desk.find(settings(mirrors=mirrors)).description == "downloaded from 127.0.0.1"
    assert "GET /small.npz" in site.asked
    assert "GET /late/small.npz" not in site.asked
    assert "cannot be reached" in desk.said[0]


def test_a_cache_that_cannot_be_written_is_passed_over_with_a_warning(desk: Desk, site: Site) -> None:
    (desk.root / "keras").write_text("a file where a folder should be")
    save(site.folder / "small.npz", made())
    assert desk.find(settings(mirrors=(site.mirror("small.npz"),))).kind == "sample"
    assert any("small.npz: cannot be written" in line for line in desk.said)


def test_being_offline_is_found_out_after_one_deadline_for_all_mirrors(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here of a second, so that the test does not wait for long."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "ask", partial(download.ask, within=1.0))
    formats.sample(settings())  # so that the import of scikit-learn is not measured
    with ExitStack() as stack:
        ports = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(4)]
        mirrors = tuple(Mirror((Download(f"http://127.0.0.1:{port}/a.npz", md5="0" * 32),)) for port in ports)
        start = time.monotonic()
        assert desk.find(settings(mirrors=mirrors)).kind == "sample"
        assert time.monotonic() - start < 3.0, "one deadline for each of four mirrors would take four seconds"


# Downloads


def test_a_file_that_keras_does_not_know_goes_to_a_folder_by_the_data_sets_name(desk: Desk, site: Site) -> None:
    save(site.folder / "v2.npz", made())
    declared = settings(mirrors=(site.mirror("v2.npz"),))
    target = desk.keras.parent / "small" / "v2.npz"
    assert desk.find(declared).paths == (str(target),)
    assert target.is_file()


def test_a_mirror_of_several_files_becomes_a_folder_that_is_found_the_next_time(desk: Desk, site: Site) -> None:
    names = [f"idx/{file.name}" for file in save_idx(site.folder / "idx", made())]
    declared = settings(mirrors=(site.mirror(*names),))
    first = desk.find(declared)
    assert (first.kind, first.paths) == ("download", (str(desk.keras.parent / "small"),))
    asked = len(site.asked)
    again = desk.find(declared)
    assert (again.kind, again.paths, again.digest) == ("keras", first.paths, first.digest)
    assert len(site.asked) == asked


# The digest


def test_the_digest_is_of_the_arrays_and_not_of_the_files(desk: Desk) -> None:
    save_idx(desk.root / "idx", made())
    by_idx = desk.find(settings(), str(desk.root / "idx"))
    by_npz = desk.find(settings(), str(save(desk.root / "mine.npz", made())))
    other = desk.find(settings(arrays={}), str(save(desk.root / "other.npz", made(first=1))))
    assert by_idx.digest == by_npz.digest
    assert other.digest != by_npz.digest


def test_the_digest_tells_arrays_of_equal_bytes_and_other_shapes_apart(desk: Desk) -> None:
    (x_train, y_train), (x_test, y_test) = made()
    turned = (x_train.reshape(2, 4, 3), y_train), (x_test.reshape(1, 4, 3), y_test)
    straight = desk.find(settings(), str(save(desk.root / "a.npz", made())))
    assert desk.find(settings(), str(save(desk.root / "b.npz", turned))).digest != straight.digest


# Memory


def test_nothing_is_remembered_before_the_first_search(desk: Desk) -> None:
    assert desk.remembered(settings()) is None


def test_a_download_is_remembered_and_the_network_is_not_asked_again(desk: Desk, site: Site) -> None:
    save(site.folder / "small.npz", made())
    declared = settings(mirrors=(site.mirror("small.npz"),))
    found = desk.find(declared)
    asked = len(site.asked)
    assert desk.remembered(declared) == found
    assert len(site.asked) == asked


@pytest.mark.parametrize("change", ["touched", "resized", "replaced", "rewritten", "removed"])
def test_a_changed_file_is_not_remembered(desk: Desk, change: str) -> None:
    path = save(desk.root / "mine.npz", made())
    found = desk.find(settings(), str(path))
    assert desk.remembered(settings(), str(path)) == found
    status = path.stat()
    if change == "touched":
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    elif change == "resized":
        path.write_bytes(path.read_bytes() + b" ")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    elif change == "replaced":  # by one of the same size and time, as `cp -p` and `mv` leave it
        other = path.with_name("other.npz")
        other.write_bytes(path.read_bytes())
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        other.replace(path)
    elif change == "rewritten":
        path.write_bytes(path.read_bytes())
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        path.unlink()
    assert desk.remembered(settings(), str(path)) is None


@pytest.mark.parametrize("change", ["touched", "added", "removed"])
def test_a_changed_folder_is_not_remembered(desk: Desk, change: str) -> None:
    folder = desk.root / "images"
    for name in ("train/ant/1.png", "test/ant/1.png"):
        (folder / name).parent.mkdir(parents=True)
        Image.new("L", (4, 3)).save(folder / name)
    declared = settings(arrays={})
    found = desk.find(declared, str(folder))
    assert desk.remembered(declared, str(folder)) == found
    image = folder / "train/ant/1.png"
    if change == "touched":
        os.utime(image, ns=(0, image.stat().st_mtime_ns + 1))
    elif change == "added":
        image.with_name("2.png").write_bytes(image.read_bytes())
    else:
        image.unlink()
    assert desk.remembered(declared, str(folder)) is None


def test_a_folder_with_a_link_to_nowhere_is_found_and_remembered(desk: Desk) -> None:
    save_idx(desk.root / "idx", made())
    (desk.root / "idx" / "lost").symlink_to(desk.root / "nowhere")
    found = desk.find(settings(), str(desk.root / "idx"))
    assert desk.remembered(settings(), str(desk.root / "idx")) == found


def test_a_sample_is_remembered_until_the_keras_cache_has_a_file(desk: Desk) -> None:
    found = desk.find(settings())
    assert desk.remembered(settings()) == found
    save(desk.keras, made())
    assert desk.remembered(settings()) is None
    assert desk.find(settings()).kind == "keras"


def test_a_bad_file_that_was_passed_over_is_looked_at_again_once_it_changes(desk: Desk) -> None:
    save(desk.keras, made(first=1))
    found = desk.find(settings())
    assert found.kind == "sample"
    assert desk.remembered(settings()) == found
    desk.keras.write_bytes(b"something else")
    assert desk.remembered(settings()) is None


def test_on_the_sample_each_build_says_how_the_data_is_looked_for_again(desk: Desk) -> None:
    desk.find(settings())
    (hint,) = (line for line in desk.said if line == "To look for the data again, build with --refresh.")
    desk.said.clear()
    desk.remembered(settings())
    assert desk.said == [hint]
    desk.find(settings(), "sample")
    desk.said.clear()
    desk.remembered(settings(), "sample")
    assert desk.said == [], "it was asked for"


def test_a_look_finds_what_is_on_this_machine_and_remembers_nothing(desk: Desk) -> None:
    """It asks no mirror, and the sample is not the data."""
    declared, paper = settings(mirrors=(Mirror((Download("https://127.0.0.1:1/x.npz", sha256="0" * 64),)),)), desk.root
    assert sources.look(declared, paper, None, environ=desk.environ) is None
    save(desk.keras, made())
    found = sources.look(declared, paper, None, environ=desk.environ)
    assert found is not None and found.kind == "keras"
    assert not desk.cache.exists()


def test_bundled_data_is_the_papers_own_and_no_preview(desk: Desk) -> None:
    declared = DataSettings(name="digits", bundled="digits")
    found = desk.find(declared)
    assert (found.kind, found.preview, found.paths) == ("bundled", False, ())
    assert desk.remembered(declared) == found
    with dataset.bound(declared, found):
        (x_train, y_train), (x_test, y_test) = dataset.load("digits")
    assert x_train.shape[1:] == x_test.shape[1:] == (8, 8)
    assert len(y_train) + len(y_test) == 1797
    assert (x_train.min(), x_train.max()) == (0, 16)


def test_bundled_data_that_is_not_what_the_paper_declares_is_refused(desk: Desk) -> None:
    with pytest.raises(ReportError, match=r"paper\.toml: is not the digits .* its x_train"):
        desk.find(DataSettings(name="digits", bundled="digits", arrays={"x_train": "0" * 64}))


def test_what_is_neither_a_file_nor_a_folder_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="/dev/zero was not found, or is not readable"):
        desk.find(settings(), "/dev/zero")


def test_another_command_environment_or_setting_is_another_search(desk: Desk) -> None:
    found = desk.find(settings())
    assert desk.remembered(settings(), "sample") is None
    assert desk.remembered(settings(sample_size=(9, 9))) is None
    desk.variables["SMALL_PATH"] = "sample"
    assert desk.remembered(settings()) is None
    desk.variables = {"KERAS_HOME": str(desk.root / "elsewhere")}
    assert desk.remembered(settings()) is None
    desk.variables = {}
    assert desk.remembered(settings()) == found, "going back to an earlier search costs nothing"


def test_a_damaged_memory_is_no_memory(desk: Desk) -> None:
    desk.find(settings())
    (file,) = desk.cache.iterdir()
    for content in (b"", b"{", b"[]", msgspec.json.encode({"source": None, "seen": {}})):
        file.write_bytes(content)
        assert desk.remembered(settings()) is None


def test_a_memory_that_cannot_be_kept_is_a_warning_and_not_a_failure(desk: Desk) -> None:
    desk.cache.write_text("a file where a folder should be")
    save(desk.keras, made())
    assert desk.find(settings()).kind == "keras"
    assert len(desk.said) == 1
    assert "cannot be written" in desk.said[0]


def test_recognizing_an_unchanged_source_imports_no_numpy(desk: Desk) -> None:
    path = save(desk.root / "mine.npz", made())
    found = desk.find(settings(), str(path))
    program = """
import sys
from pathlib import Path
import msgspec
from generator.data import sources
from generator.records.dataset import DataSettings
declared, root, explicit = sys.argv[1:]
root = Path(root)
source = sources.remembered(
    msgspec.json.decode(declared, type=DataSettings), root / "report", explicit, root / "build",
    environ={"KERAS_HOME": str(root / "keras")},
)
print(source.digest, *sorted({"numpy", "sklearn", "PIL", "rich"} & set(sys.modules)))
"""
    declared = msgspec.json.encode(settings()).decode()
    command = [sys.executable, "-c", program, declared, str(desk.root), str(path)]
    project = Path(__file__).resolve().parents[3]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert result.stdout.split() == [found.digest]


# The real thing


@pytest.mark.skipif(not os.environ.get("MNIST_PATH"), reason="needs the real MNIST; name its file in MNIST_PATH")
def test_the_real_mnist_is_verified(desk: Desk) -> None:
    declared = DataSettings(name="mnist", environment="MNIST_PATH", arrays=MNIST_ARRAYS)
    desk.variables["MNIST_PATH"] = os.environ["MNIST_PATH"]
    source = desk.find(declared)
    assert source.kind == "given"
    assert not source.preview


@pytest.mark.parametrize("given", [True, False])
def test_a_path_of_data_that_is_not_utf_8_is_refused_before_anything_is_looked_for(desk: Desk, given: bool) -> None:
    path = str(desk.root / "caf\udce9")
    desk.variables = {} if given else {"KERAS_HOME": path}
    with pytest.raises(UsageError, match=f"{'--data' if given else 'KERAS_HOME'}: The path of the data is not UTF-8"):
        desk.find(settings(), path if given else None)
