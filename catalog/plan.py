"""A plan: for each (model, target) whether an artifact exists for its key."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verb = Literal["hit", "build", "refused", "left out"]


@dataclass(frozen=True)
class PlanItem:
    """What will be done for one (model, target), and why in plain words.

    `manifest` is the artifact's digest for a hit, else None.
    """

    model: str
    accelerator: str
    key: str
    key_inputs: dict[str, Any]
    verb: Verb
    reason: str
    manifest: str | None = None


@dataclass(frozen=True)
class Plan:
    """The whole catalog's items, in the order of names, for one commit."""

    commit: str
    items: tuple[PlanItem, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as a JSON document."""
        return asdict(self)

    @staticmethod
    def from_json(document: dict[str, Any]) -> "Plan":
        """Read a plan back; `from_json(p.to_json()) == p`."""
        return Plan(document["commit"], tuple(PlanItem(**item) for item in document["items"]))

    def to_build(self, accelerator: str) -> tuple[PlanItem, ...]:
        """Return the items of an accelerator that have no artifact yet."""
        wanted = (item for item in self.items if item.verb == "build")
        return tuple(item for item in wanted if item.accelerator == accelerator)
