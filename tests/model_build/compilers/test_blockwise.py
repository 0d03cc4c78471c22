"""Weights in blocks: what a large T5 or BART becomes on the CPU."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from catalog.load import load_models
from model_build import golden
from model_build.compilers import blockwise, seq2seq
from model_build.compilers.contract import Candidate
from model_build.compilers.describe import describe
from model_build.sources import load_source
from serving.runtime import load
from serving.runtime.generation.onnxruntime_stepper import STEP

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module", params=["spelling-t5", "spelling-bart"])
def made(request, tmp_path_factory):
    spec = load_models()[request.param]
    source = load_source(spec, ROOT)
    directory = tmp_path_factory.mktemp(request.param)
    blockwise.write(source.module, spec.limits.max_output_tokens, directory)
    candidate = Candidate("onnxruntime-steps", "int8", lambda _: None)
    describe(spec, spec.target("cpu"), source, candidate, directory)
    return spec, source, directory


def test_a_trained_model_answers_nearly_as_its_source_does(made):
    spec, source, directory = made
    inputs = golden.load(spec.gates.golden).inputs[::20]

    answers = load(directory).predict(inputs)

    same = np.mean([a == b for a, b in zip(answers, source.predict(inputs), strict=True)])
    assert same >= 0.9


def test_only_the_vocabularys_layer_has_four_bits(made):
    _, source, directory = made

    nodes = [n for n in onnx.load(directory / STEP).graph.node if n.op_type == "MatMulNBits"]
    bits = {(_of(node, "N"), _of(node, "bits")) for node in nodes}

    words = source.module.config.vocab_size
    assert {size for size, width in bits if width == 4} == {words}
    assert {width for size, width in bits if size != words} == {8}


def test_the_narrow_weights_choose_candidates_and_never_the_answer():
    full = torch.nn.Linear(8, 100, bias=False)
    head = blockwise.RankedHead(full)
    head.head = torch.nn.Linear(8, 100, bias=False)  # as far from the full weights as can be
    values = torch.randn(5, 8)

    scores = head(values)

    kept = scores > torch.finfo(scores.dtype).min
    assert kept.sum(dim=1).tolist() == [blockwise.RANKED_AGAIN] * 5
    assert torch.allclose(scores[kept], full(values)[kept], atol=1e-5)


def test_only_a_model_that_memory_bounds_is_worth_it(made, tmp_path, monkeypatch):
    spec, source, _ = made

    def engines():
        return {candidate.engine for candidate in seq2seq.candidates(spec, source, tmp_path)}

    assert engines() == {"ctranslate2"}
    monkeypatch.setattr(seq2seq, "BOUND_BY_MEMORY", source.parameters)
    assert engines() == {"ctranslate2", "onnxruntime-steps"}


def _of(node, name):
    return next(item.i for item in node.attribute if item.name == name)
