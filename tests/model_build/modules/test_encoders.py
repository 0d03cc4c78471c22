import json
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from catalog.load import load_models
from model_build import golden
from model_build.data.profanity import profane_words
from model_build.modules import build_module, load_module
from model_build.sources import load_source

ROOT = Path(__file__).parents[3]
WEIGHTS = ROOT / "model_build/train/weights"
ROWS = ("embedding", "intent", "duplicates", "moderation-text", "moderation-image")
# Floors a little under what ENCODERS.md reports, on every seventh golden question.
FLOORS = {"intent": 0.85, "duplicates": 0.75, "moderation-text": 0.75, "moderation-image": 0.85}


@pytest.fixture(autouse=True)
def _one_thread():
    """Two threads on a busy machine wait for each other more than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", FLOORS)
def test_shipped_weights_answer_held_out_questions(name):
    row = load_models()[name]
    questions = golden.load(row.gates.golden)

    answers = load_source(row, ROOT).predict(questions.inputs[::7])

    right = [
        row.labels[int(np.argmax(answer))] == expected
        for answer, expected in zip(answers, questions.expected[::7], strict=True)
    ]
    assert np.mean(right) >= FLOORS[name]
    assert np.stack(answers).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_embedding_finds_the_relevant_document_and_is_of_unit_length():
    questions = golden.load("embedding-pairs")
    source = load_source(load_models()["embedding"], ROOT)

    asked = [q for q, index in zip(questions.inputs, questions.expected, strict=True) if index < 80]
    queries = np.stack(source.predict(asked))
    documents = np.stack(source.predict(questions.documents[:80]))

    nearest = (queries @ documents.T).argsort(axis=1)[:, -5:]
    found = [i in row for i, row in zip(questions.expected, nearest, strict=False)]
    assert np.mean(found) >= 0.95
    assert np.linalg.norm(queries, axis=1) == pytest.approx(1, abs=1e-5)


def _arguments(name: str, batch: int, length: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(length)
    if name == "moderation-image":
        return {"pixels": torch.rand(batch, 3, 96, 96)}
    mask = torch.ones(batch, length, dtype=torch.int64)
    mask[-1, length // 2 :] = 0
    sides = ("left_", "right_") if name == "duplicates" else ("",)
    tensors = {}
    for side in sides:
        tensors[f"{side}input_ids"] = torch.randint(5, 900, (batch, length))
        tensors[f"{side}attention_mask"] = mask
    return tensors


@pytest.mark.parametrize("name", ["duplicates", "moderation-text", "moderation-image"])
def test_an_exported_module_answers_as_in_pytorch_for_another_batch_and_length(name, tmp_path):
    module = load_module(load_models()[name], ROOT)
    example, other = _arguments(name, 2, 6), _arguments(name, 3, 11)
    axes = {n: {0: "batch"} if n == "pixels" else {0: "batch", 1: "length"} for n in example}
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the TorchScript exporter is deprecated, and the one that fuses
        torch.onnx.export(
            module,
            tuple(example.values()),
            str(tmp_path / "model.onnx"),
            input_names=list(example),
            output_names=["model_out"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )

    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (compiled,) = session.run(None, {n: tensor.numpy() for n, tensor in other.items()})

    with torch.inference_mode():
        eager = module(**other).numpy()
    assert compiled == pytest.approx(eager, abs=1e-5)


@pytest.mark.parametrize("name", ["duplicates", "moderation-text"])
def test_padding_changes_no_answer(name):
    module = load_module(load_models()[name], ROOT)
    tensors = _arguments(name, 2, 8)
    padded = {n: torch.nn.functional.pad(tensor, (0, 5)) for n, tensor in tensors.items()}

    with torch.inference_mode():
        assert module(**padded).numpy() == pytest.approx(module(**tensors).numpy(), abs=1e-5)


def test_swapping_two_titles_changes_nothing():
    source = load_source(load_models()["duplicates"], ROOT)
    pairs = golden.load("duplicate-pairs").inputs[:5]

    swapped = source.predict([(right, left) for left, right in pairs])

    assert np.stack(swapped) == pytest.approx(np.stack(source.predict(pairs)), abs=1e-5)


def test_both_heads_share_one_adapter():
    intent, duplicates = (
        build_module(family, WEIGHTS / name).state_dict()
        for family, name in (
            ("minilm-intent", "intent-teacher"),
            ("minilm-duplicates", "duplicates"),
        )
    )

    for tensor in ("adapter.project.weight", "adapter.project.bias"):
        assert torch.equal(intent[tensor], duplicates[tensor])


def test_the_shipped_vocabulary_holds_no_profane_word():
    model = json.loads((WEIGHTS / "moderation-text/tokenizer.json").read_text())["model"]

    held = {piece.removeprefix("##") for piece in model["vocab"]} & set(profane_words(400))

    assert not held


def test_rows_and_weights_agree_on_labels():
    for name in FLOORS:
        config = json.loads((WEIGHTS / name / "config.json").read_text())

        assert tuple(config["labels"]) == tuple(load_models()[name].labels)


def test_an_unknown_family_is_named_with_those_that_exist():
    with pytest.raises(KeyError, match="unknown family 'bert'; use one of minilm"):
        build_module("bert")
