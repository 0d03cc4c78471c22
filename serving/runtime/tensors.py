"""Names and types of the tensors between codec and engine."""

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.generic]]

INPUT_IDS = "input_ids"  # int64 [batch, length]
ATTENTION_MASK = "attention_mask"  # int64 [batch, length], 1 on tokens
# A pair is two texts of one padded length: left_input_ids, left_attention_mask, right_...
SIDES = ("left_", "right_")
PIXELS = "pixels"  # float32 [batch, 3, size, size], RGB in 0..1

VECTOR = "vector"  # float32 [batch, width], what a pair classifier compares of a text
EMBEDDING = "embedding"  # float32 [batch, width], unit length
PROBABILITIES = "probabilities"  # float32 [batch, labels]
OUTPUT_IDS = "output_ids"  # int64 [batch, length], padded on the right

OUTPUT_OF_TASK = {
    "seq2seq": OUTPUT_IDS,
    "embedding": EMBEDDING,
    "classification": PROBABILITIES,
    "pair-classification": PROBABILITIES,
    "image-classification": PROBABILITIES,
}
