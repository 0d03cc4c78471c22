"""How a folder of trained weights is written and read."""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import nn

WEIGHTS, CONFIG = "model.safetensors", "config.json"


def save(module: nn.Module, config: dict[str, Any], folder: Path) -> None:
    """Writes the module's tensors and its config; equal contents give equal bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in module.state_dict().items()}, folder / WEIGHTS)
    text = json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")


def read_config(folder: Path) -> dict[str, Any]:
    """Returns the config of a folder of weights."""
    config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return config


def load_into(module: nn.Module, folder: Path) -> None:
    """Loads a folder's tensors; RuntimeError names what is missing or left over."""
    module.load_state_dict(load_file(folder / WEIGHTS))
