"""One training run for both heads: their losses meet in the shared adapter."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from model_build.modules.heads import DuplicateHead, IntentHead, SharedAdapter
from model_build.train.encoders.features import IntentFeatures, TitleFeatures

LEARNING_RATE, WEIGHT_DECAY, SMOOTHING = 2e-3, 0.02, 0.05
QUERIES, PAIRS, OFF_TOPIC = 64, 256, 16
DROPOUT = 0.1
OFF_TOPIC_WEIGHT = 0.3


@dataclass(frozen=True)
class Heads:
    """What is trained."""

    adapter: SharedAdapter
    intent: IntentHead
    duplicate: DuplicateHead

    def parameters(self) -> list[nn.Parameter]:
        """Returns all parameters of the three modules."""
        modules = (self.adapter, self.intent, self.duplicate)
        return [parameter for module in modules for parameter in module.parameters()]


class Standardiser:
    """Makes every feature zero-mean, unit-variance during training, then folds into the adapter."""

    def __init__(self, features: Tensor) -> None:
        self.mean, self.scale = features.mean(dim=0), features.std(dim=0) + 1e-6

    def __call__(self, features: Tensor) -> Tensor:
        """Returns the features as the adapter sees them in training."""
        return (features - self.mean) / self.scale

    def fold_into(self, adapter: SharedAdapter) -> None:
        """Changes the adapter so that it takes raw features: W'x + b' = W((x - m)/s) + b."""
        with torch.no_grad():
            project = adapter.project
            project.weight.div_(self.scale)
            project.bias.sub_(project.weight @ self.mean)


def train_heads(
    queries: IntentFeatures,
    titles: TitleFeatures,
    off_topic: Tensor,
    *,
    labels: int,
    epochs: float,
    seed: int,
) -> Heads:
    """Trains adapter and heads together; the same inputs and seed give the same weights.

    Args:
        queries: Labelled queries.
        titles: Labelled pairs of titles.
        off_topic: Features of queries with no intent; their answer should be "all alike".
        labels: How many intents there are.
        epochs: Passes over the pairs.
        seed: Of initial weights and batches.
    """
    torch.manual_seed(seed)
    heads = Heads(SharedAdapter(), IntentHead(labels), DuplicateHead())
    standard = Standardiser(titles.features)
    q, t, o = standard(queries.features), standard(titles.features), standard(off_topic)
    steps = max(1, int(epochs * len(titles.pairs) / PAIRS))
    optimizer = torch.optim.AdamW(heads.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    drop = nn.Dropout(DROPOUT)
    for _ in range(steps):
        i = torch.randint(len(q), (QUERIES,))
        j = torch.randint(len(titles.pairs), (PAIRS,))
        k = torch.randint(len(o), (OFF_TOPIC,))
        left, right = (drop(heads.adapter(t[titles.pairs[j, side]])) for side in (0, 1))
        intent = heads.intent(drop(heads.adapter(q[i])))
        nothing = torch.log_softmax(heads.intent(heads.adapter(o[k])), dim=1)
        loss = (
            cross_entropy(intent, queries.labels[i], label_smoothing=SMOOTHING)
            + cross_entropy(
                heads.duplicate(left, right), titles.labels[j], label_smoothing=SMOOTHING
            )
            - OFF_TOPIC_WEIGHT * nothing.mean()
        )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    standard.fold_into(heads.adapter)
    return heads
