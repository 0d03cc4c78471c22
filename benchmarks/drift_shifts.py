"""Stated shifts of traffic: what a question becomes when the world changes; always the same."""

import io
import random
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageEnhance

from model_build.golden import GoldenSet

Inputs = list[Any]
Shift = Callable[[GoldenSet], Inputs]

SEED = 11
DARKER, FLATTER, LARGER = 0.7, 0.6, 1.5
NEW_WORDS = 0.5  # share of words that nobody knew before
_GERMAN = """wo ist mein paket bitte schalte das licht im wohnzimmer aus wie wird wetter morgen
rote schuhe aus leder guenstig kaufen kabellose kopfhoerer fuer das telefon spiele musik von
gestern abend und stelle einen wecker auf sieben uhr frueh"""
GERMAN = tuple(_GERMAN.split())
SYLLABLES = ("zor", "qix", "vun", "plaf", "kre", "yit", "gox", "jal")


def _texts(change: Callable[[str, random.Random], str]) -> Shift:
    def shift(golden: GoldenSet) -> Inputs:
        rng = random.Random(SEED)  # noqa: S311  always the same
        return [
            tuple(change(side, rng) for side in item) if isinstance(item, tuple)
            else change(item, rng)
            for item in golden.inputs
        ]  # fmt: skip

    return shift


def _german(text: str, rng: random.Random) -> str:
    return " ".join(rng.choice(GERMAN) for _ in text.split())


def _new_words(text: str, rng: random.Random) -> str:
    def word() -> str:
        return "".join(rng.choices(SYLLABLES, k=2))

    return " ".join(word() if rng.random() < NEW_WORDS else old for old in text.split())


def _twice(text: str, _rng: random.Random) -> str:
    return f"{text} {text}"


def _class_mix(golden: GoldenSet) -> Inputs:
    """Only questions of one label: the first; of texts to correct, those that are right already."""
    pairs = list(zip(golden.inputs, golden.expected, strict=True))
    if golden.task == "seq2seq":
        kept = [asked for asked, meant in pairs if asked == meant]
    elif golden.task == "embedding":
        kept = list(golden.inputs[len(golden.inputs) * 3 // 4 :])  # the sets come kind by kind
    else:
        first = sorted(set(golden.expected))[0]
        kept = [asked for asked, label in pairs if label == first]
    return [kept[place % len(kept)] for place in range(len(pairs))]


def _pictures(change: Callable[[Image.Image], Image.Image]) -> Shift:
    def shift(golden: GoldenSet) -> Inputs:
        return [_changed(item, change) for item in golden.inputs]

    return shift


def _changed(data: bytes, change: Callable[[Image.Image], Image.Image]) -> bytes:
    out = io.BytesIO()
    change(Image.open(io.BytesIO(data)).convert("RGB")).save(out, "PNG")
    return out.getvalue()


def _larger(picture: Image.Image) -> Image.Image:
    return picture.resize((round(picture.width * LARGER), round(picture.height * LARGER)))


OF_TEXT: dict[str, Shift] = {
    "queries in German": _texts(_german),
    "half of the words are new": _texts(_new_words),
    "queries twice as long": _texts(_twice),
    "one class alone": _class_mix,
}
OF_PICTURES: dict[str, Shift] = {
    "30 % darker": _pictures(lambda picture: ImageEnhance.Brightness(picture).enhance(DARKER)),
    "40 % less contrast": _pictures(lambda p: ImageEnhance.Contrast(p).enhance(FLATTER)),
    "half as large again": _pictures(_larger),
    "one class alone": _class_mix,
}


def shifts_of(task: str) -> dict[str, Shift]:
    """Return the shifts that a task's traffic can have, by their words."""
    return OF_PICTURES if task == "image-classification" else OF_TEXT
