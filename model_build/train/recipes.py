"""The table of training recipes by model name."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""Where recipes leave their models, one folder per recipe."""


@dataclass(frozen=True)
class Recipe:
    """A named way to remake one model's weights.

    Attributes:
        name: The recipe's name, which is also its folder under `weights/`.
        summary: One line for `--list`.
        entry: `module:function`, called as `function(name, out, quick=...)`; imported only when
            run, so that listing recipes needs no torch.
    """

    name: str
    summary: str
    entry: str

    def run(self, out: Path, *, quick: bool = False) -> None:
        """Train and write the model's files into `out`."""
        module, _, function = self.entry.partition(":")
        train: Callable[..., None] = getattr(importlib.import_module(module), function)
        train(self.name, out, quick=quick)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "spelling-t5",
            "T5-type character seq2seq that corrects search queries",
            "model_build.train.spelling.recipe:train",
        ),
        Recipe(
            "spelling-bart",
            "BART-type character seq2seq that corrects search queries",
            "model_build.train.spelling.recipe:train",
        ),
        Recipe(
            "encoders",
            "intent and duplicate heads, together, on the frozen MiniLM backbone",
            "model_build.train.encoders.recipe:train",
        ),
        Recipe(
            "intent",
            "four layers that answer as the intent head on all six does (after `encoders`)",
            "model_build.train.encoders.student:train",
        ),
        Recipe(
            "moderation-text",
            "text moderation: byte-pair tokens and a convolutional classifier",
            "model_build.train.moderation.text:train",
        ),
        Recipe(
            "moderation-image",
            "image moderation: a convolutional classifier of rendered banners",
            "model_build.train.moderation.image:train",
        ),
    )
}
