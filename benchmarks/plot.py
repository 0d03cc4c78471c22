"""Load curves: p99 and what is answered, over what is offered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.load import Point


def curves(systems: Mapping[str, Sequence[Point]], objective_ms: float, path: Path) -> None:
    """Write a picture; the format is that of the path's suffix."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    late, answered = figure.subplots(1, 2)
    for name, points in systems.items():
        kept = [point for point in points if point.p99 != float("inf")]
        offered = [point.offered for point in kept]
        late.plot(offered, [point.p99 for point in kept], marker="o", label=name)
        answered.plot(offered, [point.answered for point in kept], marker="o", label=name)
    late.axhline(objective_ms, color="grey", linestyle="--", linewidth=1)
    for axes, told in ((late, "p99 of the answered, ms"), (answered, "answered, requests/s")):
        axes.set(xscale="log", yscale="log", xlabel="offered, requests/s", ylabel=told)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
    late.legend()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
