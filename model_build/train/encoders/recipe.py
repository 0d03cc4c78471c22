"""`python -m model_build.train encoders`: remakes `duplicates`, and the teacher of `intent`."""

from dataclasses import dataclass
from pathlib import Path

import torch

from model_build.data import intents
from model_build.data.products import PAIR_LABELS
from model_build.modules.minilm import MiniLmFeatures, minilm_dir
from model_build.modules.weights import save
from model_build.train.calibration import best_temperature
from model_build.train.encoders.features import encode, intent_features, title_features
from model_build.train.encoders.multitask import train_heads
from model_build.train.recipes import WEIGHTS

SEED = 7
MAX_TOKENS = 64
ACCEPTED = 0.95
"""Share of real queries whose intent must stay above the `unknown` threshold."""


@dataclass(frozen=True)
class Size:
    """How much is trained on: queries per intent and of none, product families, pairs, passes."""

    per_label: int
    off_topic: int
    families: int
    pair_count: int
    epochs: int


FULL = Size(per_label=160, off_topic=300, families=2000, pair_count=60000, epochs=12)
QUICK = Size(per_label=12, off_topic=40, families=60, pair_count=4000, epochs=3)


def train(name: str, out: Path, *, quick: bool = False) -> None:
    """Trains both heads and writes `intent-teacher/` and `duplicates/`.

    Args:
        name: The recipe's name.
        out: Where the two folders go; for the recipe's own default, among the shipped weights.
        quick: `QUICK` instead of `FULL`.
    """
    home = WEIGHTS if out == WEIGHTS / name else out
    size = QUICK if quick else FULL
    torch.set_num_threads(1)
    backbone = MiniLmFeatures(minilm_dir())
    queries = intent_features(backbone, intents.utterances("train", size.per_label), MAX_TOKENS)
    titles = title_features(backbone, "train", size.families, size.pair_count, MAX_TOKENS)
    off_topic = encode(backbone, intents.off_topic("train", size.off_topic), MAX_TOKENS)
    names = intents.LABEL_NAMES
    heads = train_heads(
        queries, titles, off_topic, labels=len(names), epochs=size.epochs, seed=SEED
    )

    held_out = intent_features(
        backbone, intents.utterances("validation", max(size.per_label // 4, 4)), MAX_TOKENS
    )
    pairs = title_features(backbone, "validation", size.families, size.pair_count // 20, MAX_TOKENS)
    with torch.inference_mode():
        intent_logits = heads.intent(heads.adapter(held_out.features))
        left, right = (heads.adapter(pairs.features[pairs.pairs[:, side]]) for side in (0, 1))
        pair_logits = heads.duplicate(left, right)
    intent_temperature = best_temperature(intent_logits, held_out.labels)
    confidence = torch.softmax(intent_logits / intent_temperature, dim=1).amax(dim=1)
    config = {"backbone": "MiniLM-L6", "max_tokens": MAX_TOKENS}
    save(
        torch.nn.ModuleDict({"adapter": heads.adapter, "head": heads.intent}),
        config
        | {
            "labels": list(names),
            "temperature": intent_temperature,
            "unknown_below": round(float(confidence.quantile(1 - ACCEPTED)), 3),
        },
        home / "intent-teacher",
    )
    save(
        torch.nn.ModuleDict({"adapter": heads.adapter, "head": heads.duplicate}),
        config
        | {"labels": list(PAIR_LABELS), "temperature": best_temperature(pair_logits, pairs.labels)},
        home / "duplicates",
    )
