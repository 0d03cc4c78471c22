"""The GPU's runtime over a device whose memory is the host's: wiring, order, state, refusals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_build.compilers.tensorrt.graphs.export import export
from model_build.sources.seq2seq import Seq2SeqSource
from serving.runtime import CorruptArtifact, Description
from serving.runtime.generation import onnxruntime_stepper
from serving.runtime.tensorrt import engine
from serving.runtime.tensorrt.engine_tuple import EngineTuple, Graph, Span, WrongEngine, read_tuple
from tests.model_build import tiny
from tests.serving import tiny as tiny_graphs
from tests.serving.runtime.tensorrt import host

STEPS, BATCHES, LENGTHS = 10, (1, 2, 4), (4, 16)
TEXTS = Description(
    name="tiny", task="seq2seq", family="tiny", engine="tensorrt", precision="fp32",
    inputs=("input_ids", "attention_mask"), output="output_ids", max_output_tokens=STEPS,
)  # fmt: skip


def bound(*names: str) -> EngineTuple:
    spans = tuple(Span(batch, batch, LENGTHS[0], LENGTHS[-1]) for batch in BATCHES)
    graphs = {name: Graph(f"{name}.onnx", spans, tiny_graphs.WIDTH) for name in names}
    return EngineTuple("tensorrt", "10.13.3.9", "sm_86", graphs)


def assembled(folder: Path, description: Description, *names: str):
    device = host.HostDevice()
    opened = engine.assemble(
        folder, description, bound(*names), host.tensorrt(), device,
        lambda _trt, path: host.Engine(path, device),
    )  # fmt: skip
    return opened, device


@pytest.fixture(scope="module", params=[("t5", 1, "fp32"), ("bart", 3, "fp32"), ("t5", 2, "fp16")])
def model(request, tmp_path_factory):
    family, beams, precision = request.param
    folder = tmp_path_factory.mktemp("model")
    row = tiny.row("tiny", "seq2seq", family, beams=beams)
    source = Seq2SeqSource(tiny.seq2seq_folder(family, folder / "source"), row.limits, beams)
    config = source.module.generation_config
    config.eos_token_id = third_token(source.module, beams)
    export(
        source.module, folder, precision=precision, beams=beams, steps=STEPS,
        batches=BATCHES, lengths=LENGTHS,
    )  # fmt: skip
    description = replace(TEXTS, beams=beams, precision=precision)
    return assembled(folder, description, "encoder", "step"), onnxruntime_stepper.load(
        folder, description, 1
    )


def third_token(module, beams: int) -> int:
    """What the model says third to a certain text: made its end, some texts are short."""
    import torch

    fed = {name: torch.from_numpy(table) for name, table in batch((2,)).items()}
    return int(module.generate(**fed, max_new_tokens=STEPS, num_beams=beams)[0, 3])


def batch(lengths: tuple[int, ...], seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    ids = np.zeros((len(lengths), max(lengths)), np.int64)
    for row, length in zip(ids, lengths, strict=True):
        row[:length] = random.integers(4, tiny.VOCABULARY, length)
    return {"input_ids": ids, "attention_mask": (ids > 0).astype(np.int64)}


@pytest.mark.parametrize("lengths", [(3,), (9, 2), (16, 5, 1), (2, 3, 4, 5, 6, 7)])
def test_a_state_that_stays_on_the_device_gives_the_same_tokens(model, lengths):
    (ours, _), theirs = model
    asked = batch(lengths)

    np.testing.assert_array_equal(
        ours.infer(asked)["output_ids"], theirs.infer(asked)["output_ids"]
    )


def test_nothing_of_one_request_is_left_for_the_next(model):
    (ours, _), theirs = model
    for seed, lengths in enumerate([(4, 4, 4, 4), (1,), (16,), (2, 9)]):
        asked = batch(lengths, seed)
        expected = theirs.infer(asked)["output_ids"]
        np.testing.assert_array_equal(ours.infer(asked)["output_ids"], expected)


def test_decoding_stops_soon_after_the_last_text_is_done(model):
    (ours, device), theirs = model
    taken = []
    for seed in range(12):
        asked = batch((2,), seed)
        before = device.executions
        np.testing.assert_array_equal(
            ours.infer(asked)["output_ids"], theirs.infer(asked)["output_ids"]
        )
        taken.append(device.executions - before)

    # one encoder and the steps; some texts end early, and none goes on past the longest output
    assert min(taken) < 1 + STEPS
    assert max(taken) <= 1 + STEPS


def test_a_text_longer_than_every_graph_is_refused(model):
    (ours, _), _ = model

    with pytest.raises(ValueError, match="17 tokens are more than the graphs take"):
        ours.infer(batch((17,)))


def test_an_encoder_answers_as_under_onnx_runtime(tmp_path):
    folder = tiny_graphs.encoder(tmp_path / "embedding", "embedding", "embedding")
    description = replace(
        TEXTS, task="embedding", output="embedding", buckets=LENGTHS, max_output_tokens=0
    )
    opened, device = assembled(folder, description, "model")
    session = host.Engine(folder / "model.onnx", device).session
    asked = batch((3, 9, 1, 16, 2), seed=3)
    asked["input_ids"] %= 15

    made = opened.infer(asked)["embedding"]

    (expected,) = session.run(["embedding"], asked)
    np.testing.assert_allclose(made, expected, atol=1e-6)
    with pytest.raises(ValueError, match="17 tokens"):
        opened.infer(batch((17,)))


@pytest.mark.parametrize(
    ("version", "architecture"), [("10.14.0.1", "sm_86"), ("10.13.3.9", "sm_75")]
)
def test_an_engine_of_another_tuple_is_refused_with_both(tmp_path, version, architecture):
    bound("model").write(tmp_path)

    with pytest.raises(WrongEngine) as refusal:
        read_tuple(tmp_path).check(version, architecture)

    assert "(tensorrt 10.13.3.9, sm_86)" in str(refusal.value)
    assert f"(tensorrt {version}, {architecture})" in str(refusal.value)


def test_an_engine_without_its_tensorrt_or_gpu_is_refused(tmp_path):
    bound("model").write(tmp_path)

    with pytest.raises(WrongEngine, match=r"tensorrt 10\.13\.3\.9, sm_86\), here is no"):
        engine.load(tmp_path, TEXTS, 1)


def test_an_engine_document_that_is_cut_off_is_named(tmp_path):
    (tmp_path / "engine.json").write_text('{"tensorrt": "tens')

    with pytest.raises(CorruptArtifact, match=r"engine\.json"):
        read_tuple(tmp_path)
