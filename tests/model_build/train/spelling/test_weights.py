import pytest

from model_build.golden import load
from model_build.train.recipes import WEIGHTS
from model_build.train.spelling.baselines import TableLookup
from model_build.train.spelling.correct import Corrector

AT_LEAST = {"spelling-t5": 58, "spelling-bart": 60}
"""Of 75 queries with held-out misspellings; the table of known misspellings gets none right."""
SAMPLE = slice(0, 400, 4)  # 75 misspelled queries and 25 clean ones


@pytest.fixture(scope="module", params=AT_LEAST)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def answers(name):
    corrector = Corrector.from_folder(WEIGHTS / name)
    return corrector.correct(list(load("spelling-queries").inputs[SAMPLE]))


def test_the_shipped_weights_correct_what_no_table_of_known_misspellings_can(name, answers):
    golden = load("spelling-queries")
    table = TableLookup().correct(list(golden.inputs[SAMPLE]))
    expected, misspelled = golden.expected[SAMPLE], slice(0, 75)
    by_model = sum(map(str.__eq__, answers[misspelled], expected[misspelled]))
    by_table = sum(map(str.__eq__, table[misspelled], expected[misspelled]))
    assert by_model >= by_table + AT_LEAST[name]


def test_the_shipped_weights_leave_right_queries_alone(answers):
    expected = load("spelling-queries").expected[SAMPLE]
    assert sum(map(str.__eq__, answers[75:], expected[75:])) >= 23
