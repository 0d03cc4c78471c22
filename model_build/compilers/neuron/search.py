"""Which parts to keep in FP32: the fewest that bring the model's answers back.

The search (all figures are kept, so that a person can follow it):
  1. cast everything; if that is alike enough, done;
  2. cast everything but one part, the cheapest first: if that is alike enough, done;
  3. keep parts in the order of what they mended, one more at a time, until it is alike enough;
  4. give back, dearest first, each kept part that turns out not to be needed.
It asks at most 1 + 3 n times for n parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Likeness = Callable[[frozenset[str]], float]
"""Returns how alike the answers are with these parts kept in FP32; 1.0 is equal."""


class Hopeless(Exception):
    """Even with every part in FP32 the answers differ: casting is not what is wrong."""


@dataclass(frozen=True)
class Trial:
    """One policy that was tried."""

    step: str
    kept: tuple[str, ...]
    likeness: float


@dataclass(frozen=True)
class Found:
    """The policy that won.

    Attributes:
        kept: The parts that stay in FP32.
        likeness: How alike its answers are.
        share: The share of the model's work (`costs`) that stays in FP32, 0 to 1.
        trials: Everything that was tried, in order.
    """

    kept: frozenset[str]
    likeness: float
    share: float
    trials: tuple[Trial, ...]


def search(costs: Mapping[str, float], likeness: Likeness, floor: float) -> Found:
    """Return the cheapest policy found whose likeness reaches `floor`.

    Args:
        costs: Every part of the model with the work that it does, in any unit.
        likeness: Runs the model with some parts kept.
        floor: The least likeness that will do.

    Raises:
        Hopeless: Not even keeping everything will do.
    """
    trials: list[Trial] = []

    def ask(step: str, kept: frozenset[str]) -> float:
        value = likeness(kept)
        trials.append(Trial(step, tuple(name for name in costs if name in kept), value))
        return value

    def won(kept: frozenset[str], value: float) -> Found:
        total = sum(costs.values()) or 1.0
        share = sum(costs[name] for name in kept) / total
        return Found(kept, value, share, tuple(trials))

    value = ask("cast everything", frozenset())
    if value >= floor:
        return won(frozenset(), value)
    mended: dict[str, float] = {}
    for name in sorted(costs, key=costs.__getitem__):
        mended[name] = ask(f"keep {name}", frozenset({name}))
        if mended[name] >= floor:
            return won(frozenset({name}), mended[name])
    order = sorted(costs, key=lambda name: (-mended[name], costs[name]))
    kept = frozenset(order[:1])
    for name in order[1:]:
        kept |= {name}
        value = ask(f"keep {name} too", kept)
        if value >= floor:
            break
    else:
        raise Hopeless(
            f"with every part in FP32 the likeness is {value:.4f}, below {floor}: casting is not"
            " what is wrong; compare the traced graph with the source first"
        )
    for name in sorted(kept, key=lambda name: -costs[name]):
        trial = ask(f"give back {name}", kept - {name})
        if trial >= floor:
            kept, value = kept - {name}, trial
    return won(kept, value)
