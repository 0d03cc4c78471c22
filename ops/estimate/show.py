"""Estimates as tables for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from ops.estimate.compare import Change
from ops.estimate.line import Amount, Estimate, Line

SMALL = 5.0
"""USD a month: lines below are added up, unless all are asked for."""


def show(estimate: Estimate, console: Console, *, every_line: bool = False) -> None:
    """Print a table of resources for each environment, and one of totals."""
    for environment in estimate.environments:
        console.print(_lines(estimate, environment, every_line))
    totals = Table("environment", title="USD a month")
    for column in ("least", "expected", "most"):
        totals.add_column(column, justify="right")
    for environment in estimate.environments:
        totals.add_row(environment, *_usd(estimate.total(environment)))
    totals.add_section()
    totals.add_row("all", *_usd(estimate.total()))
    console.print(totals)
    console.print(
        f"Prices of {estimate.date}, {estimate.region}, on demand, from public sources"
        " (catalog/prices.yaml says which; --prices FILE puts yours in their place)."
    )
    assumed = sorted({part for line in estimate.lines for part in line.assumes.split("; ") if part})
    if assumed:
        console.print("Assumed, since no template says it: " + "; ".join(assumed) + ".")
    if estimate.unpriced:
        types = ", ".join(f"{count} x {kind}" for kind, count in estimate.unpriced.items())
        console.print(f"Without a price here, not counted: {types}.")


def show_changes(found: Sequence[Change], against: str, console: Console) -> None:
    """Print what costs more or less than before."""
    if not found:
        console.print(f"No difference in cost against {against}.")
        return
    table = Table("stack", "resource", title=f"USD a month against {against}")
    for column in ("before", "now", "difference"):
        table.add_column(column, justify="right")
    for item in found:
        numbers = (f"{item.before:.2f}", f"{item.now:.2f}", f"{item.usd:+.2f}")
        table.add_row(item.stack, item.resource, *numbers)
    table.add_section()
    before, now = sum(item.before for item in found), sum(item.now for item in found)
    table.add_row("all that differs", "", f"{before:.2f}", f"{now:.2f}", f"{now - before:+.2f}")
    console.print(table)


def _lines(estimate: Estimate, environment: str, every_line: bool) -> Table:
    table = Table("stack", "resource", "what", title=environment)
    for column in ("least", "expected", "most"):
        table.add_column(column, justify="right")
    lines = [line for line in estimate.lines if line.environment == environment]
    shown = [line for line in lines if every_line or line.usd.high >= SMALL]
    for line in sorted(shown, key=lambda line: -line.usd.expected):
        table.add_row(line.stack, line.resource, line.what, *_usd(line.usd))
    rest = [line for line in lines if line not in shown]
    if rest:
        table.add_row("", f"{len(rest)} smaller lines", "--lines shows them", *_usd(_sum(rest)))
    table.add_section()
    table.add_row("all", "", "", *_usd(_sum(lines)))
    return table


def _sum(lines: Sequence[Line]) -> Amount:
    return sum((line.usd for line in lines), start=Amount.of(0))


def _usd(amount: Amount) -> tuple[str, str, str]:
    return f"{amount.low:.2f}", f"{amount.expected:.2f}", f"{amount.high:.2f}"
