"""Compare one feature of traffic with its reference: a test's p-value, and how far it is.

A p-value says whether chance would do; a distance says whether it matters. With ten thousand
records any difference is significant, with a hundred any chance is large: drift needs both.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, fisher_exact, kstwo

BINS = 10
LEAST_EXPECTED = 5.0
FLOOR = 1e-4
OTHER = "(others)"

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Finding:
    """One feature beside its reference.

    Attributes:
        feature: Its name.
        test: `kolmogorov-smirnov`, `chi-squared` or `mmd`.
        p_value: How likely chance alone is to differ so much.
        distance: 0 to 1. Numbers: the largest gap between the cumulative distributions; categories:
            the share of traffic in other categories than before; vectors: the MMD.
        psi: Population stability index over the reference's tenths; None for vectors.
        js: Jensen-Shannon distance, 0 to 1, over the same; None for vectors.
        drifted: Rejected after the control for many tests, and far enough to matter.
    """

    feature: str
    test: str
    p_value: float
    distance: float
    psi: float | None = None
    js: float | None = None
    drifted: bool = False


def compare_numbers(feature: str, reference: Values, current: Values) -> Finding:
    """Compare a number's distributions; values that are not finite are left out."""
    before, now = reference[np.isfinite(reference)], current[np.isfinite(current)]
    if not len(before) or not len(now):
        return Finding(feature, "kolmogorov-smirnov", float(len(before) == len(now)), 1.0)
    gap, p_value = kolmogorov_smirnov(before, now)
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    shares = [
        _shares(np.searchsorted(edges, x, side="right"), len(edges) + 1) for x in (before, now)
    ]
    return Finding(
        feature, "kolmogorov-smirnov", p_value, gap,
        psi(*shares), js(*shares),
    )  # fmt: skip


def kolmogorov_smirnov(before: Values, now: Values) -> tuple[float, float]:
    """Return the largest gap of two samples' cumulative distributions, and its p-value.

    As `scipy.stats.ks_2samp(..., method="asymp")`, without what that spends on other shapes of
    arrays: four fifths of its time. Not exact: ties make the exact distribution no more right.
    """
    left, right = np.sort(before), np.sort(now)
    places = np.concatenate([left, right])
    rises = (np.searchsorted(side, places, side="right") / len(side) for side in (left, right))
    gap = float(np.abs(np.subtract(*rises)).max())
    size = np.round(len(left) * len(right) / (len(left) + len(right)))
    return gap, float(kstwo.sf(gap, size))


def compare_categories(feature: str, reference: Sequence[str], current: Sequence[str]) -> Finding:
    """Compare the shares of categories; those too rare for a test are taken together."""
    before, now = Counter(reference), Counter(current)
    names = sorted(before | now)
    counts = np.array([[seen[name] for name in names] for seen in (before, now)], float)
    shares = counts / counts.sum(axis=1, keepdims=True)
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    p_value = _independent(_common(counts))
    return Finding(feature, "chi-squared", p_value, distance, psi(*shares), js(*shares))


def psi(before: Values, now: Values) -> float:
    """Return the population stability index of two lists of shares; 0.2 is called a shift."""
    left, right = np.maximum(before, FLOOR), np.maximum(now, FLOOR)
    return float(((right - left) * np.log(right / left)).sum())


def js(before: Values, now: Values) -> float:
    """Return the Jensen-Shannon distance of two lists of shares, 0 to 1."""
    return float(jensenshannon(before, now, base=2))


def _shares(places: NDArray[np.intp], count: int) -> Values:
    found: Values = np.bincount(places, minlength=count) / len(places)
    return found


def _common(counts: Values) -> Values:
    """Return the table with the categories whose expected counts are too small in one column."""
    expected = counts.sum(axis=0) * counts.sum(axis=1).min() / counts.sum()
    common = expected >= LEAST_EXPECTED
    rest = counts[:, ~common].sum(axis=1, keepdims=True)
    kept = counts[:, common]
    return np.hstack([kept, rest]) if rest.any() else kept


def _independent(counts: Values) -> float:
    if counts.shape[1] < 2:
        return 1.0
    if counts.shape[1] == 2:
        return float(fisher_exact(counts.astype(int))[1])
    return float(chi2_contingency(counts)[1])
