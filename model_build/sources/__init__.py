"""Source models in eager PyTorch: what every compiled model is compared with.

A source is loaded by the row's digests and runs plain `transformers` and `torch` code, tokenising
through `transformers` too, so that a fault in our own serving path cannot hide in both.
"""

from model_build.sources.loading import load_source
from model_build.sources.protocol import Source
from model_build.sources.weights import WrongWeights, verified_folder

__all__ = ["Source", "WrongWeights", "load_source", "verified_folder"]
