"""Inputs that Hypothesis invents for files that others write, and the bounds that reading them must keep."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from generator.core.reading import MAX_TEXT_BYTES

MAX_SECONDS = 20
"""As long one input may take of a processor; the machine does other things too, or nothing for a while."""

MAX_PIECES = 8
"""Of an invented text, which is hardly larger than what is read of any text."""

invented = settings() if settings.get_current_profile_name() == "fuzz" else settings(max_examples=30)
"""How many inputs are tried: with the other tests, few."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class TooSlowError(BaseException):
    """An input took longer than it may; nothing that is called catches this."""


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Ends what takes too long."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"not done after {MAX_SECONDS} seconds")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def texts(whole: str, fragments: Sequence[str]) -> st.SearchStrategy[str]:
    """A text that is right, with pieces in it that may not be: fragments, alone or many times, and any characters."""
    piece = st.sampled_from(fragments) | st.text(max_size=6)
    times = st.sampled_from([1, 1, 1, 1, 2, 3, 20, 100, 3000])
    pieces = st.lists(st.builds(_repeated, piece, times), min_size=1, max_size=MAX_PIECES).map("".join)
    place = st.integers(0, len(whole))
    inside = st.builds(lambda start, text: whole[:start] + text + whole[start:], place, pieces)
    instead = st.builds(
        lambda ends, text: whole[: min(ends)] + text + whole[max(ends) :], st.tuples(place, place), pieces
    )
    return pieces | inside | instead


def _repeated(text: str, count: int) -> str:
    return text * min(count, MAX_TEXT_BYTES // MAX_PIECES // max(1, len(text)))


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """Bytes that are right but for a few, or for their end."""
    change = st.tuples(st.integers(0, len(whole) - 1), st.binary(max_size=8))

    def put(changes: list[tuple[int, bytes]], end: int) -> bytes:
        content = bytearray(whole)
        for start, piece in changes:
            content[start : start + len(piece)] = piece
        return bytes(content[:end])

    return st.builds(put, st.lists(change, max_size=6), st.integers(0, len(whole)) | st.just(len(whole)))


def altered(document: Any) -> st.SearchStrategy[bytes]:
    """A document as JSON, in which some values are others, or left out, or more than there should be."""
    paths = list(_paths(document, ()))
    change = st.tuples(st.sampled_from(paths), st.sampled_from(["set", "remove", "add"]), json_values)

    def put(changes: list[tuple[tuple[Any, ...], str, Any]]) -> bytes:
        content = json.loads(json.dumps(document))
        for path, kind, value in changes:
            with contextlib.suppress(LookupError, TypeError):  # an earlier change has taken the place away
                _change(content, path, kind, value)
        return json.dumps(content).encode("utf-8", "surrogatepass")

    return st.lists(change, min_size=1, max_size=4).map(put) | damaged(json.dumps(document).encode())


def _paths(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _paths(inner, (*path, key))


def _change(content: Any, path: tuple[Any, ...], kind: str, value: Any) -> None:
    for part in path[:-1]:
        content = content[part]
    if kind == "set":
        content[path[-1]] = value
    elif kind == "remove":
        del content[path[-1]]
    elif isinstance(content, dict):
        content[str(value)] = value
    elif isinstance(content, list):  # an earlier change may have left neither
        content.append(value)
