"""What is kept of a picture: numbers that describe it, never the picture.

An ad's picture is the customer's, weighs up to megabytes and may show people; drift in size,
brightness, contrast and composition shows in these numbers as well. So captures stay small, and
nothing that can be looked at leaves the server. A caller who needs pictures has them by event id.
"""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 6
"""The descriptor is the picture shrunk to so many cells a side, in three colours."""
DECIMALS = 4


def describe(data: bytes) -> dict[str, Any]:
    """Return a picture's numbers.

    `width` and `height` in pixels, `bytes`, `brightness` (mean of the luminance, 0 to 1),
    `contrast` (its standard deviation) and `descriptor`: the mean colours of 6 x 6 cells, red,
    green and blue from 0 to 1, which stand for the picture as an embedding would.

    Raises:
        ValueError: The bytes are no picture that Pillow reads.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as opened:
            width, height = opened.size
            picture = opened.convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"picture of {len(data)} bytes cannot be read ({error})") from error
    luminance = np.asarray(picture.convert("L"), np.float32) / 255
    cells = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255
    return {
        "width": width,
        "height": height,
        "bytes": len(data),
        "brightness": round(float(luminance.mean()), DECIMALS),
        "contrast": round(float(luminance.std()), DECIMALS),
        "descriptor": rounded(cells.reshape(-1)),
    }


def rounded(row: NDArray[np.float32]) -> list[float]:
    """Return numbers with four decimals: half the bytes, and no feature sees the difference."""
    return [round(float(value), DECIMALS) for value in row]
