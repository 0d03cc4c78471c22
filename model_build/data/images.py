"""Banners rendered by our own seeded generator, split by layout family.

A layout is a background with a typeface and a canvas. Neither the backgrounds nor the typefaces of
golden banners were ever drawn for training. Every banner may carry every honest part, so none of
them gives the label away.
"""

import io
import itertools
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image

from model_build.data import banner_marks as marks
from model_build.data.banner_parts import BACKGROUNDS, CANVASES, FONTS, colour, contrasting
from model_build.data.split import Part, split

LICENCE = "MIT"
IMAGE_LABELS: tuple[str, ...] = ("clean", "fake-button", "text-heavy")


@dataclass(frozen=True)
class Layout:
    """A background and a typeface, by name, on a canvas of (width, height) pixels."""

    background: str
    face: str
    canvas: tuple[int, int]


@dataclass(frozen=True)
class Banner:
    """A rendered ad.

    Attributes:
        png: The picture.
        label: What the policy says of it.
        layout: Its layout.
    """

    png: bytes
    label: str
    layout: Layout


@cache
def layouts(part: Part) -> tuple[Layout, ...]:
    """Returns the layouts of one part: its backgrounds with its typefaces, on all canvases."""
    backgrounds, faces = split(BACKGROUNDS), split(FONTS)
    return tuple(
        Layout(background, face, canvas)
        for background, face, canvas in itertools.product(BACKGROUNDS, FONTS, CANVASES)
        if backgrounds[background] == faces[face] == part
    )


def banner(layout: Layout, label: str, rng: random.Random) -> Banner:
    """Draws one banner.

    Args:
        layout: One of `layouts(...)`.
        label: One of `IMAGE_LABELS`.
        rng: Decides everything else.
    """
    base, face = colour(rng), layout.face
    image = Image.new("RGB", layout.canvas, base)
    BACKGROUNDS[layout.background](image, base, rng)
    ink = contrasting(rng, base)
    for _ in range(rng.randint(0, 2)):
        marks.product_shape(image, rng)
    if label == "text-heavy":
        marks.body_text(image, rng, face, ink)
    elif rng.random() < 0.9:
        marks.headline(image, rng, face, ink, rng.uniform(0.05, 0.4))
    if rng.random() < 0.5:
        marks.call_to_action(image, rng, face, ink)
    if label == "fake-button":
        marks.fake_button(image, rng, rng.choice(sorted(marks.FAKES)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return Banner(buffer.getvalue(), label, layout)


def banners(part: Part, count: int, seed: int = 7) -> list[Banner]:
    """Renders `count` banners of one part, labels in turn, over all its layouts."""
    rng = random.Random(f"{seed} {part} banners")
    return [
        banner(rng.choice(layouts(part)), IMAGE_LABELS[turn % len(IMAGE_LABELS)], rng)
        for turn in range(count)
    ]
