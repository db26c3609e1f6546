"""Finds the layer at which an exception was raised, which Keras does not always name in its message.

Keras removes its own frames from a traceback, but keeps the call that wraps each call of a layer.
"""

from __future__ import annotations

import traceback
from types import FrameType
from typing import Any


def in_layer(error: BaseException) -> str:
    """The layer whose call raised an exception, with the shapes of its inputs, as " in layer …"; empty if unknown."""
    import keras  # the experiment has imported it

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    calls = [call for frame in frames if (call := _call(frame)) and isinstance(call[0], keras.Layer)]
    if not calls:
        return ""
    layer, inputs = calls[-1]
    shapes = [tuple(one.shape[1:]) for one in keras.tree.flatten(inputs) if hasattr(one, "shape")]
    reads = f", which gets {' and '.join(map(str, shapes))}" if shapes else ""
    return f' in layer "{layer.name}" ({type(layer).__name__}{reads})'


def _call(frame: FrameType) -> tuple[Any, Any] | None:
    """The object whose call a frame of Keras's wrapper makes, and the first argument; None for any other frame."""
    match frame.f_locals:
        case {"fn": wrapped, "args": (owner, inputs, *_)} if getattr(wrapped, "__name__", "") == "__call__":
            return owner, inputs
    return None
