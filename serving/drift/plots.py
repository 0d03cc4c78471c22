"""The page's plots, as inline SVG: the baseline in grey, the window in blue, drifted in red."""

import io
from collections import Counter
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from serving.drift.compare import Finding
from serving.drift.features import Table
from serving.drift.judge import FAR, Verdict

BEFORE, NOW, DRIFTED = "#9aa3ad", "#1f6feb", "#b42318"
COLUMNS, BINS, MOST_CATEGORIES = 3, 24, 12


def _svg(name: str, size: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 8}):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()[out.getvalue().index("<svg") :]


def distances(verdict: Verdict) -> str:
    """Draw every feature's distance beside the threshold."""
    findings = verdict.findings[::-1]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        colours = [DRIFTED if finding.drifted else NOW for finding in findings]
        values = [finding.distance for finding in findings]
        axes.barh(range(len(findings)), values, color=colours, height=0.6)
        axes.set_yticks(range(len(findings)), [finding.feature for finding in findings])
        axes.axvline(FAR, color=BEFORE, linestyle="--", linewidth=1)
        axes.set_xlabel(f"distance from the baseline (dashed: {FAR}, from which it matters)")
        axes.spines[["top", "right"]].set_visible(False)

    return _svg("distances", (8.4, 0.8 + 0.22 * len(findings)), draw)


def features(verdict: Verdict, before: Table, now: Table) -> str:
    """Draw the distributions of every feature, the most suspicious first."""
    rows = -(-len(verdict.findings) // COLUMNS)

    def draw(figure: Figure) -> None:
        grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
        for axes, finding in zip(grid, verdict.findings, strict=False):
            _feature(axes, finding, before, now)
        for axes in grid[len(verdict.findings) :]:
            axes.set_visible(False)

    return _svg("features", (8.4, 1.7 * rows), draw)


def _feature(axes: Axes, finding: Finding, before: Table, now: Table) -> None:
    name = finding.feature
    if name in before.numbers:
        left, right = before.numbers[name], now.numbers[name]
        edges = np.histogram_bin_edges(np.concatenate([left, right]), BINS)
        for values, colour in ((left, BEFORE), (right, NOW)):
            shares = np.histogram(values, edges)[0] / len(values)
            axes.stairs(shares, edges, fill=True, alpha=0.55, color=colour)
    elif name in before.categories:
        _bars(axes, before.categories[name], now.categories[name])
    else:
        for table, colour in ((before, BEFORE), (now, NOW)):
            left, right = (table.numbers[f"{name}_component_{place}"] for place in (1, 2))
            axes.plot(left, right, ".", ms=2, alpha=0.5, color=colour)
    axes.set_title(
        f"{name}  d={finding.distance:.2f}", color=DRIFTED if finding.drifted else "#1c2430"
    )
    axes.spines[["top", "right"]].set_visible(False)


def _bars(axes: Axes, before: list[str], now: list[str]) -> None:
    left, right = Counter(before), Counter(now)
    names = [name for name, _ in (left + right).most_common(MOST_CATEGORIES)]
    for found, colour, shift in ((left, BEFORE, -0.2), (right, NOW, 0.2)):
        shares = [found[name] / max(1, found.total()) for name in names]
        axes.bar(np.arange(len(names)) + shift, shares, 0.4, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
