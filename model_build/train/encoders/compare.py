"""`python -m model_build.train.encoders.compare`: the shipped student beside its teacher.

On queries of template families that neither was trained on (the golden ones, and those of the
validation part, by which both were only calibrated), and on queries by other authors. Exits with 1
if the student is more than half a point less accurate on either.
"""

import sys
from dataclasses import dataclass

import numpy as np
import torch

from model_build.data import intents, ovos
from model_build.data.intents import Utterance
from model_build.modules import build_module
from model_build.modules.heads import IntentModel
from model_build.train.encoders.distil import lesson
from model_build.train.encoders.recipe import MAX_TOKENS
from model_build.train.encoders.student import TEACHER
from model_build.train.recipes import WEIGHTS

PER_LABEL, BY_OTHERS = 60, 800
ALLOWED = 0.005
RESAMPLES = 1000


@dataclass(frozen=True)
class Row:
    """A set of queries.

    Attributes:
        name: What the queries are.
        queries: How many.
        teacher: The teacher's accuracy.
        student: The student's.
        low: Lower end of the 95 % bootstrap interval of the student's less the teacher's.
        high: Its upper end.
        agreement: The share of queries that both give the same intent.
    """

    name: str
    queries: int
    teacher: float
    student: float
    low: float
    high: float
    agreement: float

    @property
    def kept(self) -> bool:
        """Say whether the student is accurate enough."""
        return self.student - self.teacher >= -ALLOWED - 1e-9


def compare(teacher: IntentModel, student: IntentModel, name: str, asked: list[Utterance]) -> Row:
    """Returns how both do on labelled queries; the best label counts, sure or not."""
    texts = [query.text for query in asked]
    right = np.array([intents.LABEL_NAMES.index(query.label) for query in asked])
    best = [
        lesson(model, texts, MAX_TOKENS).logits.argmax(1).numpy() for model in (teacher, student)
    ]
    hits = [answers == right for answers in best]
    gain = hits[1].astype(float) - hits[0]
    picks = np.random.default_rng(7).integers(0, len(gain), (RESAMPLES, len(gain)))
    low, high = np.percentile(gain[picks].mean(axis=1), (2.5, 97.5))
    old, new = (float(hit.mean()) for hit in hits)
    agreement = float((best[0] == best[1]).mean())
    return Row(name, len(asked), old, new, float(low), float(high), agreement)


def main() -> int:
    """Prints one line per set."""
    torch.set_num_threads(1)
    teacher = build_module("minilm-intent", TEACHER)
    student = build_module("minilm-intent", WEIGHTS / "intent")
    assert isinstance(teacher, IntentModel)
    assert isinstance(student, IntentModel)
    golden = intents.utterances("golden", PER_LABEL)
    validation = intents.utterances("validation", PER_LABEL)
    unseen = compare(teacher, student, "unseen templates", golden + validation)
    others = compare(teacher, student, "other authors", ovos.paraphrases(BY_OTHERS))
    rows = (
        compare(teacher, student, "- golden", golden),
        compare(teacher, student, "- validation", validation),
        unseen,
        others,
    )
    print("queries           number  teacher  student  difference (95 %)        same intent")
    for row in rows:
        difference = row.student - row.teacher
        print(
            f"{row.name:18}{row.queries:5}  {row.teacher:.4f}   {row.student:.4f}"
            f"   {difference:+.4f} ({row.low:+.4f} to {row.high:+.4f})  {row.agreement:.4f}"
        )
    return 0 if unseen.kept and others.kept else 1


if __name__ == "__main__":
    sys.exit(main())
