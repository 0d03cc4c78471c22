"""What a run gives to look at: a table, a plot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[Mapping[str, Any]]


def table(rows: Rows) -> str:
    """Return the rows as Markdown."""
    lines = [
        "| model | batch | system | p50 ms | p99 ms | per second | against eager | likeness |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {r['model']} | {r['batch']} | {r['system']} | {r['p50_ms']:.2f} | {r['p99_ms']:.2f}"
        f" | {r['per_second']:.0f} | {r['speedup']:.2f}x | {r['likeness']:.4f} |"
        for r in rows
    ]
    return "\n".join(lines)


def plot(rows: Rows, path: Path, title: str) -> None:
    """Write bars of p50 by model and batch, one colour a system, on a logarithmic axis."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    groups = sorted({(row["model"], row["batch"]) for row in rows})
    systems = sorted({row["system"] for row in rows})
    figure, axes = pyplot.subplots(figsize=(max(6, 1.4 * len(groups)), 4.5))
    width = 0.8 / len(systems)
    for index, system in enumerate(systems):
        times = {(r["model"], r["batch"]): r["p50_ms"] for r in rows if r["system"] == system}
        places = [place + index * width for place, group in enumerate(groups) if group in times]
        axes.bar(places, [times[group] for group in groups if group in times], width, label=system)
    axes.set_yscale("log")
    axes.set_ylabel("p50, ms")
    axes.set_xticks(range(len(groups)), [f"{model}\nbatch {batch}" for model, batch in groups])
    axes.set_title(title)
    axes.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
