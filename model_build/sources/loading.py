"""From a row of the catalog to its source model."""

from importlib import import_module
from pathlib import Path

from torch import nn

from catalog.spec import ModelSpec
from model_build.sources.encoder import EncoderSource
from model_build.sources.parent import PartSource
from model_build.sources.protocol import Source
from model_build.sources.seq2seq import Seq2SeqSource
from model_build.sources.weights import verified_folder


def load(spec: ModelSpec, root: Path) -> Source:
    """Load a row's source model; see `model_build.sources.load_source`."""
    if spec.task == "seq2seq":
        folder = verified_folder(spec, root)
        return Seq2SeqSource(folder, spec.limits, spec.targets[0].options.beams)
    module, tokenizer = _encoder(spec, root)
    if not spec.parts:
        return EncoderSource(module, tokenizer, spec.limits)
    parts = {part.name: EncoderSource(*_encoder(part, root), part.limits) for part in spec.parts}
    return PartSource(module, tokenizer, spec.limits, parts)


def _encoder(spec: ModelSpec, root: Path) -> tuple[nn.Module, Path | None]:
    folder = verified_folder(spec, root)
    module = import_module("model_build.modules").load_module(spec, root)
    if spec.task == "image-classification":
        return module, None
    return module, getattr(module, "tokenizer_path", None) or folder / "tokenizer.json"
