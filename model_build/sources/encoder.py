"""Sources with one pass over their input: embedder and classifiers, of text, pairs or images."""

from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from catalog.spec import Limits
from serving.runtime.image_codec import decode
from serving.runtime.tensors import PIXELS, SIDES

BATCH = 32


class EncoderSource:
    """A module whose `forward` takes named tensors and returns embeddings or probabilities."""

    def __init__(self, module: torch.nn.Module, tokenizer: Path | None, limits: Limits) -> None:
        """Take a module with its weights in."""
        self.module = module.eval().requires_grad_(False)
        self.input_names = tuple(signature(module.forward).parameters)
        self._path = tokenizer
        self._max_tokens = limits.max_input_tokens
        self._image_size = limits.image_size or 0
        if tokenizer is not None:
            untyped: Any = PreTrainedTokenizerFast  # transformers leaves its constructor untyped
            self._tokenizer = untyped(tokenizer_file=str(tokenizer))
            self._tokenizer.pad_token = _pad_token(self._tokenizer)

    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Return a float32 row per input: a unit vector or probabilities."""
        rows: list[Any] = []
        for start in range(0, len(inputs), BATCH):
            tensors = self.tensors(inputs[start : start + BATCH])
            with torch.inference_mode():
                rows += list(self.module(**tensors).numpy().astype(np.float32))
        return rows

    def tensors(self, inputs: Sequence[Any]) -> dict[str, torch.Tensor]:
        """Return what `module` takes for a batch, padded to its longest text."""
        if self.input_names == (PIXELS,):
            planes = [decode(item, self._image_size) for item in inputs]
            return {PIXELS: torch.from_numpy(np.stack(planes))}
        if not self.input_names[0].startswith(SIDES[0]):
            encoded = self._encode(list(inputs))
            return {name: encoded[name] for name in self.input_names}
        # Both sides together, so that they are padded to one length.
        left, right = zip(*inputs, strict=True)
        encoded = self._encode([*left, *right])
        count = len(inputs)
        tensors: dict[str, torch.Tensor] = {}
        for side, rows in zip(SIDES, (slice(None, count), slice(count, None)), strict=True):
            tensors |= {side + name: value[rows] for name, value in encoded.items()}
        return {name: tensors[name] for name in self.input_names}

    def tokenizer_path(self) -> Path | None:
        """Return the tokenizer's file, or None for images."""
        return self._path

    def _encode(self, texts: list[str]) -> dict[str, torch.Tensor]:
        return dict(
            self._tokenizer(
                texts,
                return_tensors="pt",
                padding=True,
                truncation=True,
                max_length=self._max_tokens,
                return_token_type_ids=False,
            )
        )


def _pad_token(tokenizer: PreTrainedTokenizerFast) -> str:
    vocabulary = tokenizer.get_vocab()
    return next(token for token in ("[PAD]", "<pad>") if token in vocabulary)
