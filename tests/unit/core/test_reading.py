"""What stands in the place of a file is named, and no pipe, device, or endless file is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from generator.build import codedigest
from generator.core.errors import Place, ReportError, UsageError
from generator.core.reading import MIB, read_author_text, read_code, read_regular
from generator.data import formats
from generator.diff.edition import read_edition
from generator.editions.refusals import check_obstacles
from generator.editions.site_reader import reader
from generator.paper import load_paper
from generator.prose import bibliography, images, prose
from generator.records.dataset import DataSettings
from tests.support.special_files import KINDS


def _picture(path: Path) -> None:
    images.data_uri(path.name, Place(path.with_name("article.md"), 1))


def _class_folder(path: Path) -> None:
    Image.new("L", (1, 1)).save(path.with_name("2.png"))
    formats.decode(path.parent.parent, DataSettings(name="pictures"))


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "paper.toml": ("paper.toml", lambda path: load_paper(path.parent, {})),
    "article.md": ("article.md", prose.read),
    "references.bib": ("references.bib", bibliography.read),
    "experiment.py": ("experiment.py", codedigest.parse),
    "picture": ("picture.png", _picture),
    "archive": ("data.npz", lambda path: formats.decode(path, DataSettings(name="data"))),
    "image of a class": ("images/ant/1.png", _class_folder),
    "edition": ("results.json", lambda path: read_edition(path.parent)),
    "results of a site": ("results.json", lambda path: check_obstacles(path.parent, path.parent, allow_dirty=False)),
    "published file": ("results.json", lambda path: reader(str(path.parent))(path.name)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_file_is_named_and_not_read(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, read = READERS[name]
    make, said = KINDS[kind]
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path)
    make(path)
    if (name, kind) == ("archive", "folder"):
        said = "holds neither IDX files nor folders of images"
    with pytest.raises(ReportError) as caught:
        read(path)
    assert said in caught.value.what
    assert str(caught.value), "where it is can be told, too"


@pytest.mark.parametrize("kind", KINDS)
def test_code_that_is_no_file_is_not_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make, said = KINDS[kind]
    make(path := tmp_path / "experiment.py")
    with pytest.raises(OSError, match=said):
        read_code(path)


def test_code_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "experiment.py"
    path.write_bytes("# -*- coding: latin-1 -*-\r\n# é\n".encode("latin-1"))
    assert read_code(path) == "# -*- coding: latin-1 -*-\n# é\n"


def test_paper_toml_is_configuration_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "paper.toml")
    with pytest.raises(UsageError):
        load_paper(tmp_path, {})


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(MIB))
    assert read_regular(path, MIB) == bytes(MIB)
    path.write_bytes(bytes(MIB + 1))
    with pytest.raises(OSError, match="it is larger than 1 MiB"):
        read_regular(path, MIB)


def test_a_name_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no file can have this name"):
        read_regular(tmp_path / "a\0b", MIB)


def test_the_text_of_an_author_has_plain_ends_of_lines_and_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeffa\r\nb\rc\n".encode())
    assert read_author_text(path) == "a\nb\nc\n"


def test_an_edition_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    for name in ("1", "10", "2", "3.tmp"):
        (tmp_path / "v" / name).mkdir(parents=True)
    with pytest.raises(UsageError, match=r"There is no such folder\n  The editions here are: 1, 2, 10\."):
        reader(str(tmp_path / "v" / "7"))
