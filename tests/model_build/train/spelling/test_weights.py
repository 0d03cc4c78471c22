import pytest

from model_build.golden import load
from model_build.train.recipes import WEIGHTS
from model_build.train.spelling.baselines import TableLookup
from model_build.train.spelling.correct import Corrector

MODELS = ("spelling-t5", "spelling-bart")
SAMPLE = slice(0, 400, 4)  # 75 misspelled queries and 25 clean ones


@pytest.fixture(scope="module", params=MODELS)
def answers(request):
    corrector = Corrector.from_folder(WEIGHTS / request.param)
    return corrector.correct(list(load("spelling-queries").inputs[SAMPLE]))


def test_the_shipped_weights_correct_what_no_table_of_known_misspellings_can(answers):
    golden = load("spelling-queries")
    table = TableLookup().correct(list(golden.inputs[SAMPLE]))
    expected, misspelled = golden.expected[SAMPLE], slice(0, 75)
    by_model = sum(map(str.__eq__, answers[misspelled], expected[misspelled]))
    by_table = sum(map(str.__eq__, table[misspelled], expected[misspelled]))
    assert by_model >= by_table + 50


def test_the_shipped_weights_leave_right_queries_alone(answers):
    expected = load("spelling-queries").expected[SAMPLE]
    assert sum(map(str.__eq__, answers[75:], expected[75:])) >= 23


@pytest.mark.parametrize("name", MODELS)
def test_the_shipped_weights_correct_a_familiar_query(name):
    corrector = Corrector.from_folder(WEIGHTS / name)
    assert corrector.correct(["definately maby"]) == ["definitely maybe"]
