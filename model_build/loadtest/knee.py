"""The highest rate at which a service keeps its objective."""

from collections.abc import Callable

from model_build.loadtest.generator import Point

FIRST_RATE, NARROW = 100, 1.08
FAR = 0.1  # the share not answered that no other job on the machine explains


def knee(
    ask: Callable[[float], Point], p99_ms: float, narrow: float = NARROW, first: float = FIRST_RATE
) -> tuple[Point | None, list[Point]]:
    """Find the highest rate that meets the objective: double until it does not, then halve the gap.

    A rate is missed if it is missed twice, or by far: another job on the machine may spoil one try.

    Args:
        ask: Measures at a rate.
        p99_ms: The objective.
        first: The rate to begin with.
        narrow: Stop when the gap between met and missed is smaller than this ratio.

    Returns:
        The best point that met it, or None, and all points by rate.
    """
    points: list[Point] = []
    met: Point | None = None
    rate, missed = float(first), float("inf")
    while met is None or missed / met.offered > narrow:
        point = ask(rate)
        if not point.meets(p99_ms) and point.refused + point.failed < FAR:
            point = min(point, ask(rate), key=lambda tried: tried.p99)
        points.append(point)
        if point.meets(p99_ms):
            met = point
        else:
            missed = rate
        if met is None and rate < first / 8:
            break
        if met is None:
            rate /= 2
        else:
            rate = 2 * met.offered if missed == float("inf") else (met.offered * missed) ** 0.5
    return met, sorted(points, key=lambda point: point.offered)
