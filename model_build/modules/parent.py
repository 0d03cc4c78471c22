"""One module that wraps several models: compiled as one graph, whose parts are asked by name."""

from collections.abc import Mapping

from torch import Tensor, nn


class ParentModule(nn.Module):
    """Hands each part its own of the inputs; returns one output per part, in order."""

    def __init__(self, parts: Mapping[str, nn.Module], inputs: Mapping[str, int]) -> None:
        """Wrap parts.

        Args:
            parts: The modules by name.
            inputs: How many tensors each takes.
        """
        super().__init__()
        self.parts = nn.ModuleDict(parts)
        self.counts = dict(inputs)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Return each part's probabilities; `tensors` are those of all parts, in their order."""
        found, start = [], 0
        for name, part in self.parts.items():
            stop = start + self.counts[name]
            found.append(part(*tensors[start:stop]))
            start = stop
        return tuple(found)
