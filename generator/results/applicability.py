"""Why measures of kernels and pictures of layers do not apply to a network, as far as its layers alone show.

Measures give these reasons for what they leave out, and the article is checked against them before training.
"""

from __future__ import annotations

NO_MAPS = "the network has no convolution or pooling layer"
NO_CONVOLUTION = "the network has no convolution layer"
NOT_PLAIN = "the first convolution is not a plain one, so its kernels are not the filters that it applies"
TOO_MANY_INPUTS = "the first convolution reads too many channels for a picture"
MAX_INPUTS = 16
"""The most input channels of the first convolution for a picture of its kernels: each channel is a row."""


def edge_fault(shape: tuple[int, ...]) -> str | None:
    """Why kernels of a shape (h, w, in, n) have no edge energy; None if they have one."""
    if shape[:2] != (3, 3):
        return f"the kernels are {shape[0]}x{shape[1]}, and the Frei-Chen basis is for 3x3"
    if shape[2] != 1:
        return f"the kernels have {shape[2]} input channels, and the Frei-Chen basis is for one"
    return None
