"""Images in: PNG or JPEG bytes to pixels."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from serving.runtime.description import Description
from serving.runtime.tensors import PIXELS, Tensors

MAX_PIXELS = 25_000_000
FORMATS = ("PNG", "JPEG")


class ImageCodec:
    """Decodes and squares images as the source model was trained on them."""

    def __init__(self, description: Description) -> None:
        """Take the size from the description; mean and deviation are part of the graph."""
        self.description = description

    def preprocess(self, inputs: Sequence[Any]) -> Tensors:
        """Return float32 pixels `[batch, 3, size, size]` in 0..1.

        Raises:
            ValueError: An input is no PNG or JPEG, or has more than `MAX_PIXELS` pixels.
        """
        size = self.description.image_size
        return {PIXELS: np.stack([decode(item, size) for item in inputs])}

    def postprocess(self, tensors: Mapping[str, Any], inputs: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of probabilities as float32."""
        del inputs  # no answer repeats what was asked
        return list(np.asarray(tensors[self.description.output], dtype=np.float32))


def decode(data: bytes, size: int) -> NDArray[np.float32]:
    """Return an image as float32 `[3, size, size]` in 0..1, RGB, bilinear, aspect not kept.

    Raises:
        ValueError: Not a PNG or JPEG, truncated, or over `MAX_PIXELS` pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels is over {MAX_PIXELS}")
            small = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"image: cannot be decoded ({error}); send a PNG or a JPEG") from error
    return np.asarray(small, dtype=np.float32).transpose(2, 0, 1) / np.float32(255)


def load(directory: Path, description: Description) -> ImageCodec:
    """Make the codec; it reads no file."""
    return ImageCodec(description)
