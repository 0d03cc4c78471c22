"""Metric math for alarms, one period at a time.

Arithmetic, comparisons, `IF`, `FILL`, `ABS`, and `SUM`, `AVG`, `MIN`, `MAX` over a list. A period
in which a metric has no data makes the expression have none, except inside `FILL` and in lists.
`over_time` adds the functions that look at more than one period.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Value = float | None
_BINARY: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type, Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


class UnsupportedExpression(ValueError):
    """An expression uses what the local cloud cannot evaluate."""


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """Return the value of an expression for one period; None where it has none.

    Args:
        expression: Metric math, e.g. `100*errors/MAX([calls,1])`.
        values: The values of the metrics and of earlier expressions, by id.

    Raises:
        UnsupportedExpression: Naming what is not supported.
    """
    return value_of(parsed(expression), values)


def parsed(expression: str) -> ast.expr:
    """Return an expression as a tree; metric math reads as Python does but for two operators.

    Raises:
        UnsupportedExpression: It cannot be read.
    """
    python = re.sub(r"\bAND\b|&&", " and ", re.sub(r"\bOR\b|\|\|", " or ", expression))
    try:
        return ast.parse(python.strip(), mode="eval").body
    except SyntaxError as error:
        raise UnsupportedExpression(f"cannot read the expression {expression!r}") from error


def names(expression: str) -> set[str]:
    """Return the ids that an expression mentions."""
    return set(re.findall(r"\b[a-z][A-Za-z0-9_]*\b", expression))


def value_of(node: ast.expr, values: Mapping[str, Value]) -> Value:
    """Return the value of a parsed expression for one period, as `evaluate` does."""
    match node:
        case ast.Constant(value=int() | float()):
            return float(node.value)  # type: ignore[arg-type]
        case ast.Name():
            if node.id not in values:
                raise UnsupportedExpression(f"the expression mentions {node.id!r}, no such id")
            return values[node.id]
        case ast.UnaryOp(op=ast.USub()):
            operand = value_of(node.operand, values)
            return None if operand is None else -operand
        case ast.BinOp():
            return _binary(node, values)
        case ast.Compare():
            return _compare(node, values)
        case ast.BoolOp():
            return _bool(node, values)
        case ast.Call(func=ast.Name()):
            return _call(node, values)
    raise UnsupportedExpression(f"cannot evaluate {ast.unparse(node)!r}")


def _binary(node: ast.BinOp, values: Mapping[str, Value]) -> Value:
    left, right = value_of(node.left, values), value_of(node.right, values)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Div):
        return None if right == 0 else left / right
    act = _BINARY.get(type(node.op))
    if act is None:
        raise UnsupportedExpression(f"cannot evaluate {ast.unparse(node)!r}")
    return act(left, right)


def _compare(node: ast.Compare, values: Mapping[str, Value]) -> Value:
    left, right = value_of(node.left, values), value_of(node.comparators[0], values)
    act = _COMPARISONS.get(type(node.ops[0]))
    if act is None or len(node.ops) > 1:
        raise UnsupportedExpression(f"cannot evaluate {ast.unparse(node)!r}")
    return None if left is None or right is None else float(act(left, right))


def _bool(node: ast.BoolOp, values: Mapping[str, Value]) -> Value:
    found = [value_of(part, values) for part in node.values]
    if any(part is None for part in found):
        return None
    decide = all if isinstance(node.op, ast.And) else any
    return float(decide(bool(part) for part in found))


def _call(node: ast.Call, values: Mapping[str, Value]) -> Value:
    name = node.func.id  # type: ignore[attr-defined]
    arguments: list[Any] = node.args
    if name in _AGGREGATES:
        parts = arguments[0].elts if isinstance(arguments[0], ast.List) else arguments
        present = [found for part in parts if (found := value_of(part, values)) is not None]
        return _AGGREGATES[name](present) if present else None
    if name == "FILL":
        found = value_of(arguments[0], values)
        return value_of(arguments[1], values) if found is None else found
    if name == "IF":
        condition = value_of(arguments[0], values)
        return None if condition is None else value_of(arguments[1 if condition else 2], values)
    if name == "ABS":
        found = value_of(arguments[0], values)
        return None if found is None else abs(found)
    raise UnsupportedExpression(f"the local cloud has no metric math function {name}")
