"""Makes a plain Hugging Face folder of one that keeps its word vectors as letter groups."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from model_build.sources.letters import letter_features, word_vectors

WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
PREFIX = "letters."
SHARED = {"bart": "model.shared.weight", "t5": "shared.weight"}


def made_of_letters(folder: Path) -> bool:
    """Returns whether a folder keeps its word vectors as letter groups."""
    weights = folder / WEIGHTS
    if not weights.is_file():
        return False
    with safe_open(weights, "pt") as tensors:
        return any(name.startswith(PREFIX) for name in tensors.keys())  # noqa: SIM118


def write_whole(folder: Path, out: Path) -> None:
    """Writes the folder with one vector per token, as `from_pretrained` loads it, into `out`.

    The same folder always gives the same bytes. All weights become 32-bit floats.
    """
    copytree(folder, out, dirs_exist_ok=True)
    with safe_open(folder / WEIGHTS, "pt") as tensors:
        weights: dict[str, Tensor] = {k: tensors.get_tensor(k).float() for k in tensors.keys()}  # noqa: SIM118
    family = json.loads((folder / CONFIG).read_text(encoding="utf-8"))["model_type"]
    vectors = torch.from_numpy(vectors_of(weights, tokens_of(folder)))
    weights = {name: w for name, w in weights.items() if not name.startswith(PREFIX)}
    weights[SHARED[family]] = vectors
    if family == "bart":
        weights["final_logits_bias"] = torch.zeros(1, len(vectors))
    save_file(weights, out / WEIGHTS, metadata={"format": "pt"})


def vectors_of(weights: dict[str, Tensor], tokens: list[str]) -> NDArray[np.float32]:
    """Returns the vectors of all tokens, (tokens, width)."""
    groups, commonness, direction = (
        weights[PREFIX + part].float().numpy() for part in ("groups", "commonness", "direction")
    )
    return word_vectors(letter_features(tokens), groups, commonness, direction)


def tokens_of(folder: Path) -> list[str]:
    """Returns the tokens of a folder's tokenizer by their ids."""
    vocabulary = Tokenizer.from_file(str(folder / TOKENIZER)).get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)
