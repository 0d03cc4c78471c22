from pathlib import Path

import numpy as np
import pytest

from serving.runtime import CorruptArtifact, load
from tests.serving import tiny

LABELS = ("different", "duplicate")
PAIRS = [("blue suede shoes", "blue shoes"), ("jazz", "find me a piano"), ("a", "a")]


def test_two_graphs_answer_pairs_as_one_graph_does(tmp_path: Path):
    whole = load(tiny.encoder(tmp_path / "whole", "d", "pair-classification", LABELS))
    halves = load(tiny.halves(tmp_path / "halves", "d", LABELS))

    answers = np.stack(halves.predict(PAIRS))

    assert answers == pytest.approx(np.stack(whole.predict(PAIRS)), abs=1e-6)


def test_an_altered_half_is_named(tmp_path: Path):
    folder = tiny.halves(tmp_path / "halves", "d", LABELS)
    (folder / "pairs/model.onnx").write_bytes(b"other")

    with pytest.raises(CorruptArtifact, match=r"pairs/model\.onnx: sha256"):
        load(folder)
