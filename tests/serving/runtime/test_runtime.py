import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from catalog import digest
from serving.runtime import (
    CorruptArtifact,
    Description,
    load,
    load_codec,
    load_engine,
    read_description,
)
from serving.runtime.image_codec import decode
from tests.serving import tiny


@pytest.fixture
def embedding(tmp_path):
    return tiny.encoder(tmp_path / "embedding", "embedding", "embedding")


def png(width=20, height=10, colour=(255, 0, 51), kind="PNG"):
    stream = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(stream, kind)
    return stream.getvalue()


def rewrite(directory, **changes):
    description = replace(read_description(directory), **changes)
    (directory / "model.json").write_text(description.to_json())


def test_a_description_is_read_back_as_it_was_written(embedding):
    description = read_description(embedding)

    (embedding / "model.json").write_text(description.to_json())

    assert read_description(embedding) == description


def test_predict_is_the_three_calls_in_a_row(embedding):
    model, inputs = load(embedding), ["blue suede shoes", "mouse"]

    by_hand = model.postprocess(model.infer(model.preprocess(inputs)))

    assert np.array_equal(np.stack(by_hand), np.stack(model.predict(inputs)))


def test_the_halves_of_a_model_do_what_the_whole_does(embedding):
    codec, engine = load_codec(embedding), load_engine(embedding)

    rows = codec.postprocess(engine.infer(codec.preprocess(["jazz piano"])))

    assert np.array_equal(rows[0], load(embedding).predict(["jazz piano"])[0])


def test_a_batch_answers_what_its_texts_answer_alone(embedding):
    model, inputs = load(embedding), ["blue", "find me a warm mouse", "jazz"]

    together = model.predict(inputs)

    for text, row in zip(inputs, together, strict=True):
        assert np.allclose(model.predict([text])[0], row, atol=1e-6)


@pytest.mark.parametrize("text", ["", "\ud800", "é\u0301\u200d👩‍👩‍👧", "\x00", "blue " * 50_000])
def test_odd_text_gets_an_answer_within_the_limit(embedding, text):
    model = load(embedding)

    tensors = model.preprocess([text])

    assert 1 <= tensors["input_ids"].shape[1] <= model.description.max_input_tokens
    assert np.isfinite(model.predict([text])[0]).all()


@pytest.mark.parametrize("asked", ["blue 靴", "suede 👞 shoes", "blue " * 50, "\ud800"])
def test_a_query_that_the_model_cannot_read_whole_comes_back_unchanged(tmp_path, asked):
    model = load(tiny.echo(tmp_path / "echo", "echo"))

    assert model.predict(["blue", asked, "suede shoes"]) == ["suede", asked, "shoes wireless"]


def test_no_inputs_give_no_outputs(embedding):
    assert load(embedding).predict([]) == []


def test_texts_are_padded_to_the_least_bucket_that_holds_them(embedding):
    rewrite(embedding, buckets=(4, 8, 16))

    tensors = load_codec(embedding).preprocess(["blue", "blue suede shoes"])

    assert tensors["input_ids"].shape == (2, 8)
    assert tensors["attention_mask"].sum(axis=1).tolist() == [3, 5]


def test_both_sides_of_pairs_are_padded_to_one_length(tmp_path):
    directory = tiny.encoder(
        tmp_path / "pairs", "pairs", "pair-classification", ("different", "duplicate")
    )
    model = load(directory)

    tensors = model.preprocess([("blue", "blue suede shoes"), ("a", "up")])

    assert {value.shape for value in tensors.values()} == {(2, 5)}
    assert model.predict([("blue", "mouse")])[0].sum() == pytest.approx(1.0)


def test_threads_may_share_a_model(embedding):
    model, failures = load(embedding), []
    expected = model.predict(["warm jazz"])[0]

    def ask():
        for _ in range(50):
            if not np.allclose(model.predict(["warm jazz"])[0], expected):
                failures.append("differs")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_named(embedding, name):
    with (embedding / name).open("ab") as stream:
        stream.write(b" ")

    with pytest.raises(CorruptArtifact, match=rf"{name}: sha256 is .*expected"):
        load(embedding)


def test_a_missing_file_is_named(embedding):
    (embedding / "tokenizer.json").unlink()

    with pytest.raises(CorruptArtifact, match=r"tokenizer.json: missing"):
        load(embedding)


def test_a_file_outside_the_directory_is_refused(embedding):
    rewrite(embedding, files={"../secret": "0" * 64})

    with pytest.raises(CorruptArtifact, match=r"\.\./secret lies outside"):
        load(embedding)


def test_an_engine_file_that_is_no_graph_is_refused(embedding):
    (embedding / "model.onnx").write_bytes(b"not a graph")
    files = dict(read_description(embedding).files)
    rewrite(embedding, files=files | {"model.onnx": digest.of_bytes(b"not a graph")})

    with pytest.raises(CorruptArtifact, match="ONNX Runtime cannot load it"):
        load(embedding)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"engine": "guesswork"}, "engine is 'guesswork', must be one of onnxruntime"),
        ({"task": "poetry"}, "task is 'poetry', must be one of seq2seq"),
        ({"colour": "blue"}, r"unknown keys \['colour'\]"),
        ({"format": 2}, "format is not 1"),
    ],
)
def test_a_description_that_this_code_cannot_serve_is_refused(embedding, change, message):
    path = embedding / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(CorruptArtifact, match=message):
        load(embedding)


def test_no_threads_are_refused(embedding):
    with pytest.raises(ValueError, match="threads is 0"):
        load(embedding, threads=0)


def test_a_classifier_answers_its_fallback_below_the_threshold():
    description = Description(
        name="intent",
        task="classification",
        family="tiny",
        engine="onnxruntime",
        precision="fp32",
        inputs=("input_ids",),
        output="probabilities",
        labels=("weather", "music"),
        threshold=0.6,
        fallback_label="unknown",
    )

    assert description.decide(np.array([0.7, 0.3], dtype=np.float32)) == "weather"
    assert description.decide(np.array([0.55, 0.45], dtype=np.float32)) == "unknown"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_images_become_pixels_between_zero_and_one(kind):
    pixels = decode(png(kind=kind), 8)

    assert pixels.shape == (3, 8, 8)
    assert pixels.dtype == np.float32
    assert pixels.mean(axis=(1, 2)) == pytest.approx([1.0, 0.0, 0.2], abs=0.02)


@pytest.mark.parametrize("data", [b"", b"not an image", png()[:40], png(kind="GIF")])
def test_what_is_no_whole_picture_is_refused_with_the_remedy(data):
    with pytest.raises(ValueError, match="send a PNG or a JPEG"):
        decode(data, 8)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    with pytest.raises(ValueError, match="pixels is over 25000000"):
        decode(png(6000, 5000), 8)


def test_loading_a_model_imports_no_training_framework(embedding):
    script = (
        "import sys; from pathlib import Path; from serving.runtime import load;"
        f" load(Path({str(embedding)!r}));"
        " print([name for name in ('torch', 'transformers', 'openvino', 'ctranslate2')"
        " if name in sys.modules])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"


def test_no_engine_reports_its_use(tmp_path):
    script = (
        "import serving.runtime;"
        " import serving.runtime.onnxruntime_engine, serving.runtime.openvino_engine"
    )

    subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"HOME": str(tmp_path)}, check=True
    )

    assert list(tmp_path.rglob("*")) == []
