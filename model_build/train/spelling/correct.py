"""Corrects queries with a trained model in eager PyTorch, many at a time."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from model_build.data.queries import Query
from model_build.sources.whole import made_of_letters, write_whole
from model_build.train.spelling.architectures import PAD_ID

BATCH = 128


class Corrects(Protocol):
    """Anything that corrects queries."""

    def correct(self, queries: list[str]) -> list[str]:
        """Returns the corrected queries."""
        ...


def exact(corrector: Corrects, queries: Sequence[Query]) -> float:
    """Returns the share of queries that come out as they were meant."""
    answers = corrector.correct([query.typed for query in queries])
    return sum(a == query.meant for a, query in zip(answers, queries, strict=True)) / len(queries)


class Corrector:
    """A seq2seq model and its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: Tokenizer) -> None:
        self._model: Any = model.eval()  # type: ignore[no-untyped-call]
        self._tokenizer = tokenizer
        self._tokenizer.enable_padding(pad_id=PAD_ID)

    @classmethod
    def from_folder(cls, folder: Path) -> "Corrector":
        """Loads what a recipe wrote."""
        with TemporaryDirectory() as copy:
            if made_of_letters(folder):
                write_whole(folder, Path(copy))
            plain = copy if made_of_letters(folder) else folder
            model = AutoModelForSeq2SeqLM.from_pretrained(plain, dtype=torch.float32)
        return cls(model, Tokenizer.from_file(str(folder / "tokenizer.json")))

    def correct(self, queries: list[str]) -> list[str]:
        """Returns the greedy correction of each query."""
        order = sorted(range(len(queries)), key=lambda row: len(queries[row]))
        answers = [""] * len(queries)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            for row, answer in zip(rows, self._batch([queries[row] for row in rows]), strict=True):
                answers[row] = answer
        return answers

    @torch.inference_mode()
    def _batch(self, queries: list[str]) -> list[str]:
        coded = self._tokenizer.encode_batch(queries)
        written = self._model.generate(
            input_ids=torch.tensor([row.ids for row in coded]),
            attention_mask=torch.tensor([row.attention_mask for row in coded]),
        )
        return list(self._tokenizer.decode_batch(written.tolist(), skip_special_tokens=True))
