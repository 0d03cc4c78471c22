"""`python -m model_build.train intent`: distils the teacher's six layers into four.

The teacher is what `python -m model_build.train encoders` leaves in `weights/intent-teacher`.
"""

import copy
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from model_build.data import intents
from model_build.modules import build_module
from model_build.modules.heads import IntentModel
from model_build.modules.minilm import MiniLmFeatures, minilm_dir
from model_build.modules.weights import read_config, save
from model_build.train.calibration import best_temperature
from model_build.train.encoders.corpus import texts
from model_build.train.encoders.distil import distil, lesson
from model_build.train.encoders.recipe import ACCEPTED, MAX_TOKENS, SEED
from model_build.train.recipes import WEIGHTS

TEACHER = WEIGHTS / "intent-teacher"
KEPT = (0, 2, 4, 5)
"""The teacher's layers that the student starts from: of those that end with its last one, these
gave sentence vectors nearest to the teacher's before any training."""


@dataclass(frozen=True)
class Round:
    """How much is asked of the teacher (see `corpus.texts`), and how it is learned."""

    per_label: int
    off_topic: int
    titles: int
    variants: int
    sentences: int
    epochs: float
    learning_rate: float


FULL = (
    Round(400, 400, 3000, 9000, 9000, epochs=1.8, learning_rate=1.5e-4),
    Round(200, 200, 1200, 5000, 6000, epochs=1.5, learning_rate=1e-4),
)
QUICK = (
    Round(20, 20, 120, 200, 100, epochs=1, learning_rate=1e-5),
    Round(10, 10, 40, 60, 40, epochs=1, learning_rate=1e-5),
)
CALIBRATED_ON = 40
"""Validation queries of each intent that temperature and threshold are chosen on."""


def train(name: str, out: Path, *, quick: bool = False) -> None:
    """Trains the student and writes its adapter, its head and, in half precision, its layers.

    Args:
        name: The recipe's name.
        out: The folder of its weights.
        quick: `QUICK` instead of `FULL`.
    """
    del name
    torch.set_num_threads(1)
    teacher = build_module("minilm-intent", TEACHER)
    assert isinstance(teacher, IntentModel)
    student = beginner(teacher)
    for seed, turn in enumerate(QUICK if quick else FULL, start=SEED):
        heard = texts(
            turn.per_label, turn.off_topic, turn.titles, turn.variants, turn.sentences, seed
        )
        distil(
            student,
            lesson(teacher, heard, MAX_TOKENS),
            epochs=turn.epochs,
            learning_rate=turn.learning_rate,
            seed=seed,
        )
    write(student, out, 4 if quick else CALIBRATED_ON)


def beginner(teacher: IntentModel) -> IntentModel:
    """Returns a student that knows what the teacher's kept layers know."""
    heads = copy.deepcopy(teacher.adapter), copy.deepcopy(teacher.head)
    backbone = MiniLmFeatures(minilm_dir(), KEPT)
    return IntentModel(backbone, *heads, teacher.temperature).eval()


def write(student: IntentModel, out: Path, per_label: int) -> None:
    """Rounds the layers to half precision, calibrates what is left, and writes both.

    Args:
        student: Is left with its rounded weights.
        out: The folder.
        per_label: How many validation queries of each intent to calibrate on.
    """
    trained = nn.ModuleDict(
        {"encoder": student.backbone.bert.encoder, "adapter": student.adapter, "head": student.head}
    )
    trained["encoder"].half().float()  # the adapter is small, and its range too wide for half
    logits, labels = held_out(student, per_label)
    temperature = best_temperature(logits, labels)
    confidence = torch.softmax(logits / temperature, dim=1).amax(dim=1)
    config = {
        "backbone": "MiniLM-L6",
        "labels": read_config(TEACHER)["labels"],
        "layers": len(KEPT),
        "max_tokens": MAX_TOKENS,
        "temperature": temperature,
        "unknown_below": round(float(confidence.quantile(1 - ACCEPTED)), 3),
    }
    trained["encoder"].half()
    save(trained, config, out)
    trained.float()


def held_out(model: IntentModel, per_label: int) -> tuple[Tensor, Tensor]:
    """Returns logits and labels of validation queries."""
    queries = intents.utterances("validation", per_label)
    labels = [intents.LABEL_NAMES.index(query.label) for query in queries]
    answered = lesson(model, [query.text for query in queries], MAX_TOKENS)
    return answered.logits, torch.tensor(labels)
