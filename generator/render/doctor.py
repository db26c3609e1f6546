"""Checks what the machine itself must provide: the libraries that WeasyPrint draws text with.

Everything else comes from requirements.lock. This only names what is missing, and installs nothing.
"""

from __future__ import annotations

import ctypes.util

from generator.core.errors import ReportError

LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz", "harfbuzz-subset", "fontconfig")
INSTALL = {
    "Debian, Ubuntu": "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "Fedora": "sudo dnf install pango harfbuzz",
    "macOS": "brew install pango",
}

VERSIONED = {"pango-1.0": "pango_version_string", "harfbuzz": "hb_version_string"}
"""The libraries that break lines and shape words, and the functions that return their versions."""


def library_versions() -> dict[str, str]:
    """The versions of the system libraries that a PDF depends on, read from them without importing WeasyPrint."""
    found = {}
    for name, function in VERSIONED.items():
        for file in (f"lib{name}.so.0", f"lib{name}.0.dylib", f"lib{name}.dylib"):
            try:
                ask = getattr(ctypes.CDLL(file), function)
            except (OSError, AttributeError):
                continue
            ask.restype = ctypes.c_char_p
            found[name] = ask().decode()
            break
    return found


def missing() -> list[str]:
    """The libraries that WeasyPrint needs and the system does not find; empty when WeasyPrint loads."""
    try:
        import weasyprint  # noqa: F401  # loading is the test
    except OSError:
        return [name for name in LIBRARIES if not ctypes.util.find_library(name)] or ["pango-1.0"]
    return []


def examine() -> None:
    """Raises ReportError, with the commands that install them, when libraries are missing."""
    if names := missing():
        lines = "\n".join(f"    {system}: {line}" for system, line in INSTALL.items())
        raise ReportError(
            f"WeasyPrint does not load: missing {', '.join(names)}",
            next=f"Install Pango, then build again:\n{lines}",
        )
