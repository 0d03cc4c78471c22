import json

import pytest
import torch

from model_build.data import intents
from model_build.modules import build_module
from model_build.train.encoders import corpus, student
from model_build.train.encoders.distil import distil, lesson

TEXTS = ["play some jazz", "where is my parcel", "will it rain", "turn the lamp off"] * 3


@pytest.fixture(autouse=True)
def _one_thread():
    """Two threads on a busy machine wait for each other more than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def teacher():
    return build_module("minilm-intent", student.TEACHER)


def apart(model, taught) -> float:
    """How far a student's logits are from its teacher's."""
    return float((lesson(model, TEXTS, 64).logits - taught.logits).abs().mean())


def test_a_student_gets_nearer_to_its_teacher_and_every_run_is_the_same(teacher):
    taught = lesson(teacher, TEXTS, 64)
    first, second = (student.beginner(teacher) for _ in range(2))
    before = apart(first, taught)

    for learner in (first, second):
        distil(learner, taught, epochs=24, learning_rate=1e-5, seed=3)

    assert apart(first, taught) < 0.9 * before
    assert torch.equal(first.adapter.project.weight, second.adapter.project.weight)
    assert torch.equal(
        first.backbone.bert.embeddings.word_embeddings.weight,
        teacher.backbone.bert.embeddings.word_embeddings.weight,
    )


def test_what_is_written_answers_as_what_was_trained(teacher, tmp_path):
    learner = student.beginner(teacher)

    student.write(learner, tmp_path, per_label=2)

    config = json.loads((tmp_path / "config.json").read_text())
    assert config["layers"] == len(student.KEPT)
    assert 0 < config["unknown_below"] < 1
    read = build_module("minilm-intent", tmp_path)
    assert torch.allclose(
        lesson(read, TEXTS, 64).logits, lesson(learner, TEXTS, 64).logits, atol=1e-4
    )
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size < 16e6, "the embeddings must not be stored again"


def test_the_corpus_is_of_the_training_part_alone_and_the_same_every_time():
    sizes = {"per_label": 5, "off_topic": 10, "titles": 30, "variants": 40, "sentences": 30}

    heard = corpus.texts(**sizes, seed=7)

    assert heard == corpus.texts(**sizes, seed=7)
    assert len(heard) == len(set(heard)) > 150
    kept_back = {q.text for part in ("validation", "golden") for q in intents.utterances(part, 20)}
    assert not kept_back & set(heard)
