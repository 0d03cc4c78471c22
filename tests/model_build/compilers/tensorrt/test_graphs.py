"""Encoder and step graphs under ONNX Runtime against Hugging Face's `generate`."""

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForSeq2SeqLM

from model_build.compilers import ImpossibleTarget
from model_build.compilers.tensorrt.graphs.export import export
from serving.runtime import Description
from serving.runtime.generation import onnxruntime_stepper
from tests.model_build import tiny

STEPS, END = 10, 2
LENGTHS = (9, 3, 6, 1, 8, 2)


@pytest.fixture(scope="module", params=["t5", "bart"])
def source(request, tmp_path_factory):
    folder = tiny.seq2seq_folder(request.param, tmp_path_factory.mktemp("source") / "model")
    return AutoModelForSeq2SeqLM.from_pretrained(folder).eval()


def batch(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Texts of unequal length, ids and mask."""
    random = np.random.default_rng(seed)
    ids = np.zeros((len(LENGTHS), max(LENGTHS)), np.int64)
    for row, length in zip(ids, LENGTHS, strict=True):
        row[:length] = random.integers(4, tiny.VOCABULARY, length)
    return ids, (ids > 0).astype(np.int64)


def generated(source, ids, mask, **wanted) -> np.ndarray:
    import torch

    made = source.generate(
        input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask),
        max_new_tokens=STEPS, do_sample=False, **wanted,
    )[:, 1:].numpy()  # fmt: skip
    return ended(made)


def ended(made) -> np.ndarray:
    """Rows of one width, with nothing after their end: Hugging Face's search fills with the end."""
    whole = np.zeros((len(made), STEPS), np.int64)
    whole[:, : made.shape[1]] = made
    after = np.cumsum(whole == END, axis=1) - (whole == END) > 0
    return np.where(after, 0, whole)


def decoded(source, folder: Path, ids, mask, *, beams: int = 1, precision: str = "fp32", **sizes):
    export(source, folder, precision=precision, beams=beams, steps=STEPS, **sizes)
    description = Description(
        name="tiny", task="seq2seq", family="tiny", engine="onnxruntime-steps",
        precision=precision, inputs=("input_ids", "attention_mask"), output="output_ids",
        beams=beams, max_output_tokens=STEPS,
    )  # fmt: skip
    engine = onnxruntime_stepper.load(folder, description, 1)
    return ended(engine.infer({"input_ids": ids, "attention_mask": mask})["output_ids"])


@pytest.mark.parametrize("beams", [1, 3])
def test_every_token_is_the_one_that_hugging_face_generates(source, tmp_path, beams):
    ids, mask = batch()

    ours = decoded(source, tmp_path, ids, mask, beams=beams)

    theirs = generated(source, ids, mask, num_beams=beams)
    assert len({tuple(row) for row in theirs.tolist()}) > 3  # answers differ: no stuck decoder
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(("penalty", "stopping"), [(0.0, True), (2.0, "never")])
def test_a_search_ends_where_hugging_faces_ends(source, tmp_path, penalty, stopping):
    ids, mask = batch(seed=8)
    config = source.generation_config
    before = config.length_penalty, config.early_stopping
    config.length_penalty, config.early_stopping = penalty, stopping
    try:
        ours = decoded(source, tmp_path, ids, mask, beams=4)
        theirs = generated(source, ids, mask, num_beams=4)
    finally:
        config.length_penalty, config.early_stopping = before

    np.testing.assert_array_equal(ours, theirs)


def test_a_batch_padded_to_its_graphs_answers_as_one_that_fits(source, tmp_path):
    ids, mask = batch()

    ours = decoded(source, tmp_path, ids, mask, batches=(1, 4), lengths=(4, 16))

    np.testing.assert_array_equal(ours, generated(source, ids, mask))


def test_forced_tokens_stand_in_the_first_and_the_last_place(source, tmp_path):
    ids, mask = batch()
    config = source.generation_config
    config.forced_bos_token_id, config.forced_eos_token_id = 7, 2
    try:
        ours = decoded(source, tmp_path, ids, mask)
        theirs = generated(source, ids, mask)
    finally:
        config.forced_bos_token_id = config.forced_eos_token_id = None

    assert set(ours[:, 0]) == {7}
    np.testing.assert_array_equal(ours, theirs)


def test_half_precision_agrees_with_the_source_on_most_tokens(source, tmp_path):
    ids, mask = batch()

    ours = decoded(source, tmp_path, ids, mask, precision="fp16")

    # weights without training lie closer together than a trained model's: ties break either way
    assert (ours == generated(source, ids, mask)).mean() > 0.8


def test_what_a_step_does_not_do_is_refused_by_name(source, tmp_path):
    source.generation_config.no_repeat_ngram_size = 3
    try:
        with pytest.raises(ImpossibleTarget, match="no_repeat_ngram_size is 3"):
            export(source, tmp_path, precision="fp32", beams=1, steps=STEPS)
    finally:
        source.generation_config.no_repeat_ngram_size = 0
