"""The source models as PyTorch modules, by the family that a catalog row names.

A folder of weights holds `model.safetensors` and `config.json` (labels and what else the module
needs to be built), and a `tokenizer.json` unless the backbone's package brings it.
"""

from collections.abc import Callable
from pathlib import Path

from torch import nn

from catalog.spec import ModelSpec
from model_build.modules.ad_image import AdImageCnn
from model_build.modules.ad_text import AdTextCnn
from model_build.modules.heads import (
    DuplicateHead,
    DuplicateModel,
    IntentHead,
    IntentModel,
    SharedAdapter,
)
from model_build.modules.minilm import MiniLmEmbedder, MiniLmFeatures, minilm_dir
from model_build.modules.weights import load_into, read_config

__all__ = ["build_module", "load_module"]


def _intent(weights: Path, package: Path) -> nn.Module:
    config = read_config(weights)
    adapter, head = SharedAdapter(), IntentHead(len(config["labels"]))
    # A student has layers of its own and shares the embeddings; else the whole backbone is shared.
    layers = config.get("layers")
    backbone = MiniLmFeatures(package, None if layers is None else range(layers))
    trained = {"adapter": adapter, "head": head}
    own = {} if layers is None else {"encoder": backbone.bert.encoder}
    load_into(nn.ModuleDict(trained | own), weights)
    return IntentModel(backbone, adapter, head, config["temperature"])


def _duplicates(weights: Path, package: Path) -> nn.Module:
    config = read_config(weights)
    adapter, head = SharedAdapter(), DuplicateHead()
    load_into(nn.ModuleDict({"adapter": adapter, "head": head}), weights)
    return DuplicateModel(MiniLmFeatures(package), adapter, head, config["temperature"])


def _ad_text(weights: Path, _: Path) -> nn.Module:
    config = read_config(weights)
    module = AdTextCnn(config["vocabulary"], len(config["labels"]), config["temperature"])
    load_into(module, weights)
    return module


def _ad_image(weights: Path, _: Path) -> nn.Module:
    config = read_config(weights)
    module = AdImageCnn(len(config["labels"]), config["temperature"])
    load_into(module, weights)
    return module


FAMILIES: dict[str, Callable[[Path, Path], nn.Module]] = {
    "minilm": lambda _, package: MiniLmEmbedder(package),
    "minilm-intent": _intent,
    "minilm-duplicates": _duplicates,
    "ad-text-cnn": _ad_text,
    "ad-image-cnn": _ad_image,
}


def build_module(
    family: str, weights: Path | None = None, package: Path | None = None
) -> nn.Module:
    """Returns the module of a family in eval mode with its weights in.

    Args:
        family: A key of `FAMILIES`.
        weights: Folder of trained weights; only `minilm` needs none.
        package: Folder of the MiniLM weights; default: in the installed package.

    Raises:
        KeyError: If there is no such family of encoders.
        RuntimeError: If the weights do not fit the module.
    """
    if family not in FAMILIES:
        raise KeyError(f"modules: unknown family {family!r}; use one of {', '.join(FAMILIES)}")
    module = FAMILIES[family](weights or Path(), package or minilm_dir())
    return module.eval().requires_grad_(False)


def load_module(spec: ModelSpec, root: Path) -> nn.Module:
    """Returns the module of a catalog row, its weights read from the repository at `root`."""
    weights = root / spec.source.weights if spec.source.weights else None
    return build_module(spec.family, weights)
