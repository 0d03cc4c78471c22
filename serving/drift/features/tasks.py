"""Which features each task of the catalog has; one function per task, all of one signature."""

import numpy as np

from serving.drift.features import Extract, Lens, Table
from serving.drift.features.lens import axes_of
from serving.drift.features.outputs import correction_features, outcome_features, vector_features
from serving.drift.features.text import text_features
from serving.drift.records import Rows

EMBEDDING, PICTURE = "embedding", "picture"
VECTOR_OF_TASK = {"embedding": EMBEDDING, "image-classification": PICTURE}
PICTURE_NUMBERS = ("width", "height", "bytes", "brightness", "contrast")


def _joined(*tables: Table) -> Table:
    made = Table()
    for table in tables:
        made.numbers |= table.numbers
        made.categories |= table.categories
        made.vectors |= table.vectors
    return made


def _seq2seq(rows: Rows, lens: Lens) -> Table:
    asked = text_features(rows.inputs, lens.tokenizer)
    return (
        _joined(asked, correction_features(rows.inputs, rows.outputs)) if rows.answered else asked
    )


def _embedding(rows: Rows, lens: Lens) -> Table:
    asked = text_features(rows.inputs, lens.tokenizer)
    if not rows.answered:
        return asked
    vectors = np.stack(rows.outputs)
    return _joined(asked, vector_features(EMBEDDING, vectors, lens.axes[EMBEDDING]))


def _classification(rows: Rows, lens: Lens) -> Table:
    asked = text_features(rows.inputs, lens.tokenizer)
    return _joined(asked, outcome_features(rows.outputs)) if rows.answered else asked


def _pairs(rows: Rows, lens: Lens) -> Table:
    left, right = (list(side) for side in zip(*rows.inputs, strict=True))
    asked = _joined(
        text_features(left, lens.tokenizer, "left_"), text_features(right, lens.tokenizer, "right_")
    )
    shared = [_overlap(*pair) for pair in zip(left, right, strict=True)]
    asked.numbers["overlap"] = np.asarray(shared, np.float32)
    return _joined(asked, outcome_features(rows.outputs)) if rows.answered else asked


def _pictures(rows: Rows, lens: Lens) -> Table:
    numbers = {
        name: np.asarray([row[name] for row in rows.inputs], np.float32) for name in PICTURE_NUMBERS
    }
    vectors = np.asarray([row["descriptor"] for row in rows.inputs], np.float32)
    seen = _joined(Table(numbers), vector_features(PICTURE, vectors, lens.axes[PICTURE]))
    del seen.numbers[f"{PICTURE}_norm"]  # brightness says the same
    return _joined(seen, outcome_features(rows.outputs)) if rows.answered else seen


def _overlap(left: str, right: str) -> float:
    """Return the share of both texts' words that both have."""
    mine, theirs = set(left.lower().split()), set(right.lower().split())
    return len(mine & theirs) / max(1, len(mine | theirs))


EXTRACT: dict[str, Extract] = {
    "seq2seq": _seq2seq,
    "embedding": _embedding,
    "classification": _classification,
    "pair-classification": _pairs,
    "image-classification": _pictures,
}


def lens_for(task: str, rows: Rows, tokenizer: str) -> Lens:
    """Return the lens that a baseline of these rows is made, and later compared, through."""
    name = VECTOR_OF_TASK.get(task)
    if name is None:
        return Lens(tokenizer)
    if name == PICTURE:
        vectors = np.asarray([row["descriptor"] for row in rows.inputs], np.float32)
    else:
        vectors = np.stack(rows.outputs)
    return Lens(tokenizer, {name: axes_of(vectors)})
