"""What a run gives: targets met or missed, a table, a plot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Model, batch, our system, the system it is held against, and by how many times it must be faster.
TARGETS = (
    ("t5-small", 1, "loop-tensorrt-fp16", "eager-fp32", 10.0),
    ("t5-base", 1, "loop-tensorrt-fp16", "eager-fp32", 10.0),
    ("t5-small", 1, "loop-tensorrt-fp16", "torch.compile-fp16", 1.0),
    ("t5-base", 1, "loop-tensorrt-fp16", "torch.compile-fp16", 1.0),
    ("minilm", 1, "tensorrt-fp16", "eager-fp32", 4.0),
)
Rows = Sequence[Mapping[str, Any]]


def targets(rows: Rows) -> list[dict[str, Any]]:
    """Return each target with what was reached, or None where it was not measured."""
    times = {(row["model"], row["batch"], row["system"]): row["p50_ms"] for row in rows}
    found = []
    for model, batch, ours, other, least in TARGETS:
        mine, theirs = times.get((model, batch, ours)), times.get((model, batch, other))
        reached = round(theirs / mine, 2) if mine and theirs else None
        met = reached >= least if reached is not None else None
        found.append(
            {"target": f"{model} batch {batch}: {ours} over {other}", "least": least,
             "reached": reached, "met": met}
        )  # fmt: skip
    return found


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
