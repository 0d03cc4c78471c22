"""T5 and BART sources: Hugging Face `generate`."""

import weakref
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, PreTrainedTokenizerFast

from catalog.spec import Limits
from model_build.sources.whole import made_of_letters, write_whole
from serving.runtime.text_codec import reads_whole, runs_on

BATCH = 32


class Seq2SeqSource:
    """A `save_pretrained` folder with its `tokenizer.json`.

    Attributes:
        folder: What `from_pretrained` loads: a copy of the given one, with all word vectors, where
            that keeps them as letter groups.
    """

    def __init__(self, folder: Path, limits: Limits, beams: int = 1) -> None:
        """Load model and tokenizer; nothing is fetched."""
        self.folder = folder
        if made_of_letters(folder):
            self.folder = Path(mkdtemp(prefix="slipway-source-"))
            weakref.finalize(self, rmtree, self.folder)
            write_whole(folder, self.folder)
        self.module = AutoModelForSeq2SeqLM.from_pretrained(
            self.folder, local_files_only=True
        ).eval()
        self.module.requires_grad_(False)
        self._limits = limits
        self._generation = deepcopy(self.module.generation_config)
        self._generation.max_length = None
        self._generation.update(
            max_new_tokens=limits.max_output_tokens, num_beams=beams, do_sample=False
        )
        tokenizer: Any = PreTrainedTokenizerFast  # transformers leaves its constructor untyped
        self._tokenizer = tokenizer(
            tokenizer_file=str(self.tokenizer_path()), clean_up_tokenization_spaces=False
        )
        pad = self.module.config.pad_token_id
        self._tokenizer.pad_token = self._tokenizer.convert_ids_to_tokens(pad)

    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Return the generated texts; what cannot be read whole, or runs on, comes back."""
        return [
            text
            for start in range(0, len(inputs), BATCH)
            for text in self._batch(list(inputs[start : start + BATCH]))
        ]

    @property
    def parameters(self) -> int:
        """Return how many weights the model has."""
        return sum(weights.numel() for weights in self.module.parameters())

    def tokenizer_path(self) -> Path | None:
        """Return the folder's `tokenizer.json`."""
        return self.folder / "tokenizer.json"

    def _batch(self, texts: list[str]) -> list[str]:
        encoded = self._tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=self._limits.max_input_tokens,
        )
        with torch.inference_mode():
            rows = self.module.generate(
                input_ids=encoded["input_ids"],
                attention_mask=encoded["attention_mask"],
                generation_config=self._generation,
            )
        answers = self._tokenizer.batch_decode(rows, skip_special_tokens=True)
        backend = self._tokenizer.backend_tokenizer  # still cuts at the limit, as above
        return [
            answer.strip() if reads_whole(backend, text) and not runs_on(text, answer) else text
            for text, answer in zip(texts, answers, strict=True)
        ]
