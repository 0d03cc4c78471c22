"""Quality by the task's metrics: the compiled model beside its source, on the golden set."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.artifact import Measurement
from catalog.spec import ModelSpec
from model_build.compilers.fidelity import cosines
from model_build.gates.questions import Answers

BINS = 10


def measure_parity(spec: ModelSpec, answers: Answers) -> list[Measurement]:
    """Return every quality metric of the row's task; what is not finite counts as wrong."""
    if spec.task == "seq2seq":
        return _strings(answers)
    if spec.task == "embedding":
        return _vectors(answers)
    return _probabilities(spec, answers)


def is_finite(answers: Answers) -> bool:
    """Say whether no compiled answer holds NaN or an infinity."""
    return all(
        isinstance(answer, str) or bool(np.isfinite(answer).all())
        for answer in [*answers.compiled, *answers.compiled_documents]
    )


def calibration_error(probabilities: NDArray[np.float32], correct: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: how far confidence is from the hit rate."""
    confidence = probabilities.max(axis=1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    error = 0.0
    for index in range(BINS):
        members = bins == index
        if members.any():
            gap = abs(float(correct[members].mean()) - float(confidence[members].mean()))
            error += gap * float(members.mean())
    return error


def recall_at(
    k: int, queries: NDArray[np.float32], documents: NDArray[np.float32], relevant: Sequence[int]
) -> NDArray[np.bool_]:
    """Say for each query whether its relevant document is among the k nearest by dot product."""
    scores = queries @ documents.T
    own = scores[np.arange(len(relevant)), list(relevant)]
    return np.asarray((scores > own[:, None]).sum(axis=1) < k)


def decide(spec: ModelSpec, probabilities: NDArray[np.float32]) -> list[str]:
    """Return the label that the row's decision gives each row of probabilities."""
    threshold = spec.decision.threshold if spec.decision else 0.0
    fallback = spec.decision.fallback if spec.decision else ""
    best = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1) >= threshold
    return [spec.labels[i] if ok else fallback for i, ok in zip(best, sure, strict=True)]


def _strings(answers: Answers) -> list[Measurement]:
    def hits(left: Sequence[str], right: Sequence[str]) -> NDArray[np.bool_]:
        return np.array([a == b for a, b in zip(left, right, strict=True)])

    return [
        _share(
            "exact_match",
            hits(answers.compiled, answers.expected),
            hits(answers.source, answers.expected),
        ),
        _share("agreement", hits(answers.compiled, answers.source)),
    ]


def _vectors(answers: Answers) -> list[Measurement]:
    source, compiled = np.stack(answers.source), _finite(answers.compiled)
    documents = np.stack(answers.source_documents), _finite(answers.compiled_documents)
    likeness = np.concatenate([cosines(source, compiled), cosines(*documents)])
    found = [
        Measurement("cosine_mean", float(likeness.mean()), len(likeness)),
        Measurement("cosine_min", float(likeness.min()), len(likeness)),
    ]
    for k in (1, 10):
        hits = recall_at(k, compiled, documents[1], answers.expected)
        source_hits = recall_at(k, source, documents[0], answers.expected)
        found.append(_share(f"recall_at_{k}", hits, source_hits))
    return found


def _probabilities(spec: ModelSpec, answers: Answers) -> list[Measurement]:
    source, compiled = np.stack(answers.source), _finite(answers.compiled)
    expected = list(answers.expected)

    def hits(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        return np.array([a == b for a, b in zip(decide(spec, rows), expected, strict=True)])

    # Confidence is calibrated on the known labels; the fallback has no probability of its own.
    known = np.array([label in spec.labels for label in expected])

    def error(rows: NDArray[np.float32]) -> float:
        best = [spec.labels[index] for index in rows[known].argmax(axis=1)]
        truth = [label for label in expected if label in spec.labels]
        return calibration_error(rows[known], np.array(best) == np.array(truth))

    agreement = compiled.argmax(axis=1) == source.argmax(axis=1)
    return [
        _share("accuracy", hits(compiled), hits(source)),
        _share("label_agreement", agreement),
        Measurement("calibration_error", error(compiled), int(known.sum()), source=error(source)),
    ]


def _finite(rows: Sequence[Any]) -> NDArray[np.float32]:
    return np.asarray(np.nan_to_num(np.stack(rows), nan=0.0, posinf=0.0, neginf=0.0))


def _share(
    metric: str, hits: NDArray[np.bool_], source: NDArray[np.bool_] | None = None
) -> Measurement:
    """Return a share of hits with its Wilson 95 % interval."""
    count, share, z = len(hits), float(hits.mean()), 1.96
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    spread = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return Measurement(
        metric,
        share,
        count,
        source=None if source is None else float(source.mean()),
        low=max(0.0, centre - spread),
        high=min(1.0, centre + spread),
    )
