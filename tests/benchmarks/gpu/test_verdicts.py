"""What meets a target of the GPU benchmark, and what does not."""

import math

import pytest

from benchmarks.gpu.verdicts import TOKENS_ALIKE, of_batching, of_speed

OVER_EAGER = "t5-small batch 1: loop-tensorrt-fp16 over eager-fp32"


def measured(p50: float, likeness: float):
    """Verdicts by target over a run in which eager took 30 ms."""
    rows = [
        {"model": "t5-small", "batch": 1, "system": system, "p50_ms": time, "likeness": like}
        for system, time, like in (("eager-fp32", 30.0, 1.0), ("loop-tensorrt-fp16", p50, likeness))
    ]
    return {verdict.target: verdict for verdict in of_speed(rows)}


def test_targets_are_judged_where_both_sides_were_measured():
    found = measured(2.0, 1.0)

    assert found[OVER_EAGER].met is True
    assert found[OVER_EAGER].reached == 15.0
    over_compile = found["t5-small batch 1: loop-tensorrt-fp16 over torch.compile-fp16"]
    assert over_compile.met is None
    assert str(over_compile).startswith("not run: ")
    assert "torch.compile-fp16 was not measured" in str(over_compile)


@pytest.mark.parametrize(
    ("p50", "likeness", "met"),
    [
        (2.0, 8 / 9, True),  # FP16 may turn one token of nine
        (2.0, TOKENS_ALIKE - 0.01, False),
        (2.0, 0.0, False),
        (2.0, math.nan, False),  # as many tokens as nobody asked for
        (3.1, 1.0, False),
    ],
)
def test_only_a_fast_answer_that_is_the_sources_meets_a_target(p50, likeness, met):
    assert measured(p50, likeness)[OVER_EAGER].met is met


@pytest.mark.parametrize(("likeness", "met"), [(0.9997, True), (0.99, False), (math.nan, False)])
def test_vectors_must_point_where_the_sources_do(likeness, met):
    rows = [
        {"model": "minilm", "batch": 1, "system": "eager-fp32", "p50_ms": 8.0, "likeness": 1.0},
        {"model": "minilm", "batch": 1, "system": "tensorrt-fp16", "p50_ms": 1.0,
         "likeness": likeness},
    ]  # fmt: skip

    (verdict,) = (item for item in of_speed(rows) if item.target.startswith("minilm"))

    assert verdict.met is met


def test_batching_that_gives_many_at_a_higher_p99_misses():
    rows = [{"p99_ms": 30.0}, {"p99_ms": 31.0}]
    document = {"model": "embedding", "gain": 4.0, "least": 3.0, "p99_lower": False, "rows": rows}

    gain, tail = of_batching(document)

    assert (gain.met, tail.met) == (True, False)
    assert "31 ms, without 30" in str(tail)
