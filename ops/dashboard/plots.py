"""A widget's plot as inline SVG."""

from collections.abc import Sequence
from datetime import UTC, datetime

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from ops.dashboard.data import Series, Shown
from ops.report.plots import svg

COLOURS = ("#1f6feb", "#c2410c", "#146c2e", "#8250df", "#9a6700", "#57606a", "#bf3989", "#0a7ea4")
STYLES = ("-", "--", ":", "-.")
LIMIT = "#b42318"
WIDE = 12  # columns from which on two labels fit side by side
COLUMN_INCHES, ROW_INCHES = 0.52, 0.42


def plot(shown: Shown, start: datetime, end: datetime) -> str:
    """Return a metric widget's values over time; lines differ in colour and in stroke."""
    widget = shown.widget
    columns = 2 if widget.width >= WIDE else 1
    left, right = date2num([start, end])  # type: ignore[no-untyped-call]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        lines = _draw_lines(axes, shown.series)
        for limit in widget.limits:
            axes.axhline(limit.value, color=LIMIT, lw=1, ls=(0, (4, 2)))
            axes.text(left, limit.value, f" {limit.label}", color=LIMIT, va="bottom", size=8)
        axes.set_xlim(left, right)
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
        locator = AutoDateLocator(minticks=3, maxticks=8, tz=UTC)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        dates = ConciseDateFormatter(locator, tz=UTC)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(dates)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if lines:
            figure.legend(loc="outside lower left", ncols=columns, frameon=False, fontsize=8)
        else:
            axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", color="#57606a")

    name = f"{widget.title}-{widget.x}-{widget.y}"
    return svg(name, ROW_INCHES * widget.height, draw, width=COLUMN_INCHES * widget.width)


def _draw_lines(axes: Axes, series: Sequence[Series]) -> int:
    drawn = [item for item in series if item.points]
    for number, item in enumerate(drawn):
        moments, values = zip(*item.points, strict=True)
        axes.plot(
            moments,
            values,
            color=COLOURS[number % len(COLOURS)],
            ls=STYLES[number // len(COLOURS) % len(STYLES)],
            marker="o",
            ms=2.5,
            lw=1.4,
            label=item.label,
        )
    return len(drawn)
