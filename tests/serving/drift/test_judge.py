"""What the judge calls drift, what it does not, and what it will not say."""

import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest

from serving.drift.compare import (
    Finding,
    compare_categories,
    compare_numbers,
    js,
    kolmogorov_smirnov,
    psi,
)
from serving.drift.features import Table
from serving.drift.judge import ALPHA, control, judge
from serving.drift.mmd import compare_vectors


def table(rows: int, seed: int, shift: float = 0.0, label: str = "a") -> Table:
    random = np.random.default_rng(seed)
    return Table(
        {"length": random.normal(10 + shift, 1, rows).astype(np.float32)},
        {"label": list(random.choice([label, "b", "c"], rows))},
        {"embedding": random.normal(shift, 1, (rows, 16)).astype(np.float32)},
    )


def test_a_window_like_the_baseline_is_steady():
    verdict = judge(table(400, 1), table(300, 2))

    assert (verdict.state, verdict.enough, verdict.drifted) == ("steady", True, ())
    assert len(verdict.findings) == 3


def test_a_moved_number_and_vector_drift_and_come_first():
    verdict = judge(table(400, 1), table(300, 2, shift=0.5))

    assert verdict.state == "drifted"
    assert [finding.feature for finding in verdict.drifted] == ["embedding", "length"]
    assert verdict.distance > 0.15


def test_a_category_that_was_never_seen_is_drift():
    verdict = judge(table(400, 1), table(300, 2, label="new"))

    assert [finding.feature for finding in verdict.drifted] == ["label"]
    assert verdict.findings[0].distance == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize(("before", "now"), [(400, 99), (99, 400), (400, 0)])
def test_too_few_rows_on_either_side_are_never_called_steady(before, now):
    verdict = judge(table(before, 1), table(now, 2) if now else Table())

    assert (verdict.state, verdict.enough) == ("not-enough", False)
    assert "100 are needed" in verdict.reason


def test_a_difference_that_is_sure_but_small_is_no_drift():
    verdict = judge(table(20_000, 1), table(20_000, 2, shift=0.1))

    assert verdict.findings[0].p_value < 1e-9
    assert verdict.state == "steady"


def test_holm_rejects_less_the_more_features_there_are():
    suspicious = Finding("x", "t", ALPHA / 2, 0.5)
    dull = [Finding(f"f{number}", "t", 0.5, 0.5) for number in range(9)]

    assert control([suspicious])[0].drifted
    assert not control([suspicious, *dull])[0].drifted


@pytest.mark.parametrize("rows", [100, 300])
def test_the_p_values_of_vectors_are_uniform_where_nothing_moved(rows):
    random = np.random.default_rng(5)
    values = [
        compare_vectors("v", random.normal(size=(400, 8)), random.normal(size=(rows, 8))).p_value
        for _ in range(200)
    ]

    assert kstest(values, "uniform").pvalue > 0.001


@pytest.mark.parametrize(("before", "now", "decimals"), [(400, 300, 9), (150, 100, 0)])
def test_the_gap_and_its_p_value_are_scipys(before, now, decimals):
    random = np.random.default_rng(3)
    left, right = random.normal(0, 3, before), random.normal(0.5, 3, now)
    left, right = left.round(decimals), right.round(decimals)

    expected = ks_2samp(left, right, method="asymp")

    assert kolmogorov_smirnov(left, right) == pytest.approx((expected.statistic, expected.pvalue))


def test_a_constant_feature_says_nothing():
    ones = np.ones(200, np.float32)

    assert compare_numbers("norm", ones, ones).p_value == 1
    assert compare_categories("script", ["latin"] * 200, ["latin"] * 150).p_value == 1


def test_a_feature_without_a_finite_value_is_as_far_as_can_be():
    found = compare_numbers("x", np.ones(200), np.full(200, np.nan))

    assert (found.p_value, found.distance) == (0, 1)


def test_indices_are_those_of_the_textbook():
    before, now = np.array([0.5, 0.5]), np.array([0.9, 0.1])

    expected = 0.4 * np.log(0.9 / 0.5) + -0.4 * np.log(0.1 / 0.5)
    assert psi(before, now) == pytest.approx(expected)
    assert psi(before, before) == js(before, before) == 0
    assert js(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1
