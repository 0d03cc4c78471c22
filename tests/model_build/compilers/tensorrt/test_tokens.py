"""Questions of the golden set, token by token, for models that a test has time for."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.load import load_models
from model_build import golden
from model_build.compilers.tensorrt import tokens
from model_build.sources.seq2seq import Seq2SeqSource
from tests.model_build import tiny


@pytest.fixture(scope="module")
def questions() -> list[str]:
    inputs = golden.load(load_models()["spelling-t5"].gates.golden).inputs
    return [str(text) for text in inputs[:: len(inputs) // 5]]


# test_graphs.py has the other half, on texts of its own
@pytest.mark.parametrize(
    ("family", "beams", "precision"), [("t5", 3, "fp32"), ("bart", 1, "fp32"), ("t5", 1, "fp16")]
)
def test_golden_questions_get_the_sources_tokens(family, beams, precision, questions, tmp_path):
    row = tiny.row("tiny", "seq2seq", family)
    source = Seq2SeqSource(tiny.seq2seq_folder(family, tmp_path / "source"), row.limits, beams)
    (tmp_path / "out").mkdir()

    line = tokens.compare(row, source, beams, questions, tmp_path / "out", precision)

    assert (line.equal, line.questions, line.different) == (len(questions), len(questions), ())


def test_a_question_whose_tokens_differ_is_named(questions, tmp_path, monkeypatch):
    spec = load_models()["spelling-t5"]
    ids = np.array([[5, 6, 1]] * len(questions))
    model = SimpleNamespace(preprocess=lambda _: None, infer=lambda _: {"output_ids": ids})
    others = ids.copy()
    others[1, 0] = 7
    for name, stand_in in (
        ("export", lambda *_, **__: None),
        ("describe", lambda *_: None),
        ("load", lambda *_, **__: model),
        ("generated", lambda *_: others),
    ):
        monkeypatch.setattr(tokens, name, stand_in)
    source = SimpleNamespace(
        module=SimpleNamespace(generation_config=SimpleNamespace(eos_token_id=1))
    )

    line = tokens.compare(spec, source, 1, questions, tmp_path)

    assert line.different == (questions[1],)


def test_what_stands_after_the_end_is_not_compared():
    made = np.array([[5, 1, 9, 9], [5, 6, 7, 8]])

    assert tokens.ended(made, 5, 1).tolist() == [[5, 1, 0, 0, 0], [5, 6, 7, 8, 0]]
