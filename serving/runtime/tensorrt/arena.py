"""Tensors side by side in one block of device memory, so that one copy sets them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from serving.runtime.tensorrt.device import Device

ALIGNMENT = 256
# numpy has no bfloat16; only caches are, whose values no host reads.
BYTES = {"bool": 1, "int32": 4, "int64": 8, "float16": 2, "bfloat16": 2, "float32": 4}

Table = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Field:
    """A tensor's largest shape and its type."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Return its bytes, rounded up so that the next one is aligned."""
        exact = prod(self.shape) * BYTES[self.dtype]
        return -(-exact // ALIGNMENT) * ALIGNMENT


class Arena:
    """Named tensors in one block; smaller shapes use the beginning of each one's room."""

    def __init__(self, device: Device, fields: Mapping[str, Field]) -> None:
        """Allocate the block."""
        self.offsets: dict[str, int] = {}
        size = 0
        for name, item in fields.items():
            self.offsets[name] = size
            size += item.size
        self.size = max(size, ALIGNMENT)
        self.base = device.allocate(self.size)

    def addresses(self, suffix: str = "") -> dict[str, int]:
        """Return the address of each tensor, under its name plus a suffix."""
        return {name + suffix: self.base + offset for name, offset in self.offsets.items()}


def view(block: Table, offset: int, shape: tuple[int, ...], dtype: str) -> Table:
    """Return a tensor that lies in a block of bytes."""
    size = prod(shape) * BYTES[dtype]
    return block[offset : offset + size].view(dtype).reshape(shape)
