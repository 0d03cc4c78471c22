import os
import subprocess
import sys

from model_build.golden import load
from model_build.golden.spelling import CLEAN, MISSPELLED


def test_the_set_holds_misspelled_queries_and_queries_to_leave_alone():
    golden = load("spelling-queries")
    same = [typed == meant for typed, meant in zip(golden.inputs, golden.expected, strict=True)]
    assert same == [False] * MISSPELLED + [True] * CLEAN
    assert len(set(golden.inputs)) == MISSPELLED + CLEAN


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
