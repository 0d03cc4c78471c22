"""Names and types of the tensors between codec and engine."""

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.generic]]

INPUT_IDS = "input_ids"  # int64 [batch, length]
ATTENTION_MASK = "attention_mask"  # int64 [batch, length], 1 on tokens
TOKEN_TYPE_IDS = "token_type_ids"  # noqa: S105 - int64 [batch, length], 1 on the right text of a pair
PIXELS = "pixel_values"  # float32 [batch, 3, size, size]

EMBEDDING = "embedding"  # float32 [batch, width], unit length
PROBABILITIES = "probabilities"  # float32 [batch, labels]
OUTPUT_IDS = "output_ids"  # int64 [batch, length], right-padded
