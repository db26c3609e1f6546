"""Made-up editions: a results.json and a page that are as small as they can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from generator.diff.edition import ReadEdition, parsed

ARRAY = {"shape": [4, 8, 8, 1], "dtype": "float32", "sha256": "a" * 64}
ENVIRONMENT = {
    "python": "3.12.1", "versions": {"keras": "3.15.0"}, "platform": "Linux", "cpu": "A processor", "threads": 1,
    "onednn": True, "seed": 0, "commit": None, "dirty": False,
}  # fmt: skip
DENSE = {
    "name": "dense", "kind": "Dense", "output_shape": [None, 2], "parameters": 10, "trainable": 10, "inputs": [],
}  # fmt: skip
CLAIM = {
    "id": "claim:1", "sentence": "It works.", "condition": "test.accuracy.low > 0.5", "verdict": "holds", "values": {},
    "differences": [], "line": 3, "otherwise": False,
}  # fmt: skip
COMPARISON = {"path": ["total"], "label": "Parameters in total", "published": 10, "verdict": "equal"}
TEXT = {"paragraphs": [{"section": "", "text": "Text."}], "listings": {}}
RESULTS = {
    "format": 1,
    "title": "A paper",
    "edition": {"date": "2026-01-02", "commit": "abc", "dirty": False, "preview": None, "generator": "0.1.0"},
    "data": {"source": "data.npz", "arrays": dict.fromkeys(("x_train", "y_train", "x_test", "y_test"), ARRAY)},
    "model": [DENSE],
    "stages": {"train": {"code": "c" * 64, "data": "d" * 64, "key": "e" * 64}},
    "claims": [CLAIM],
    "published": [COMPARISON],
    "replicates": [{"seed": 0, "environment": ENVIRONMENT}],
    "values": {},
    "text": TEXT,
}
RESULTS["data"]["arrays"]["classes"] = 2  # type: ignore[index]


def stated(value: object) -> dict[str, Any]:
    return {"value": value, "stage": "train", "replicate": None, "code": "c", "data": "d"}


def measured(name: str, *values: float) -> dict[str, Any]:
    """A quantity with one value for each replicate, and what is worked out from them."""
    ends = {f"{name}.{end}": stated(sum(values) / len(values)) for end in ("mean", "low", "high")}
    return ends | {f"{name}.replicate.{seed}": stated(value) for seed, value in enumerate(values)}


def results(values: Mapping[str, Any] | None = None, **changes: Any) -> bytes:
    """results.json with these values, and with other parts replaced."""
    return msgspec.json.encode(RESULTS | {"values": values or {}} | changes)


def text(*paragraphs: str, section: str = "Results", **listings: str) -> dict[str, Any]:
    """What an article says, in paragraphs of one section."""
    return {"paragraphs": [{"section": section, "text": said} for said in paragraphs], "listings": listings}


def page(body: str = "<p>Text.</p>") -> str:
    return f"<!doctype html><html><head><title>A paper</title></head><body><article>{body}</article></body></html>"


def edition(values: Mapping[str, Any] | None = None, body: str = "<p>Text.</p>", **changes: Any) -> ReadEdition:
    """An edition as it is read."""
    return parsed((results(values, **changes), "results.json"), (page(body).encode(), "index.html"))


def write_edition(folder: Path, content: bytes | None = None, body: str = "<p>Text.</p>") -> Path:
    """An edition's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_bytes(results() if content is None else content)
    (folder / "index.html").write_text(page(body), encoding="utf-8")
    return folder


def names(rows: Sequence[Any]) -> list[str]:
    return [row.name for row in rows]
