"""Why a stage runs again, told from its last run."""

from __future__ import annotations

from pathlib import Path

from generator.build.explanation import reasons, site_line
from generator.build.store import Key, Store
from generator.data.reads import READS, Scope, Today, encoded, value_digest
from generator.records.reads import Reads


def test_what_was_read_and_changed_is_named_beside_parts_of_the_key(tmp_path: Path) -> None:
    scope = Scope(tmp_path, tmp_path, tmp_path / "build")
    store, key = Store(tmp_path / "build", Today(scope, {"DROPOUT": "0.2"})), Key("train", {"seed": "0", "code a": "1"})
    reads = Reads({"config.json": None}, {}, {"DROPOUT": value_digest("0.1")})

    def put(folder: Path) -> None:
        (folder / READS).write_bytes(encoded(reads))

    store.remember(key, store.write(key, put))
    (tmp_path / "config.json").write_text("{}")
    told = ["config.json was absent and is now there", "DROPOUT changed"]
    assert reasons(store, key) == told
    assert reasons(store, Key("train", {"seed": "0", "code a": "2"})) == ["code a changed", *told]


def test_uncommitted_changes_are_told_in_words(tmp_path: Path) -> None:
    scope = Scope(tmp_path, tmp_path, tmp_path / "build")
    store = Store(tmp_path / "build", Today(scope, {}))
    clean, dirty = Key("article", {"dirty": "False"}), Key("article", {"dirty": "True"})
    store.remember(clean, store.write(clean, lambda folder: None))
    assert reasons(store, dirty) == ["there are uncommitted changes"]
    store.remember(dirty, store.write(dirty, lambda folder: None))
    assert reasons(store, clean) == ["all changes are committed now"]


def test_a_site_that_shows_something_else_is_said_to_be_replaced(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    assert site_line(tmp_path, [page]) == f"site: would be written to {tmp_path}"
    page.write_text("")
    said = f"site: would be replaced, because {tmp_path} differs from what a build would write"
    assert site_line(tmp_path, [tmp_path / "article.pdf"]) == said
    assert site_line(tmp_path, []) == "site: up to date"
