"""A baseline and a verdict in SageMaker Model Monitor's own files.

`statistics.json`, `constraints.json` and `violations.json`, by the developer guide's schemas: an
account that still has Model Monitor can run its jobs on them, and people who know it can read ours.
Vectors are in them by their norm, distance and main axes.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from serving.drift.features import Numbers, Table
from serving.drift.judge import FAR, Verdict

BUCKETS = 10
SKETCH = {"c": 0.64, "k": 2048.0}

Document = dict[str, Any]


def statistics(table: Table) -> Document:
    """Return `statistics.json`; the sketches hold every value, as KLL does below its k."""
    return {
        "version": 0.0,
        "dataset": {"item_count": table.rows},
        "features": [
            *(_numeric(name, values) for name, values in table.numbers.items()),
            *(_string(name, values) for name, values in table.categories.items()),
        ],
    }


def constraints(table: Table) -> Document:
    """Return `constraints.json`: types, completeness, signs, known categories, thresholds."""
    numeric = [
        {
            "name": name,
            "inferred_type": _type(values),
            "completeness": 1.0,
            "num_constraints": {"is_non_negative": bool((values >= 0).all())},
        }
        for name, values in table.numbers.items()
    ]
    strings = [
        {
            "name": name,
            "inferred_type": "String",
            "completeness": 1.0,
            "string_constraints": {"domains": sorted(set(values))},
        }
        for name, values in table.categories.items()
    ]
    return {
        "version": 0.0,
        "features": [*numeric, *strings],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 0.1,
            "domain_content_threshold": 0.1,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": FAR,
                "comparison_method": "Robust",
            },
        },
    }


def violations(verdict: Verdict, reference: Table, current: Table | None) -> Document:
    """Return `violations.json`: what drifted, and categories that the baseline does not know."""
    found = [
        {
            "feature_name": finding.feature,
            "constraint_check_type": "baseline_drift_check",
            "description": f"Baseline drift distance: {finding.distance:.4f} exceeds threshold:"
            f" {FAR} ({finding.test}, p = {finding.p_value:.2g})",
        }
        for finding in verdict.drifted
    ]
    if current is not None and verdict.enough:
        found += _strangers(reference, current)
    return {"violations": found}


def _strangers(reference: Table, current: Table) -> list[Document]:
    found = []
    for name, values in reference.categories.items():
        now = current.categories.get(name, [])
        known = set(values)
        share = sum(value in known for value in now) / max(1, len(now))
        if share < 1 - FAR:
            text = f"Value: {share:.3f} meets the constraint requirement of {1 - FAR}? No."
            found.append(
                {
                    "feature_name": name,
                    "constraint_check_type": "categorical_values_check",
                    "description": f"{text} {1 - share:.1%} are not among the baseline's values",
                }
            )
    return found


def _type(values: Numbers) -> str:
    return "Integral" if np.equal(np.mod(values, 1), 0).all() else "Fractional"


def _numeric(name: str, values: Numbers) -> Document:
    wide = values.astype(float)
    counts, edges = np.histogram(wide, BUCKETS)
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    return {
        "name": name,
        "inferred_type": _type(values),
        "numerical_statistics": {
            "common": {"num_present": len(values), "num_missing": 0},
            "mean": float(wide.mean()),
            "sum": float(wide.sum()),
            "std_dev": float(wide.std()),
            "min": float(wide.min()),
            "max": float(wide.max()),
            "distribution": {
                "kll": {
                    "buckets": buckets,
                    "sketch": {"parameters": SKETCH, "data": [[round(v, 6) for v in wide]]},
                }
            },
        },
    }


def _string(name: str, values: Sequence[str]) -> Document:
    counts = Counter(values)
    buckets = [{"value": value, "count": count} for value, count in sorted(counts.items())]
    return {
        "name": name,
        "inferred_type": "String",
        "string_statistics": {
            "common": {"num_present": len(values), "num_missing": 0},
            "distinct_count": float(len(counts)),
            "distribution": {"categorical": {"buckets": buckets}},
        },
    }
