"""Sequence to sequence under CTranslate2."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np

from serving.runtime.description import CorruptArtifact, Description
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, OUTPUT_IDS, Tensors

COMPUTE_TYPES = {"fp32": "float32", "int16": "int16", "int8": "int8_float32"}
VOCABULARY_FILE = "shared_vocabulary.json"
SHORTLIST_FILE = "vmap.txt"
"""Which tokens may answer which groups of source tokens, where the model was compiled with it."""


class CTranslate2Engine:
    """One translator; it keeps its own queue, so `infer` may be called from several threads."""

    def __init__(
        self,
        translator: ctranslate2.Translator,
        vocabulary: list[str],
        description: Description,
        *,
        shortlist: bool,
    ) -> None:
        """Keep the translator and the vocabulary, whose order is that of the ids."""
        self._shortlist = shortlist
        self._translator = translator
        self._tokens = vocabulary
        self._ids = {token: index for index, token in enumerate(vocabulary)}
        self._beams = description.beams
        self._limit = description.max_output_tokens
        self._pad = _pad_id(self._ids)

    def infer(self, tensors: Mapping[str, Any]) -> Tensors:
        """Decode a batch; short rows of `output_ids` end in padding."""
        rows = zip(tensors[INPUT_IDS], tensors[ATTENTION_MASK], strict=True)
        source = [[self._tokens[index] for index in ids[mask == 1]] for ids, mask in rows]
        results = self._translator.translate_batch(
            source,
            beam_size=self._beams,
            max_decoding_length=self._limit,
            min_decoding_length=0,  # its default of 1 forbids an empty answer
            max_input_length=0,
            use_vmap=self._shortlist,
        )
        answers = [[self._ids[token] for token in item.hypotheses[0]] for item in results]
        table = np.full((len(answers), max(map(len, answers))), self._pad, dtype=np.int64)
        for row, answer in zip(table, answers, strict=True):
            row[: len(answer)] = answer
        return {OUTPUT_IDS: table}


def _pad_id(ids: Mapping[str, int]) -> int:
    """Return the id of a token that decoding leaves out."""
    return next((ids[token] for token in ("<pad>", "[PAD]") if token in ids), 0)


def load(directory: Path, description: Description, threads: int) -> CTranslate2Engine:
    """Open the translator in the precision it was compiled for."""
    try:
        vocabulary = json.loads((directory / VOCABULARY_FILE).read_text(encoding="utf-8"))
        translator = ctranslate2.Translator(
            str(directory),
            device="cpu",
            compute_type=COMPUTE_TYPES[description.precision],
            intra_threads=threads,
            inter_threads=1,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise CorruptArtifact(f"{directory}: CTranslate2 cannot load it ({error})") from error
    shortlist = (directory / SHORTLIST_FILE).is_file()
    return CTranslate2Engine(translator, vocabulary, description, shortlist=shortlist)
