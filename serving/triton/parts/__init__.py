"""What a part of a model does: `tokenize`, `model`, `drive`, `detokenize`."""
