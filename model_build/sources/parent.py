"""One part of a parent as a source: itself in eager PyTorch, and all parts to compile together."""

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from catalog.spec import Limits
from model_build.modules.parent import ParentModule
from model_build.sources.encoder import EncoderSource
from serving.runtime.parent import port


class PartSource(EncoderSource):
    """An encoder whose parent is compiled in its place.

    `parts` are the sources of all rows of the parent, by name.
    """

    def __init__(
        self,
        module: nn.Module,
        tokenizer: Path | None,
        limits: Limits,
        parts: Mapping[str, EncoderSource],
    ) -> None:
        """Take a module with its weights in, and its parent's parts."""
        super().__init__(module, tokenizer, limits)
        self.parts = dict(parts)

    def parent(self, modules: Mapping[str, nn.Module]) -> ParentModule:
        """Return the module that wraps these in place of the parts' own."""
        taken = {name: len(part.input_names) for name, part in self.parts.items()}
        return ParentModule({name: modules[name] for name in self.parts}, taken).eval()

    @property
    def ports(self) -> tuple[str, ...]:
        """Return the names of the parent's inputs, in order."""
        return tuple(
            port(name, tensor) for name, part in self.parts.items() for tensor in part.input_names
        )
