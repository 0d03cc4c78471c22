"""How good the answers were, once labels have come: joined by the event's id."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.drift.records import Outcome, Rows


@dataclass(frozen=True)
class Quality:
    """What labels say of answers.

    `accuracy` is the share that was right (seq2seq: word for word), `macro_f1` the mean over the
    labels of their F1 (None for seq2seq), `classes` how often each label was right, `answers` how
    often each was given.
    """

    labelled: int
    accuracy: float
    macro_f1: float | None
    classes: dict[str, int]
    answers: dict[str, int]


def read_labels(lines: Iterable[str]) -> dict[str, str]:
    """Return labels by event id, the last of each; what is no such line is skipped."""
    found: dict[str, str] = {}
    for text in lines:
        try:
            item: Any = json.loads(text)
            found[str(item["eventId"])] = str(item["label"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


def measure(rows: Rows, labels: Mapping[str, str]) -> Quality | None:
    """Return the quality of the rows that have labels; None without any, or for vectors."""
    if not rows.answered:
        return None
    once = Counter(rows.events)  # an event of several rows has no label for each
    pairs = [
        (labels[event], _said(output))
        for event, output in zip(rows.events, rows.outputs, strict=True)
        if event in labels and once[event] == 1 and isinstance(output, Outcome | str)
    ]
    if not pairs:
        return None
    right = sum(meant == said for meant, said in pairs)
    classifies = isinstance(rows.outputs[0], Outcome)
    return Quality(
        len(pairs),
        right / len(pairs),
        macro_f1(pairs) if classifies else None,
        dict(Counter(meant for meant, _ in pairs)) if classifies else {},
        dict(Counter(said for _, said in pairs)) if classifies else {},
    )


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the mean F1 over all labels that were meant or said."""
    meant, said = Counter(m for m, _ in pairs), Counter(s for _, s in pairs)
    hit = Counter(m for m, s in pairs if m == s)
    names = meant | said
    return sum(2 * hit[name] / (meant[name] + said[name]) for name in names) / len(names)


def _said(output: Any) -> str:
    return output.label if isinstance(output, Outcome) else str(output).strip()
