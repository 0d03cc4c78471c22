"""From a row of the catalog to its source model."""

from importlib import import_module
from pathlib import Path

from catalog.spec import ModelSpec
from model_build.sources.encoder import EncoderSource
from model_build.sources.protocol import Source
from model_build.sources.seq2seq import Seq2SeqSource
from model_build.sources.weights import verified_folder


def load(spec: ModelSpec, root: Path) -> Source:
    """Load a row's source model; see `model_build.sources.load_source`."""
    folder = verified_folder(spec, root)
    if spec.task == "seq2seq":
        return Seq2SeqSource(folder, spec.limits, spec.targets[0].options.beams)
    module = import_module("model_build.modules").load_module(spec, root)
    tokenizer = getattr(module, "tokenizer_path", None) or folder / "tokenizer.json"
    if spec.task == "image-classification":
        tokenizer = None
    return EncoderSource(module, tokenizer, spec.limits)
