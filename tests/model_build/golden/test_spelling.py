import os
import subprocess
import sys

from model_build.data.decency import decent
from model_build.golden import load
from model_build.golden.spelling import CLEAN, MISSPELLED


def test_the_set_holds_misspelled_queries_and_queries_to_leave_alone():
    golden = load("spelling-queries")
    same = [typed == meant for typed, meant in zip(golden.inputs, golden.expected, strict=True)]
    assert same == [False] * MISSPELLED + [True] * CLEAN
    assert len(set(golden.inputs)) == MISSPELLED + CLEAN


def test_no_query_shows_a_sexual_or_offensive_word():
    words = {word for query in load("spelling-queries").expected for word in query.split()}
    assert decent(words)
    assert not any(decent([word]) for word in ("porn", "bastard", "boobs", "cum", "cumming"))
    assert decent(["cumulative", "documents", "essex", "grape", "socialist"])


def test_another_process_makes_the_same_set():
    code = "from model_build.golden import load; print(load('spelling-queries').digest)"
    other = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == load("spelling-queries").digest
