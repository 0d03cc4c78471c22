"""An input that means nothing, to warm a model up with."""

import io

import numpy as np
from PIL import Image

from serving.runtime.description import Description

TEXT = "warm up"


def blank(description: Description) -> str | bytes:
    """Return a text, or for models of images a black PNG."""
    size = description.image_size
    if not size:
        return TEXT
    stream = io.BytesIO()
    Image.fromarray(np.zeros((size, size, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()
