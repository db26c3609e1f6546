"""Checks the system's limits on the process before a library runs into them.

Libraries that a build loads, such as NumPy's OpenBLAS and Pango, end the process or wait forever if they cannot map
enough memory. Python cannot report that afterward.
"""

from __future__ import annotations

import sys

from generator.core.errors import ReportError
from generator.core.reading import MIB

MIN_MEMORY = 512 * MIB  # what a process must be able to map


def check_memory() -> None:
    """Raises ReportError when this process may map less memory than its libraries need to start."""
    if sys.platform == "win32":
        return
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY and most < MIN_MEMORY:
        what = f"The limit on memory is {most // MIB} MiB here, but a build needs at least {MIN_MEMORY // MIB} MiB"
        raise ReportError(what, next="Raise the limit, for example with `ulimit -v unlimited`.")
