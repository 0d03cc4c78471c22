"""Questions as a model was proven on, and questions as nobody expected them."""

# ruff: noqa: RUF001 (other scripts are the point)

import base64
import io
import itertools
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from catalog.artifact import Manifest
from catalog.load import load_models
from model_build import golden

ELSEWHERE = (
    "купить дешёвые кроссовки мужские сорок второго размера с доставкой на дом сегодня вечером",
    "где находится мой заказ и почему курьер не пришёл вчера хотя обещали до шести часов вечера",
    "αγορά φθηνών παπουτσιών για τρέξιμο με δωρεάν αποστολή στο σπίτι αύριο το πρωί στην αθήνα",
    "<p class='q'>&nbsp;</p><script>var q='%s';</script><div><span>null</span></div> undefined",
)
PIXELS = 96


def usual(manifest: Manifest, seed: int = 0) -> Iterator[Any]:
    """Return what a model's gates asked it, over and over, in the form of a manifest's examples.

    In random order: a golden set lists its classes one after the other, which traffic does not.
    """
    inputs = golden.load(load_models()[manifest.model].gates.golden).inputs
    mixed = random.Random(seed).sample(inputs, len(inputs))  # noqa: S311 - a drill
    return itertools.cycle([_example(item) for item in mixed])


def unusual(manifest: Manifest, seed: int = 0) -> Iterator[Any]:
    """Yield questions in other scripts, with markup, far too long; noise instead of pictures."""
    chance = random.Random(seed)  # noqa: S311 - a drill
    while True:
        if manifest.task == "image-classification":
            yield _noise(chance.randrange(2**31))
        elif manifest.task == "pair-classification":
            yield [_text(chance), _text(chance)]
        else:
            yield _text(chance)


def _text(chance: random.Random) -> str:
    words = chance.choice(ELSEWHERE).split()
    return " ".join(chance.sample(words, min(len(words), chance.randint(5, 12))))


def _noise(seed: int) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, (PIXELS, PIXELS, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _example(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return list(value) if isinstance(value, tuple) else value
