"""From a row of the catalog to its source model."""

from importlib import import_module
from pathlib import Path

from catalog.spec import ModelSpec
from model_build.sources.encoder import EncoderSource
from model_build.sources.protocol import Source
from model_build.sources.seq2seq import Seq2SeqSource
from model_build.sources.weights import verified_folder


def load_source(spec: ModelSpec, root: Path) -> Source:
    """Load a row's source model in eager PyTorch, in eval mode.

    Args:
        spec: The row.
        root: The repository, which `source.weights` is relative to.

    Raises:
        WrongWeights: The weights are missing or are not those that the row names by digest.
    """
    folder = verified_folder(spec, root)
    if spec.task == "seq2seq":
        return Seq2SeqSource(folder, spec.limits)
    module = import_module("model_build.modules").load_module(spec, root)
    tokenizer = getattr(module, "tokenizer_path", None) or folder / "tokenizer.json"
    if spec.task == "image-classification":
        tokenizer = None
    return EncoderSource(module, tokenizer, spec.limits.max_input_tokens)
