"""Text in and out: one text or a pair to ids and mask, ids or rows back to outputs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from serving.runtime.description import CorruptArtifact, Description
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, SIDES, Tensors

FILE_NAME = "tokenizer.json"
# A query is never longer; the tokenizer need not walk through a megabyte to cut it at the limit.
MAX_CHARACTERS = 16_384


class TextCodec:
    """Tokenises with the model's own `tokenizer.json`, cut at the limit, padded per batch."""

    def __init__(self, tokenizer: Tokenizer, description: Description) -> None:
        """Set the cut on the tokenizer; padding depends on the batch and is done here."""
        self.description = description
        self._tokenizer = tokenizer
        self._pad = _pad_id(tokenizer)
        tokenizer.no_padding()
        tokenizer.enable_truncation(description.max_input_tokens)

    def preprocess(self, inputs: Sequence[Any]) -> Tensors:
        """Return ids and mask, int64 `[batch, length]`, of both sides if the inputs are pairs."""
        if self.description.task != "pair-classification":
            return self._tensors({"": inputs})
        return self._tensors(dict(zip(SIDES, zip(*inputs, strict=True), strict=True)))

    def postprocess(self, tensors: Mapping[str, Any], inputs: Sequence[Any] = ()) -> list[Any]:
        """Return strings for seq2seq, else the rows of the output as float32.

        Given the `inputs` too, seq2seq returns unchanged those that the model could not read whole,
        and those whose answer runs on.
        """
        rows = tensors[self.description.output]
        if self.description.task != "seq2seq":
            return list(np.asarray(rows, dtype=np.float32))
        decoded = self._tokenizer.decode_batch(rows.tolist(), skip_special_tokens=True)
        texts = [text.strip() for text in decoded]
        if not inputs:
            return texts
        pairs = zip(inputs, texts, strict=True)
        return [
            text
            if reads_whole(self._tokenizer, _clean(asked)) and not runs_on(asked, text)
            else asked
            for asked, text in pairs
        ]

    def _tensors(self, columns: Mapping[str, Sequence[str]]) -> Tensors:
        encoded = {
            prefix: self._tokenizer.encode_batch_fast([_clean(text) for text in texts])
            for prefix, texts in columns.items()
        }
        longest = max(len(item) for items in encoded.values() for item in items)
        length = padded_length(longest, self.description.buckets)
        tensors: Tensors = {}
        for prefix, items in encoded.items():
            ids = [item.ids for item in items]
            mask = [item.attention_mask for item in items]
            tensors[prefix + INPUT_IDS] = _padded(ids, length, self._pad)
            tensors[prefix + ATTENTION_MASK] = _padded(mask, length, 0)
        return tensors


def padded_length(longest: int, buckets: Sequence[int]) -> int:
    """Return how many tokens a batch is padded to, whose longest text has `longest`."""
    # A graph over zero tokens is undefined: an empty text without special tokens is one pad.
    longest = max(longest, 1)
    return min((bucket for bucket in buckets if bucket >= longest), default=longest)


def reads_whole(tokenizer: Tokenizer, text: str) -> bool:
    """Return whether ids stand for all of a text: none for the unknown, nothing cut off.

    An answer to less than the whole text would lose the rest, so it is better not corrected.
    """
    coded = tokenizer.encode(text)
    unknown = {tokenizer.token_to_id(token) for token in ("[UNK]", "<unk>")}
    return not coded.overflowing and unknown.isdisjoint(coded.ids)


def runs_on(asked: str, answer: str) -> bool:
    """Return whether an answer has over one word more than was asked: the model went in circles."""
    return len(answer.split()) > len(asked.split()) + 1


def load(directory: Path, description: Description) -> TextCodec:
    """Read `tokenizer.json`."""
    path = directory / FILE_NAME
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises bare Exception
        raise CorruptArtifact(f"{path}: not a tokenizer ({error})") from error
    return TextCodec(tokenizer, description)


def _pad_id(tokenizer: Tokenizer) -> int:
    if tokenizer.padding:
        return int(tokenizer.padding["pad_id"])
    ids = (tokenizer.token_to_id(token) for token in ("[PAD]", "<pad>"))
    return next((found for found in ids if found is not None), 0)


def _clean(text: str) -> str:
    """Return text that is valid UTF-8: a lone surrogate would stop the tokenizer."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def _padded(rows: Sequence[Sequence[int]], length: int, fill: int) -> NDArray[np.int64]:
    table = np.full((len(rows), length), fill, dtype=np.int64)
    for target, row in zip(table, rows, strict=True):
        target[: len(row)] = row
    return table
