"""What of a traced graph the chip runs, and what falls back to the host's CPU."""

from collections import Counter
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("operators.txt")


def supported() -> frozenset[str]:
    """Return the `aten` operators that torch-neuron's release notes list."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def used(traced: Any) -> Counter[str]:
    """Return how often a traced module calls each `aten` operator."""
    graph = traced.inlined_graph
    kinds = (node.kind() for node in graph.nodes())
    return Counter(kind.removeprefix("aten::") for kind in kinds if kind.startswith("aten::"))


def on_the_host(traced: Any) -> dict[str, int]:
    """Return the operators that are in no list: torch-neuron leaves them on the CPU."""
    known = supported()
    return {name: count for name, count in sorted(used(traced).items()) if name not in known}


def hinders_dynamic_batch(traced: Any) -> bool:
    """Say whether the graph asks a tensor's size: documented to break a dynamic batch dimension."""
    return used(traced)["size"] > 0
