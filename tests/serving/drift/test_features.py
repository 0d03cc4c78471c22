"""Features of texts, corrections, outcomes and pictures; records that are read back."""

import base64
import json

import numpy as np
import pytest

from serving.drift.features import Lens, features_of
from serving.drift.features.outputs import edit_distance, outcome_features
from serving.drift.features.tasks import lens_for
from serving.drift.features.text import script, text_features
from serving.drift.records import Outcome, Rows, Unreadable, parse, read
from tests.serving import tiny

TOKENIZER = tiny.tokenizer().to_str()


def test_words_that_the_tokenizer_does_not_know_are_out_of_vocabulary():
    found = text_features(["blue suede shoes", "blue qwxz", ""], TOKENIZER)

    assert found.numbers["out_of_vocabulary"].tolist() == [0, 0.5, 0]
    assert found.numbers["length"].tolist() == [16, 9, 0]
    assert found.numbers["words"].tolist() == [3, 2, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("blue shoes", "latin"), ("синие туфли x", "cyrillic"), ("漢字", "cjk"), ("12 %", "none")],
)
def test_the_script_is_that_of_most_letters(text, expected):
    assert script(text) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("", "", 0), ("kitten", "sitting", 3), ("abc", "", 3), ("same", "same", 0), ("ab", "ba", 2)],
)
def test_the_edit_distance_is_levenshteins(left, right, expected):
    assert edit_distance(left, right) == edit_distance(right, left) == expected


def test_entropy_is_none_for_the_sure_and_one_for_the_clueless():
    sure, clueless = np.array([1.0, 0, 0]), np.full(3, 1 / 3)

    found = outcome_features([Outcome("a", sure), Outcome("b", clueless)])

    assert found.numbers["entropy"] == pytest.approx([0, 1], abs=1e-6)
    assert found.numbers["confidence"] == pytest.approx([1, 1 / 3])
    assert found.categories["label"] == ["a", "b"]


def test_a_correction_is_measured_beside_what_was_asked():
    rows = Rows(["jaz", "blue"], ["jazz", "blue"], ["1", "2"])

    found = features_of("seq2seq")(rows, Lens(TOKENIZER))

    assert found.numbers["edit_distance"].tolist() == [0.25, 0]
    assert found.categories["unchanged"] == ["no", "yes"]


def test_where_answers_were_not_seen_the_questions_alone_are_judged():
    rows = Rows(["jaz"], [], ["1"], answered=False)

    assert "edit_distance" not in features_of("seq2seq")(rows, Lens(TOKENIZER)).names


def test_a_vector_is_seen_along_the_baselines_axes():
    random = np.random.default_rng(1)
    vectors = list(random.normal(size=(50, 6)).astype(np.float32) * [5, 1, 1, 1, 1, 1])
    rows = Rows(["jazz"] * 50, vectors, [""] * 50)

    found = features_of("embedding")(rows, lens_for("embedding", rows, TOKENIZER))

    assert np.corrcoef(found.numbers["embedding_component_1"], np.stack(vectors)[:, 0])[0, 1] > 0.9
    assert found.vectors["embedding"].shape == (50, 6)


def kserve(text: str, encoding: str = "JSON") -> dict:
    tensor = {"name": "TEXT", "shape": [1, 1], "datatype": "BYTES", "data": [text]}
    data = json.dumps({"inputs": [tensor]})
    if encoding == "BASE64":
        data = base64.b64encode(data.encode()).decode()
    return {
        "captureData": {"endpointInput": {"mode": "INPUT", "data": data, "encoding": encoding}},
        "eventMetadata": {"eventId": "1", "inferenceTime": "2026-11-22T03:00:00Z"},
        "eventVersion": "0",
    }


@pytest.mark.parametrize("encoding", ["JSON", "BASE64"])
def test_what_sagemaker_itself_captured_is_read_too(encoding):
    record = parse(json.dumps(kserve("jazz", encoding)))

    assert (record.inputs, record.outputs, record.model) == (["jazz"], None, "")


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", json.dumps(kserve("x", "CSV")), '{"captureData": {}}']
)
def test_what_is_no_record_is_counted_and_not_judged(line):
    with pytest.raises(Unreadable):
        parse(line)

    records, unreadable = read(iter([line, json.dumps(kserve("a")), ""]))
    assert (len(records), unreadable) == (1, 1)
