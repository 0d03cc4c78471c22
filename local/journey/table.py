"""The live release's evidence as a table: compiled beside its source in eager PyTorch."""

from rich.table import Table

from catalog.artifact import Manifest, Measurement
from catalog.release import ReleaseContext
from ops.report.facts import quality


def _cell(measured: Measurement | None, digits: int) -> str:
    if measured is None:
        return "-"
    text = f"{measured.value:.{digits}f}"
    return text if measured.source is None else f"{text} [dim]({measured.source:.{digits}f})[/]"


def _row(manifest: Manifest) -> list[str]:
    metric = quality(manifest)
    find = manifest.evidence.measurement
    return [
        manifest.model,
        f"{manifest.engine} {manifest.precision}",
        f"{metric} {_cell(find(metric), 3)}" if metric else "-",
        _cell(find("p50_ms"), 2),
        _cell(find("p99_ms"), 2),
        _cell(find("throughput"), 0),
        _cell(find("usd_per_million"), 3),
        f"{speedup.value:.1f}x" if (speedup := find("speedup")) else "-",
    ]


def evidence_table(context: ReleaseContext) -> Table:
    """Return the table of a release; the source model's figures stand in brackets."""
    table = Table(title="What the gates measured (in brackets: the source in eager PyTorch)")
    for heading in ("model", "engine", "quality"):
        table.add_column(heading)
    for heading in ("p50 ms", "p99 ms", "per second", "USD/million", "speed-up"):
        table.add_column(heading, justify="right")
    for manifest in context.all:
        table.add_row(*_row(manifest))
    return table
