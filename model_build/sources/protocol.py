"""What a source model offers to compilers and gates."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch


class Source(Protocol):
    """A model as its team trained it."""

    module: "torch.nn.Module"

    def predict(self, inputs: Sequence[Any]) -> list[Any]:
        """Return one output per input, typed by task as docs/architecture.md says."""

    def tokenizer_path(self) -> Path | None:
        """Return the `tokenizer.json` that the model was trained with, if it reads text."""
