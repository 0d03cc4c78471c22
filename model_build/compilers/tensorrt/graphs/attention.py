"""Attention of one decoding step over caches of fixed shape.

A cache has a place for every position from the start, so that each step has the same shapes: one
CUDA graph serves them all. Places that are not yet written are masked.
"""

import torch
from torch import Tensor, nn


def apply(layer: nn.Linear, values: Tensor) -> Tensor:
    """Return a product in the precision of its weights."""
    product: Tensor = layer(values.to(layer.weight.dtype))
    return product


def split(values: Tensor, heads: int) -> Tensor:
    """Return (rows, tokens, width) as (rows, heads, tokens, width / heads)."""
    rows, tokens, width = values.shape
    return values.view(rows, tokens, heads, width // heads).transpose(1, 2)


def write(cache: Tensor, values: Tensor, here: Tensor) -> Tensor:
    """Return a cache (rows, heads, places, width) with `values` in the place that `here` marks.

    Args:
        cache: What was written in the steps before.
        values: (rows, heads, 1, width).
        here: (places,), true at the step's own place.
    """
    return torch.where(here[None, None, :, None], values, cache)


def attend(query: Tensor, keys: Tensor, values: Tensor, bias: Tensor, scale: float) -> Tensor:
    """Return (rows, heads, queries, width); the softmax is taken in float32.

    Args:
        query: (rows, heads, queries, width).
        keys: (rows, heads, places, width).
        values: Of the same shape.
        bias: Added to the scores, float32; minus infinity hides a place.
        scale: What the scores are multiplied by.
    """
    scores = torch.matmul(query * scale, keys.transpose(2, 3)).float() + bias
    return torch.matmul(torch.softmax(scores, dim=-1).to(values.dtype), values)


def hidden_where(visible: Tensor) -> Tensor:
    """Return a bias of 0 where visible, and the lowest float32 elsewhere."""
    lowest = torch.finfo(torch.float32).min
    return torch.where(visible, 0.0, lowest).to(torch.float32)
