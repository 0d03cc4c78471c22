"""What anyone would try first; a model that does not beat it is not worth compiling."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression


def tfidf_accuracy(
    texts: Sequence[str], labels: Sequence[str], questions: Sequence[str], expected: Sequence[str]
) -> float:
    """Returns the better accuracy of logistic regression on TF-IDF of words or of letters."""
    best = 0.0
    for vectorizer in (
        TfidfVectorizer(ngram_range=(1, 2)),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)),
    ):
        model = LogisticRegression(C=10, max_iter=500).fit(vectorizer.fit_transform(texts), labels)
        answers = model.predict(vectorizer.transform(questions))
        best = max(best, float(np.mean(answers == np.asarray(expected))))
    return best


def token_overlap(left: str, right: str) -> float:
    """Returns the Jaccard index of two texts' lower-case words, from 0 to 1."""
    a, b = set(left.lower().split()), set(right.lower().split())
    return len(a & b) / len(a | b)


def overlap_accuracy(
    pairs: Sequence[tuple[str, str]],
    same: Sequence[bool],
    questions: Sequence[tuple[str, str]],
    expected: Sequence[bool],
) -> float:
    """Returns the accuracy of "same if enough words overlap", the threshold fitted on `pairs`."""
    known = np.array([token_overlap(*pair) for pair in pairs])
    thresholds = np.linspace(0, 1, 101)
    best = max(thresholds, key=lambda t: float(np.mean((known >= t) == np.asarray(same))))
    asked = np.array([token_overlap(*pair) for pair in questions])
    return float(np.mean((asked >= best) == np.asarray(expected)))
