"""Detection curves: a panel for each model, a line for each shift."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.drift import Curve

COLUMNS = 3


def curves(found: "Sequence[Curve]", path: Path) -> None:
    """Write a picture; the format is that of the path's suffix."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    models = list(dict.fromkeys(curve.model for curve in found))
    rows = -(-len(models) // COLUMNS)
    with mpl.rc_context({"svg.hashsalt": "drift", "svg.fonttype": "none", "font.size": 8}):
        figure = Figure(figsize=(10, 2.7 * rows), layout="constrained")
        grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for axes, model in zip(grid, models, strict=False):
            for curve, marker in zip((c for c in found if c.model == model), "osD^v", strict=False):
                axes.plot(curve.shares, curve.detected, marker=marker, ms=4, label=curve.shift)
            axes.set(title=model, ylim=(-0.04, 1.04))
            axes.set_xlabel("share of the traffic that shifted")
            axes.set_ylabel("found within 2 hours")
            axes.grid(alpha=0.3)
            axes.legend(fontsize=6)
        for axes in grid[len(models) :]:
            axes.set_visible(False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
