"""Inputs to choose an engine by: fixed here, so that a golden set never changes compiled bytes.

They are not a test of quality (the gates are) but of likeness to the source: an engine or a
precision that answers them differently is not chosen, however fast.
"""

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

_QUERIES = (
    "noise cancelling headphones", "weather in london tomorrow", "play some jazz music",
    "set a timer for ten minutes", "blue suede shoes", "how to remove coffee stains",
    "turn off the kitchen lights", "stainless steel water bottle", "best laptop under 800",
    "running shoes for women", "what time is it in tokyo", "add milk to my shopping list",
    "cheap flights to rome", "wireless keyboard and mouse", "children's winter jacket size 8",
    "remind me to call the dentist", "italian restaurants near me", "organic green tea bags",
    "how old is the universe", "queen greatest hits", "cancel my alarm", "garden hose 25 m",
    "office chair with lumbar support", "will it rain this weekend", "usb c charger 65w",
    "beginner guitar lessons", "volume up", "replace a bicycle chain", "cat food without grain",
    "the history of the roman empire", "led desk lamp dimmable", "lock the front door",
)  # fmt: skip
IMAGES = 24
_SENTENCE = "what will the weather be in rome on monday"
MISSPELLED = 96


def probes(task: str) -> Sequence[Any]:
    """Return inputs of a task."""
    if task == "seq2seq":
        return [_misspell(query, index) for index, query in enumerate(_short_queries())]
    if task == "pair-classification":
        return [*pairwise(_QUERIES), *((query, f"{query} new") for query in _QUERIES)]
    if task == "image-classification":
        return [_png(seed) for seed in range(IMAGES)]
    return _QUERIES


def typical(task: str) -> Any:
    """Return the input that candidates are timed on; a text of about ten words' tokens."""
    if task == "seq2seq":
        return "definately maby"
    if task == "pair-classification":
        return "acme steel water bottle 750 ml blue", "acme water bottle steel 0.75l blue"
    return _png(0) if task == "image-classification" else _SENTENCE


def _short_queries() -> list[str]:
    words = " ".join(_QUERIES).split()
    return [" ".join(words[start : start + 2 + start % 3]) for start in range(MISSPELLED)]


def _misspell(text: str, seed: int) -> str:
    """Return the text with two neighbouring letters swapped, or one dropped."""
    position = 1 + seed % max(1, len(text) - 2)
    left, right = text[:position], text[position:]
    return left + right[1:] if seed % 2 else left + right[1:2] + right[:1] + right[2:]


def _png(seed: int) -> bytes:
    """Return a picture of random rectangles."""
    generator = np.random.default_rng(seed)
    pixels = np.full((96, 96, 3), generator.integers(0, 256, 3), dtype=np.uint8)
    for _ in range(12):
        top, left = generator.integers(0, 80, 2)
        height, width = generator.integers(4, 60, 2)
        pixels[top : top + height, left : left + width] = generator.integers(0, 256, 3)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
