from itertools import islice

import pytest

from model_build.data.misspellings import misspellings
from model_build.data.queries import TrainingQueries, held_out_queries
from model_build.data.vocabulary import vocabulary


@pytest.fixture(scope="module")
def training():
    return TrainingQueries()


def test_the_same_seed_gives_the_same_training_queries(training):
    first = list(islice(training.stream(3), 200))
    assert first == list(islice(TrainingQueries().stream(3), 200))
    assert first != list(islice(training.stream(4), 200))


def test_training_never_shows_a_real_held_out_misspelling(training):
    held_out = {m.typo for part in ("test", "validation") for m in misspellings(part)}
    typed = {word for q in islice(training.stream(5), 20_000) for word in q.typed.split()}
    assert not typed & held_out


def test_training_shows_right_and_misspelled_queries_of_one_to_eight_words(training):
    queries = list(islice(training.stream(6), 2000))
    unchanged = sum(query.typed == query.meant for query in queries) / len(queries)
    assert 0.2 < unchanged < 0.6
    counts = {len(q.meant.split()) for q in queries if not any(map(str.isdigit, q.meant))}
    assert counts == set(range(1, 9))


def test_held_out_queries_misspell_exactly_the_held_out_words():
    real = {m.typo: m.word for m in misspellings("test")}
    for query in held_out_queries("test", misspelled=50, clean=0, seed=1):
        changed = [
            (wrong, right)
            for wrong, right in zip(query.typed.split(), query.meant.split(), strict=True)
            if wrong != right
        ]
        assert changed
        assert all(real[wrong] == right for wrong, right in changed)


def test_clean_held_out_queries_are_right_as_they_are():
    for query in held_out_queries("test", misspelled=0, clean=50, seed=1):
        assert query.typed == query.meant
        assert all(word in vocabulary() for word in query.meant.split())
