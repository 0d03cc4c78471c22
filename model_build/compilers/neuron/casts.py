"""Mixed precision that is written into the graph: which parts of a model compute in 16 bits.

The compiler could cast by itself (`--fast-math all`), but then nothing says what it did, and
nothing can be kept from it. Instead each part (a layer, an embedding, a head) is converted here,
with casts at its borders, and the compiler is told to cast nothing. What runs on the CPU is then
rounded as on the chip: 16-bit weights and activations, sums in 32 bits. The order of sums differs.
"""

import copy
from collections.abc import Collection
from typing import Any, Literal

import torch
from torch import Tensor, nn

Dtype = Literal["bf16", "fp16"]
DTYPES: dict[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16}


def parts(module: nn.Module) -> dict[str, nn.Module]:
    """Return the parts of a module by name, in order: the units that are cast, or kept, whole.

    A part is the first module on each branch that has weights and is a leaf, or is an item of a
    list of layers. Law: every weight belongs to exactly one part.
    """
    found: dict[str, nn.Module] = {}
    for name, child in module.named_children():
        if not any(True for _ in child.parameters()):
            continue
        lists_layers = isinstance(child, nn.ModuleList | nn.Sequential)
        inner = dict(child.named_children())
        if lists_layers:
            weighty = {key: item for key, item in inner.items() if _weighs(item)}
            found |= {f"{name}.{key}": item for key, item in weighty.items()}
        elif inner and not _owns_weights(child) and not _is_layer(child):
            found |= {f"{name}.{key}": item for key, item in parts(child).items()}
        else:
            found[name] = child
    return found


def cast(module: nn.Module, dtype: Dtype, keep: Collection[str] = ()) -> nn.Module:
    """Return a copy of a module whose parts compute in `dtype`, but for those named in `keep`.

    Raises:
        KeyError: `keep` names something that is no part.
    """
    mixed = copy.deepcopy(module)
    found = parts(mixed)
    for name in keep:
        if name not in found:
            raise KeyError(f"keep: {name!r} is no part of the model; it has {', '.join(found)}")
    for name, part in found.items():
        if name not in keep:
            part.to(DTYPES[dtype])
            part.register_forward_pre_hook(_entering(DTYPES[dtype]), with_kwargs=True)
            part.register_forward_hook(_leaving)
    return mixed


def _weighs(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())


def _owns_weights(module: nn.Module) -> bool:
    return any(True for _ in module.parameters(recurse=False))


def _is_layer(module: nn.Module) -> bool:
    """Say whether a module is cast whole: its children are leaves, as in a BERT embedding."""
    return all(not list(child.children()) for child in module.children() if _weighs(child))


def _entering(dtype: torch.dtype) -> Any:
    def hook(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return _converted(args, dtype), {k: _converted(v, dtype) for k, v in kwargs.items()}

    return hook


def _leaving(_: nn.Module, __: Any, output: Any) -> Any:
    return _converted(output, torch.float32)


def _converted(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, Tensor):
        return value.to(dtype) if value.is_floating_point() else value
    if isinstance(value, tuple):
        return tuple(_converted(item, dtype) for item in value)
    return value
