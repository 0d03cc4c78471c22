"""Goals: a gate's words for one metric, and the verdict on a measurement.

Vocabulary after Olive (microsoft/Olive, evaluator goals): `threshold` bounds the value itself;
`max_degradation` and `percent_max_degradation` bound how much worse than the source model it may
be; `min_improvement` says how much better it must be.
"""

from typing import Annotated

from pydantic import Field, model_validator

from catalog.artifact import Measurement, Verdict
from catalog.base import Strict
from catalog.metrics import METRICS

Number = Annotated[float, Field(strict=False, allow_inf_nan=False)]
Degradation = Annotated[float, Field(strict=False, ge=0, allow_inf_nan=False)]


class Goal(Strict):
    """What one metric must reach; every part that is given must hold."""

    threshold: Number | None = None
    max_degradation: Degradation | None = None
    percent_max_degradation: Degradation | None = None
    min_improvement: Degradation | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Goal":
        if not self.words():
            raise ValueError(
                "an empty goal proves nothing: give threshold, max_degradation,"
                " percent_max_degradation or min_improvement"
            )
        return self

    def words(self) -> dict[str, float]:
        """Return the parts that are given."""
        return self.model_dump(exclude_none=True)


def judge(goal: Goal, measurement: Measurement) -> Verdict:
    """Return the verdict on one measurement.

    Raises:
        ValueError: The goal compares with the source model, and no source value was measured.
    """
    metric = METRICS[measurement.metric]
    sign = 1.0 if metric.better == "higher" else -1.0
    value = measurement.value
    failures = []
    if goal.threshold is not None and sign * (value - goal.threshold) < 0:
        side = "below" if sign > 0 else "above"
        failures.append(f"{value:.4g} is {side} the threshold {goal.threshold:.4g}")
    relative = goal.words().keys() - {"threshold"}
    if relative:
        if measurement.source is None:
            raise ValueError(
                f"{metric.name}: {sorted(relative)} need a source value; none measured"
            )
        failures += _compare(goal, value, measurement.source, sign)
    shown = f"{metric.name} {value:.4g} {metric.unit}"
    if measurement.source is not None:
        shown += f" (source {measurement.source:.4g})"
    return Verdict(metric.name, goal.words(), not failures, "; ".join(failures) or shown)


def _compare(goal: Goal, value: float, source: float, sign: float) -> list[str]:
    worse = sign * (source - value)
    failures = []
    if goal.max_degradation is not None and worse > goal.max_degradation + 1e-12:
        failures.append(f"{value:.4g} is {worse:.4g} worse than the source's {source:.4g}")
    if goal.percent_max_degradation is not None:
        percent = 100 * worse / abs(source) if source else 0.0
        if percent > goal.percent_max_degradation + 1e-9:
            failures.append(f"{value:.4g} is {percent:.3g} % worse than the source's {source:.4g}")
    if goal.min_improvement is not None and -worse < goal.min_improvement:
        failures.append(f"{value:.4g} improves by {-worse:.4g}, less than {goal.min_improvement}")
    return failures
