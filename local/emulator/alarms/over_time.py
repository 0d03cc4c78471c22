"""Metric math over a series of periods: functions that look at the value before, then the rest.

`RATE` and `DIFF` compare a value with the latest one before it that is there: over a gap they look
further back, and the first value of a series has neither. `PERIOD` is a period's length.
"""

import ast
from collections.abc import Callable, Mapping, Sequence

from local.emulator.alarms.expression import Value, parsed, value_of

LOOK_BACK = 3  # periods more than an alarm has, where it compares with what was before
Change = Callable[[float, float], float]
"""`(difference, seconds between the two)` -> the value."""
_CHANGES: dict[str, Change] = {
    "RATE": lambda difference, seconds: difference / seconds,
    "DIFF": lambda difference, _seconds: difference,
}


def looks_back(expression: str) -> bool:
    """Say whether an expression needs values from before its periods."""
    return any(_is_change(node) for node in ast.walk(parsed(expression)))


def evaluate_all(
    expression: str, known: Mapping[str, Sequence[Value]], *, count: int, period_s: float
) -> list[Value]:
    """Return the values of an expression, oldest first; None for a period where it has none.

    Args:
        expression: Metric math.
        known: The values of metrics and earlier expressions by id, oldest first, `count` each.
        count: How many periods there are.
        period_s: How long one lasts, in seconds.

    Raises:
        UnsupportedExpression: Naming what is not supported.
    """
    return _values(parsed(expression), dict(known), count, period_s)


def _values(
    tree: ast.expr, known: dict[str, Sequence[Value]], count: int, period_s: float
) -> list[Value]:
    plain = _Plain(known, count, period_s).visit(tree)
    return [
        value_of(plain, {name: values[index] for name, values in known.items()})
        for index in range(count)
    ]


class _Plain(ast.NodeTransformer):
    """Replaces calls that look back by names of series that are computed on the way."""

    def __init__(self, known: dict[str, Sequence[Value]], count: int, period_s: float) -> None:
        self._known, self._count, self._period_s = known, count, period_s

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "PERIOD":
            return ast.Constant(self._period_s)
        if not _is_change(node):
            return self.generic_visit(node)  # type: ignore[return-value]
        inner = _values(node.args[0], self._known, self._count, self._period_s)
        name = f"_{len(self._known)}"  # no id of a query begins so
        change = _CHANGES[node.func.id]  # type: ignore[attr-defined]
        self._known[name] = changes(inner, change, self._period_s)
        return ast.Name(name)


def changes(values: Sequence[Value], change: Change, period_s: float) -> list[Value]:
    """Return how each value, oldest first, differs from the latest that is there before it."""
    found: list[Value] = []
    before: tuple[int, float] | None = None
    for index, value in enumerate(values):
        if value is None or before is None:
            found.append(None)
        else:
            found.append(change(value - before[1], (index - before[0]) * period_s))
        if value is not None:
            before = (index, value)
    return found


def _is_change(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _CHANGES
        and len(node.args) == 1
    )
