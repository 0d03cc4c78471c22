import numpy as np
import pytest

from model_build.gates.cost import usd_per_million
from model_build.gates.parity import calibration_error, measure_parity, recall_at
from model_build.gates.questions import Answers, ask
from tests.model_build import tiny


def by_metric(measurements):
    return {item.metric: item for item in measurements}


def test_strings_are_compared_with_what_is_right_and_with_the_source():
    row = tiny.row("tiny", "seq2seq", "t5")
    answers = Answers(
        ["q1", "q2", "q3", "q4"],
        ["a", "b", "c", "d"],
        ["a", "b", "x", "d"],
        ["a", "B", "x", "d"],
        [],
        [],
    )

    found = by_metric(measure_parity(row, answers))

    assert (found["exact_match"].value, found["exact_match"].source) == (0.5, 0.75)
    assert found["agreement"].value == 0.75
    assert found["agreement"].low < 0.75 < found["agreement"].high


def test_recall_counts_a_relevant_document_among_the_nearest():
    queries = np.eye(3, dtype=np.float32)
    documents = np.array([[1, 0, 0], [0.9, 1, 0], [0, 0.5, 1]], dtype=np.float32)

    assert recall_at(1, queries, documents, [1, 1, 2]).tolist() == [False, True, True]
    assert recall_at(2, queries, documents, [1, 1, 2]).tolist() == [True, True, True]


def test_calibration_error_is_the_gap_between_confidence_and_hits():
    sure = np.array([[0.95, 0.05]] * 10, dtype=np.float32)

    assert calibration_error(sure, np.array([True] * 10)) == pytest.approx(0.05)
    assert calibration_error(sure, np.array([False] * 10)) == pytest.approx(0.95)


def test_an_unsure_classifier_is_right_when_the_fallback_is_expected():
    row = tiny.row("tiny", "classification", "minilm-intent", labels=("a", "b"))
    row = row.model_validate(
        row.model_dump() | {"decision": {"threshold": 0.6, "fallback": "unknown"}}
    )
    unsure = [np.array([0.55, 0.45], dtype=np.float32)]
    sure = [np.array([0.9, 0.1], dtype=np.float32)]
    answers = Answers(["q", "r"], ["unknown", "a"], unsure + sure, unsure + sure, [], [])

    found = by_metric(measure_parity(row, answers))

    assert found["accuracy"].value == 1.0
    assert found["calibration_error"].samples == 1


def test_both_models_are_asked_the_same_spread_of_a_large_golden_set():
    golden = tiny.golden("classification", [f"t{i:04}" for i in range(1000)], ["a"] * 1000)
    asked = []

    def predict(inputs):
        asked.extend(inputs)
        return [np.ones(1, dtype=np.float32) for _ in inputs]

    answers = ask(golden, predict, predict)

    assert len(answers.inputs) == 240
    assert asked[:240] == asked[240:]
    assert answers.inputs[0] == "t0000"
    assert answers.inputs[-1] > "t0990"


def test_relevant_documents_stay_when_others_are_left_out():
    documents = [f"document {i}" for i in range(900)]
    golden = tiny.golden("embedding", ["q", "r"], [850, 3], documents)

    answers = ask(golden, list, list)

    assert [answers.source_documents[i] for i in answers.expected] == ["document 850", "document 3"]
    assert len(answers.source_documents) == 200


@pytest.mark.parametrize(("price", "throughput", "cost"), [(0.36, 100.0, 1.0), (3.6, 1.0, 1000.0)])
def test_cost_follows_price_and_throughput(price, throughput, cost):
    assert usd_per_million(price, throughput) == pytest.approx(cost)


def test_no_cost_is_made_up_from_a_throughput_of_zero():
    with pytest.raises(ValueError, match="measure again"):
        usd_per_million(0.36, 0.0)
