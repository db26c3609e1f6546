"""The folders that the project is laid out in, named once."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
REPORT = ROOT / "report"
BUILD = ROOT / "build"
