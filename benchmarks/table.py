"""Markdown tables of measurements that say where and when they were taken."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from model_build.gates.run import machine
from model_build.measure import ratio_of_medians

COLUMNS = ("system", "p50 ms", "fastest ms", "against eager (95 %)", "calls")


def heading(title: str, setting: str) -> str:
    """Return a heading with the machine, the date and the setting below it."""
    found = machine()
    where = f"{found['cpu']}, {found['cores']} cores, Python {found['python']}"
    return f"## {title}\n\n{datetime.now(UTC):%Y-%m-%d}, {where}; {setting}\n"


def speeds(
    samples: Mapping[str, Sequence[float]], notes: Mapping[str, str], note: str, base: str = "eager"
) -> str:
    """Return a table of interleaved samples in milliseconds, each beside the base system.

    Args:
        samples: Milliseconds by system, from one interleaved run.
        notes: What the last column says of a system.
        note: The last column's heading.
        base: The system that ratios are taken against.
    """
    lines = [_row([*COLUMNS, note]), _row(["---"] * (len(COLUMNS) + 1))]
    for name, values in samples.items():
        ratio = ratio_of_medians(samples[base], values)
        median = sorted(values)[len(values) // 2]
        cells = [
            name,
            f"{median:.2f}",
            f"{min(values):.2f}",
            f"{ratio.value:.2f}x ({ratio.low:.2f} to {ratio.high:.2f})",
            str(len(values)),
        ]
        lines.append(_row([*cells, notes.get(name, "")]))
    return "\n".join(lines) + "\n"


def target(words: str, reached: float, least: float) -> tuple[str, bool]:
    """Return a line that says whether a target is met, and whether it is."""
    met = reached >= least
    return f"{'met' if met else 'MISSED'}: {words}: {reached:.2f} (target {least:g})", met


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
