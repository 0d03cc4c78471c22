"""What features need to know besides the rows: the model's tokenizer and a baseline's axes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

COMPONENTS = 4


@dataclass(frozen=True)
class Axes:
    """The centre of a baseline's vectors and the directions in which they vary most."""

    centroid: NDArray[np.float32]
    components: NDArray[np.float32]


@dataclass(frozen=True)
class Lens:
    """Through which rows are seen; equal for a baseline and all that is compared with it.

    Attributes:
        tokenizer: The model's `tokenizer.json`; empty for models of pictures.
        axes: By vector; empty until `with_axes` has been given a baseline's vectors.
    """

    tokenizer: str = ""
    axes: Mapping[str, Axes] = field(default_factory=dict)


def axes_of(vectors: NDArray[np.float32]) -> Axes:
    """Return the centroid and the first principal components of vectors `[n, width]`.

    Each component points to where its largest weight is positive, so a second run agrees.
    """
    centroid = vectors.mean(axis=0)
    _, _, found = np.linalg.svd(vectors - centroid, full_matrices=False)
    components = found[:COMPONENTS]
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    return Axes(centroid.astype(np.float32), (components * signs[:, None]).astype(np.float32))
