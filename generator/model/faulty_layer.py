"""Finds the layer at which an exception was raised, which Keras does not always name in its message."""

from __future__ import annotations

import traceback


def faulty_layer(error: BaseException) -> str:
    """The innermost layer whose call raised an exception, with the shapes of its inputs; empty if there is none.

    Keras removes its own frames from a traceback, and this one with them, unless its filter is switched off.
    """
    import keras  # the experiment has imported it

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if frame.f_code.co_name == "__call__"]
    calls = [frame.f_locals for frame in frames if isinstance(frame.f_locals.get("self"), keras.Layer)]
    if not calls:
        return ""
    layer, inputs = calls[-1]["self"], (calls[-1].get("args"), calls[-1].get("kwargs"))
    shapes = [tuple(one.shape[1:]) for one in keras.tree.flatten(inputs) if hasattr(one, "shape")]
    given = f", whose input has shape {' and '.join(map(str, shapes))}" if shapes else ""
    return f'layer "{layer.name}" ({type(layer).__name__}{given})'
