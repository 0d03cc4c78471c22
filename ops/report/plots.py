"""The report's plots, as inline SVG: text stays text, colours are told apart without hue alone."""

import io
from collections.abc import Callable

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from catalog.artifact import Measurement
from ops.report.facts import Facts, quality

SOURCE, COMPILED, GOAL = "#9aa3ad", "#1f6feb", "#c2410c"
WIDTH = 8.4
STATUS = {"Succeeded": COMPILED, "Failed": GOAL, "InProgress": "#d4a72c"}


def svg(name: str, height: float, draw: Callable[[Figure], None], width: float = WIDTH) -> str:
    """Return a drawing as an SVG element, the same for the same drawing.

    Args:
        name: What it is called in the page.
        height: In inches.
        draw: Draws it.
        width: In inches.
    """
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()[out.getvalue().index("<svg") :]


def _pairs(facts: Facts, metric: str) -> list[tuple[str, Measurement]]:
    found = ((item.model, item.evidence.measurement(metric)) for item in facts.manifests)
    return [(model, measured) for model, measured in found if measured]


def _dumbbells(facts: Facts, metric: str, label: str) -> str:
    """Draw compiled and source as dots on a log axis, where bars would have no honest origin."""
    pairs = _pairs(facts, metric)[::-1]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for place, (_, measured) in enumerate(pairs):
            if measured.source is not None:
                axes.plot([measured.source, measured.value], [place] * 2, color=SOURCE, lw=2)
                axes.plot(measured.source, place, "D", color=SOURCE, ms=9)
                axes.text(measured.source, place + 0.2, f"{measured.source:.3g}", ha="center")
            axes.plot(measured.value, place, "o", color=COMPILED, ms=9)
            axes.text(measured.value, place + 0.2, f"{measured.value:.3g}", ha="center")
        _rows(axes, [model for model, _ in pairs])
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel(label + ", log scale (circle: compiled, diamond: source in eager PyTorch)")

    return svg(metric, 1.0 + 0.5 * len(pairs), draw)


def _rows(axes: Axes, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(-0.6, len(labels) - 0.3)
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def latency(facts: Facts) -> str:
    """Draw the median latency of each model beside its source's."""
    return _dumbbells(facts, "p50_ms", "median latency of one call, ms")


def cost(facts: Facts) -> str:
    """Draw the cost of a million inputs beside the source's."""
    return _dumbbells(facts, "usd_per_million", "USD per million inputs")


def parity(facts: Facts) -> str:
    """Draw each model's quality beside its source's on the same golden set."""
    rows = [(item, metric) for item in facts.manifests[::-1] if (metric := quality(item))]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        for place, (manifest, metric) in enumerate(rows):
            measured = manifest.evidence.measurement(metric)
            assert measured is not None
            if measured.low is not None and measured.high is not None:
                axes.plot([measured.low, measured.high], [place] * 2, color=COMPILED, lw=1)
            if measured.source is not None:
                axes.plot(measured.source, place, "D", color=SOURCE, ms=10)
            axes.plot(measured.value, place, "o", color=COMPILED, ms=6)
        _rows(axes, [f"{manifest.model}\n{metric}" for manifest, metric in rows])
        axes.set_xlabel("share (circle: compiled, diamond: source, line: 95 % interval)")
        axes.set_xlim(right=1.01)

    return svg("parity", 0.9 + 0.45 * len(rows), draw)


def timeline(facts: Facts) -> str:
    """Draw the actions of the pipeline execution over time, in seconds from its start."""
    steps = facts.steps[::-1]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        begin = min(step.start for step in steps)
        for place, step in enumerate(steps):
            start = (step.start - begin).total_seconds()
            axes.barh(
                place, max(step.seconds, 0.3), left=start, color=STATUS.get(step.status, GOAL)
            )
            axes.text(start + max(step.seconds, 0.3), place, f" {step.seconds:.1f} s", va="center")
        _rows(axes, [f"{step.stage} · {step.action}" for step in steps])
        axes.set_xlabel("seconds from the push")
        axes.margins(x=0.12)

    return svg("timeline", 0.8 + 0.3 * len(steps), draw)
