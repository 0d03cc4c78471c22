"""The verdict on one model's window: drifted, steady, or not enough to say.

The control is for whole runs: a window of the baseline's own distribution is called drifted in less
than one hourly run of 720 per model, however many features there are (Holm, 1979). A feature that
is rejected counts only if it is also far: `FAR`, as in Model Monitor's comparison_threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from serving.drift.compare import Finding, compare_categories, compare_numbers
from serving.drift.features import Table
from serving.drift.mmd import compare_vectors

RUNS_PER_MONTH = 720
ALPHA = 0.5 / RUNS_PER_MONTH
"""Half of what is allowed, since the p-values are approximations; benchmarks.drift counts."""
FAR = 0.1
MIN_ROWS = 100
MOST_ROWS = 2_000


@dataclass(frozen=True)
class Verdict:
    """What a window shows.

    Attributes:
        state: `drifted`, `steady` or `not-enough`, which is never steady.
        rows: Rows of the window, before any were left out for speed.
        reason: A sentence.
        findings: Every feature, the most suspicious first; empty where there is not enough.
    """

    state: str
    rows: int
    reason: str
    findings: tuple[Finding, ...] = ()

    @property
    def enough(self) -> bool:
        """Say whether there was enough to judge."""
        return self.state != "not-enough"

    @property
    def drifted(self) -> tuple[Finding, ...]:
        """Return the features that drifted."""
        return tuple(finding for finding in self.findings if finding.drifted)

    @property
    def distance(self) -> float:
        """Return the largest distance."""
        return max((finding.distance for finding in self.findings), default=0.0)


def not_enough(rows: int, reason: str) -> Verdict:
    """Return the verdict on a window that says nothing."""
    return Verdict("not-enough", rows, reason)


def judge(reference: Table, current: Table, *, rows: int = 0, least: int = MIN_ROWS) -> Verdict:
    """Return the verdict on a window's features.

    Args:
        reference: The baseline's features.
        current: The window's.
        rows: Rows of the window, if `current` holds a part of them.
        least: The fewest rows, on either side, from which anything is said.
    """
    count = rows or current.rows
    if current.rows < least:
        return not_enough(count, f"{current.rows} rows, at least {least} are needed")
    if reference.rows < least:
        return not_enough(count, f"the baseline has {reference.rows} rows, {least} are needed")
    findings = control(compare(reference, current))
    drifted = [finding.feature for finding in findings if finding.drifted]
    if drifted:
        return Verdict("drifted", count, f"drifted: {', '.join(drifted)}", findings)
    return Verdict("steady", count, f"none of {len(findings)} features drifted", findings)


def compare(reference: Table, current: Table) -> list[Finding]:
    """Compare every feature that both sides have."""
    return [
        *(
            compare_numbers(name, values, current.numbers[name])
            for name, values in reference.numbers.items()
            if name in current.numbers
        ),
        *(
            compare_categories(name, values, current.categories[name])
            for name, values in reference.categories.items()
            if name in current.categories
        ),
        *(
            compare_vectors(name, values, current.vectors[name])
            for name, values in reference.vectors.items()
            if name in current.vectors
        ),
    ]


def control(findings: Sequence[Finding], alpha: float = ALPHA) -> tuple[Finding, ...]:
    """Return findings by p-value, those marked that Holm rejects at `alpha` and that are far."""
    order = sorted(findings, key=lambda finding: (finding.p_value, finding.feature))
    rejected = 0
    for place, finding in enumerate(order):
        if finding.p_value > alpha / (len(order) - place):
            break
        rejected = place + 1
    return tuple(
        replace(finding, drifted=place < rejected and finding.distance >= FAR)
        for place, finding in enumerate(order)
    )
