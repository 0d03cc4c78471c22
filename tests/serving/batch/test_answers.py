from pathlib import Path

import numpy as np
import pytest

from serving.batch.answers import BATCH, answers
from serving.runtime import Model, load
from tests.serving import tiny

LABELS = ("different", "duplicate")
TEXTS = [
    " ".join(tiny.WORDS[(start + step) % len(tiny.WORDS)] for step in range(count))
    for start in range(len(tiny.WORDS))
    for count in range(1, 12)
]
PAIRS = [(TEXTS[i % len(TEXTS)], TEXTS[7 * i % len(TEXTS)]) for i in range(500)]


@pytest.fixture
def whole(tmp_path: Path) -> Model:
    return load(tiny.encoder(tmp_path / "whole", "d", "pair-classification", LABELS))


@pytest.fixture
def halves(tmp_path: Path) -> Model:
    return load(tiny.halves(tmp_path / "halves", "d", LABELS))


@pytest.mark.parametrize("count", [1, 2, 3, 500])
def test_answers_are_in_the_order_of_the_pairs_in_one_graph_or_two(whole, halves, count):
    pairs = PAIRS[:count]

    expected = np.stack(whole.predict(pairs))

    assert answers(whole, pairs) == pytest.approx(expected, abs=1e-6)
    assert answers(halves, pairs) == pytest.approx(expected, abs=1e-6)


def test_each_text_is_read_once_in_full_batches_however_many_pairs_it_is_in(halves, monkeypatch):
    read = []
    vectors = halves.engine.vectors

    def counted(ids, mask):
        read.append(ids.shape)
        return vectors(ids, mask)

    monkeypatch.setattr(halves.engine, "vectors", counted)
    distinct = len({text for pair in PAIRS for text in pair})

    answers(halves, PAIRS)

    assert [rows for rows, _ in read[:-1]] == [BATCH] * (distinct // BATCH)
    assert sum(rows for rows, _ in read) == distinct
    assert [width for _, width in read] == sorted(width for _, width in read)


def test_a_text_against_itself_is_read_once(halves):
    alone = answers(halves, [("jazz", "jazz")])

    assert alone == pytest.approx(np.stack(halves.predict([("jazz", "jazz")])), abs=1e-6)
