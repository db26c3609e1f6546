"""Bytes to shares."""


def scaled(images):
    """To [0, 1], with a channel axis."""
    return images.astype("float32")[..., None] / 255
