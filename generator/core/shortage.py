"""Messages for what the system refuses (space, permission, memory), with what to do next."""

from __future__ import annotations

import errno

MEMORY = "There is not enough memory"
FREE_MEMORY = "Close other programs, or lower training.replicates or the size of the data, and build again."

_KEPT = "and build again; finished steps are kept."
_SPACE = f"Free some space {_KEPT}"
_RIGHTS = f"Check that you may write there {_KEPT}"
_PLACE = f"Something else is in its place. Move it away {_KEPT}"
_STEPS = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _RIGHTS,
    errno.EISDIR: _PLACE,
    errno.ENOTDIR: _PLACE,
    errno.EEXIST: _PLACE,
}

_SIGNS = (
    *("failed to map segment", "annot allocate memory", "can't start new thread", "bad_alloc", "Unable to allocate"),
    "could not create a primitive",
)
"""What the dynamic loader, the C library, Python, C++, NumPy, and oneDNN write in other errors when memory is short."""


def is_of_memory(error: BaseException) -> bool:
    """Whether an error means that there is not enough memory."""
    kind = type(error).__name__  # TensorFlow's, which is not imported here
    if isinstance(error, MemoryError) or kind == "ResourceExhaustedError":
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    may_be = isinstance(error, ImportError | OSError | RuntimeError) or kind == "AbortedError"
    return may_be and any(sign in str(error) for sign in _SIGNS)


def told(error: Exception) -> str | None:
    """What happened, where, and what to do next; None for an error that the system did not raise."""
    if is_of_memory(error):
        reason = f": {error}" if str(error) else ""
        return f"{MEMORY}{reason}\n  {FREE_MEMORY}"
    if not isinstance(error, OSError):
        return None
    name = error.filename2 or error.filename  # the target of a move
    where = f"{name}: " if name else ""
    return f"{where}{error.strerror or error}\n  {_STEPS.get(error.errno or 0, f'Correct this {_KEPT}')}"
