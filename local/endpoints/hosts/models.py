"""The book of a multi-model host: which models it holds, what they weigh, which goes first."""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Held:
    """One model in memory, or on its way there.

    Attributes:
        name: As callers say it in `TargetModel`.
        key: As the container is told: letters and digits only.
        folder: Its unpacked archive.
        size: Bytes it takes: an estimate until it is loaded, then measured.
        busy: Invocations it is answering; a busy model is never evicted.
        ready: Whether the container has it.
    """

    name: str
    key: str
    folder: Path
    size: int
    busy: int = 0
    ready: bool = False


class Book:
    """Models by name, least recently used first, within a budget of bytes."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._held: OrderedDict[str, Held] = OrderedDict()

    def touch(self, name: str) -> Held | None:
        """Return a model, which becomes the most recently used one; None where it is not held."""
        if name not in self._held:
            return None
        self._held.move_to_end(name)
        return self._held[name]

    def hold(self, model: Held) -> None:
        """Enter a model as the most recently used one."""
        self._held[model.name] = model
        self._held.move_to_end(model.name)

    def drop(self, model: Held) -> None:
        """Strike a model out; it may be out already, or have a successor of its name."""
        if self._held.get(model.name) is model:
            del self._held[model.name]

    def clear(self) -> None:
        """Strike everything out: the container lost its memory."""
        self._held.clear()

    def names(self) -> list[str]:
        """Return the loaded models, least recently used first."""
        return [model.name for model in self._held.values() if model.ready]

    def next_victim(self) -> Held | None:
        """Return the least recently used model that may be evicted."""
        return next((m for m in self._held.values() if m.ready and not m.busy), None)

    def over(self, more: int = 0) -> bool:
        """Tell whether what is held, with `more` bytes on top, exceeds the budget."""
        return sum(model.size for model in self._held.values()) + more > self.budget
