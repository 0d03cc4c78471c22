"""Estimates as tables for people."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ops.estimate.compare import Change
from ops.estimate.line import Amount, Estimate, Line
from ops.estimate.targets import BUSY, Target, cheapest

SMALL = 5.0
"""USD a month: lines below are added up, unless all are asked for."""


def show(estimate: Estimate, console: Console, *, every_line: bool = False) -> None:
    """Print a table of resources for each environment, and one of totals."""
    for environment in estimate.environments:
        console.print(_lines(estimate, environment, every_line))
    totals = Table("environment", title="USD a month", box=SIMPLE_HEAD, title_justify="left")
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
    if estimate.elsewhere:
        stacks = ", ".join(estimate.elsewhere)
        console.print(f"Priced as in {estimate.region}, but in another region: {stacks}.")
    if estimate.unpriced:
        types = ", ".join(f"{count} x {kind}" for kind, count in estimate.unpriced.items())
        console.print(f"Without a price here, not counted: {types}.")


def show_changes(found: Sequence[Change], against: str, console: Console) -> None:
    """Print what costs more or less than before."""
    if not found:
        console.print(f"No difference in cost against {against}.")
        return
    title = f"USD a month against {against}"
    table = Table("stack", "resource", title=title, box=SIMPLE_HEAD, title_justify="left")
    for column in ("before", "now", "difference"):
        table.add_column(column, justify="right")
    for item in found:
        numbers = (f"{item.before:.2f}", f"{item.now:.2f}", f"{item.usd:+.2f}")
        table.add_row(item.stack, item.resource, *numbers)
    table.add_section()
    before, now = sum(item.before for item in found), sum(item.now for item in found)
    table.add_row("all that differs", "", f"{before:.2f}", f"{now:.2f}", f"{now - before:+.2f}")
    console.print(table)


def show_targets(found: Sequence[Target], rate: float, console: Console) -> None:
    """Print each model's measured targets, the cheapest one that fits marked."""
    best = set(cheapest(found).values())
    title = f"Targets for {rate:g} inputs a second, at {BUSY:.0%} of the measured throughput"
    table = Table("", "model", title=title, box=SIMPLE_HEAD, title_justify="left")
    table.add_column("target", no_wrap=True)
    for column in ("p99 ms", "objective", "a second", "machines", "USD a month", "USD a million"):
        table.add_column(column, justify="right")
    for item in found:
        mark = "cheapest" if item in best else "" if item.fits else "too slow"
        objective = "none" if item.objective_ms is None else f"{item.objective_ms:g}"
        target = f"{item.accelerator} {item.instance}"
        numbers = (f"{item.throughput:.0f}", str(item.machines), f"{item.usd:.2f}")
        last = f"{item.per_million:.3f}"
        table.add_row(mark, item.model, target, f"{item.p99_ms:.2f}", objective, *numbers, last)
    console.print(table)
    for model in sorted({item.model for item in found} - {item.model for item in best}):
        console.print(f"{model}: no target meets its objective.")
    machines = ", ".join(sorted({item.measured_on for item in found}))
    console.print(f"Measured on {machines}; priced as the target's instance.")


def _lines(estimate: Estimate, environment: str, every_line: bool) -> Table:
    table = Table("resource", "what", title=environment, box=SIMPLE_HEAD, title_justify="left")
    for column in ("least", "expected", "most"):
        table.add_column(column, justify="right")
    lines = [line for line in estimate.lines if line.environment == environment]
    rows = [[line] for line in lines] if every_line else _alike(lines)
    shown = [row for row in rows if every_line or _sum(row).high >= SMALL]
    for row in sorted(shown, key=lambda row: -_sum(row).expected):
        table.add_row(_place(row), row[0].what, *_usd(_sum(row)))
    rest = [line for row in rows if row not in shown for line in row]
    if rest:
        table.add_row(f"{len(rest)} smaller ones", "--lines shows them", *_usd(_sum(rest)))
    table.add_section()
    table.add_row("all", "", *_usd(_sum(lines)))
    return table


def _alike(lines: Sequence[Line]) -> list[list[Line]]:
    """Put together what is the same thing several times in one stack."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.stack, line.what), []).append(line)
    return list(groups.values())


def _place(lines: Sequence[Line]) -> str:
    stack = lines[0].stack.removeprefix("slipway-").removeprefix(f"{lines[0].environment}-")
    if len(lines) > 1:
        return f"{stack}: {len(lines)} alike"
    return f"{stack}: {lines[0].resource}"


def _sum(lines: Sequence[Line]) -> Amount:
    return sum((line.usd for line in lines), start=Amount.of(0))


def _usd(amount: Amount) -> tuple[str, str, str]:
    return f"{amount.low:.2f}", f"{amount.expected:.2f}", f"{amount.high:.2f}"
