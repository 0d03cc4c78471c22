"""Source models in eager PyTorch: what every compiled model is compared with.

A source is loaded by the row's digests and runs plain `transformers` and `torch` code, tokenising
through `transformers` too, so that a fault in our own serving path cannot hide in both.
"""

from importlib import import_module
from pathlib import Path

from catalog.spec import ModelSpec
from model_build.sources.protocol import Source
from model_build.sources.weights import WrongWeights, verified_folder

__all__ = ["Source", "WrongWeights", "load_source", "verified_folder"]


def load_source(spec: ModelSpec, root: Path) -> Source:
    """Load a row's source model in eager PyTorch, in eval mode.

    Args:
        spec: The row.
        root: The repository, which `source.weights` is relative to.

    Raises:
        WrongWeights: The weights are missing or are not those that the row names by digest.
    """
    # Only here is torch imported: a plan reads this package and must start at once.
    source: Source = import_module("model_build.sources.loading").load(spec, root)
    return source
