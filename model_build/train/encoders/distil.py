"""A student of few layers learns to answer as its teacher does.

It takes over the teacher's embeddings (frozen, so they are never stored again), some of its
layers, its adapter and its head, and is trained to give every token the same state, and so the same
sentence vector and the same logits, on texts that need no label.
"""

import math
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax, softmax

from model_build.modules.heads import IntentModel
from model_build.modules.minilm import WIDTH

BATCH = 32
WARM_UP, WEIGHT_DECAY = 0.06, 0.01
SOFTNESS = 2.0
STATE_WEIGHT, VECTOR_WEIGHT = 4.0, 20.0


@dataclass(frozen=True)
class Lesson:
    """Texts with what the teacher makes of them.

    Attributes:
        ids: Token ids of each text, without padding.
        states: Half (tokens, 384) of each text, after the last layer.
        features: Float (texts, 768).
        logits: Float (texts, labels).
    """

    ids: list[list[int]]
    states: list[Tensor]
    features: Tensor
    logits: Tensor


def lesson(teacher: IntentModel, texts: list[str], max_tokens: int) -> Lesson:
    """Asks the teacher, in batches of like length."""
    tokenizer = Tokenizer.from_file(str(teacher.tokenizer_path))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    ids = [item.ids for item in tokenizer.encode_batch(texts)]
    states = [torch.empty(0)] * len(ids)
    features = torch.empty(len(ids), teacher.backbone.width)
    with torch.no_grad():
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            tokens, mask = padded([ids[row] for row in rows])
            layers = teacher.backbone.layers(tokens, mask)
            features[rows] = teacher.backbone.pooled(layers, mask)
            for row, state in zip(rows, layers[-1], strict=True):
                states[row] = state[: len(ids[row])].half()
        logits = teacher.head(teacher.adapter(features))
    return Lesson(ids, states, features, logits)


def padded(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Returns ids and mask, int64 (rows, longest)."""
    longest = max(map(len, rows))
    ids = torch.zeros(len(rows), longest, dtype=torch.int64)
    mask = torch.zeros(len(rows), longest, dtype=torch.int64)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return ids, mask


def distil(
    student: IntentModel, taught: Lesson, *, epochs: float, learning_rate: float, seed: int
) -> None:
    """Trains the student's layers, adapter and head; same inputs and seed, same weights.

    Args:
        student: Starts from the teacher's weights; its embeddings stay as they are.
        taught: The teacher's answers.
        epochs: Passes over the texts.
        learning_rate: At its highest; above 2e-4 a student unlearns what its layers know.
        seed: Of the order of texts and of dropout.
    """
    torch.manual_seed(seed)
    trained = nn.ModuleList([student.backbone.bert.encoder, student.adapter, student.head])
    trained.requires_grad_(True)
    steps = max(1, int(epochs * len(taught.ids) / BATCH))
    optimizer = torch.optim.AdamW(
        trained.parameters(), learning_rate, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
    batches: list[list[int]] = []
    for _ in range(steps):
        batches = batches or _batches(taught.ids)
        rows = batches.pop()
        loss = _loss(student, taught, rows)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    trained.requires_grad_(False)


def _loss(student: IntentModel, taught: Lesson, rows: list[int]) -> Tensor:
    tokens, mask = padded([taught.ids[row] for row in rows])
    layers = student.backbone.layers(tokens, mask)
    features = student.backbone.pooled(layers, mask)
    states = torch.cat([taught.states[row] for row in rows]).float()
    apart = (layers[-1][mask.bool()] - states).pow(2).mean() / states.var()
    away = 1 - (features[:, :WIDTH] * taught.features[rows][:, :WIDTH]).sum(dim=1)
    unlike = kl_div(
        log_softmax(student.head(student.adapter(features)) / SOFTNESS, dim=1),
        softmax(taught.logits[rows] / SOFTNESS, dim=1),
        reduction="batchmean",
    )
    return STATE_WEIGHT * apart + VECTOR_WEIGHT * away.mean() + SOFTNESS**2 * unlike


def _rate(done: float) -> float:
    """Returns the share of the learning rate: a linear start, then a cosine to nothing."""
    return min(1.0, done / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))


def _batches(ids: list[list[int]]) -> list[list[int]]:
    """Returns one pass in random order, in batches of like length."""
    jitter = torch.rand(len(ids))
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]) + float(jitter[row]))
    cut = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return [cut[index] for index in torch.randperm(len(cut)).tolist()]
