"""`python -m model_build.train.report`: the encoders on their golden sets, beside baselines."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build import golden
from model_build.data import ads, intents, products
from model_build.sources import load_source
from model_build.train.baselines import overlap_accuracy, tfidf_accuracy

ROOT = Path(__file__).parents[2]


def _row(name: str) -> ModelSpec:
    return load_models()[name]


def _answers(name: str, questions: Sequence[object]) -> NDArray[np.float32]:
    return np.stack(load_source(_row(name), ROOT).predict(questions))


def accuracy(name: str) -> float:
    """Returns the shipped classifier's accuracy on its golden set."""
    row, questions = _row(name), golden.load(_row(name).gates.golden)
    chosen = _answers(name, questions.inputs).argmax(axis=1)
    return float(
        np.mean([row.labels[c] == e for c, e in zip(chosen, questions.expected, strict=True)])
    )


def recall(at: int) -> float:
    """Returns how often the embedding puts the relevant document among the first `at`."""
    questions = golden.load("embedding-pairs")
    similar = _answers("embedding", questions.inputs) @ _answers("embedding", questions.documents).T
    first = (-similar).argsort(axis=1)[:, :at]
    return float(np.mean((first == np.array(questions.expected)[:, None]).any(axis=1)))


def unknown_rates() -> tuple[float, float]:
    """Returns the shares called `unknown` of off-topic queries and of golden queries."""
    decision = _row("intent").decision
    assert decision is not None
    real = golden.load("intent-utterances").inputs
    off_topic, asked = (
        _answers("intent", texts).max(axis=1) < decision.threshold
        for texts in (intents.off_topic("golden", 100), real)
    )
    return float(off_topic.mean()), float(asked.mean())


def main() -> None:
    """Prints one line per model."""
    queries, texts = intents.utterances("train", 160), ads.ad_texts("train", 800)
    pairs = products.pairs("train", 4000)
    asked = {
        name: golden.load(name) for name in ("intent-utterances", "ad-texts", "duplicate-pairs")
    }
    tfidf = tfidf_accuracy(
        [q.text for q in queries],
        [q.label for q in queries],
        asked["intent-utterances"].inputs,
        asked["intent-utterances"].expected,
    )
    print(f"intent            {accuracy('intent'):.3f}   TF-IDF + logistic regression {tfidf:.3f}")
    off_topic, real = unknown_rates()
    print(f"  called unknown  {off_topic:.3f} of off-topic queries, {real:.3f} of golden queries")
    overlap = overlap_accuracy(
        [(pair.left, pair.right) for pair in pairs],
        [pair.label == "duplicate" for pair in pairs],
        asked["duplicate-pairs"].inputs,
        [label == "duplicate" for label in asked["duplicate-pairs"].expected],
    )
    print(f"duplicates        {accuracy('duplicates'):.3f}   token overlap {overlap:.3f}")
    tfidf = tfidf_accuracy(
        [ad.text for ad in texts],
        [ad.label for ad in texts],
        asked["ad-texts"].inputs,
        asked["ad-texts"].expected,
    )
    print(f"moderation-text   {accuracy('moderation-text'):.3f}   TF-IDF + regression {tfidf:.3f}")
    print(f"moderation-image  {accuracy('moderation-image'):.3f}   always one label 0.333")
    print(f"embedding         recall@1 {recall(1):.3f}, @5 {recall(5):.3f}, @10 {recall(10):.3f}")


if __name__ == "__main__":
    main()
