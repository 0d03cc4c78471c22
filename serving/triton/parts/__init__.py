"""What a part of a model does: `tokenize`, `drive`, `model`, `answer`."""
