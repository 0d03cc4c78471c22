"""What banners are drawn with: canvases, palettes, backgrounds, fonts and words, each a family."""

import random
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from model_build.data.installed import package_dir

Colour = tuple[int, int, int]

CANVASES = ((300, 250), (320, 100), (160, 240), (250, 250), (300, 160))
WORDS = (
    "sale", "new", "fresh", "summer", "style", "home", "garden", "run", "smart", "save", "today",
    "best", "easy", "comfort", "travel", "music", "coffee", "shoes", "deal", "week", "city",
    "offer", "quality", "design", "sport", "light", "family", "green", "more", "less", "price",
    "online",
)  # fmt: skip
FONTS = (
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf",
    "DejaVuSansMono.ttf", "STIXGeneral.ttf", "STIXGeneralBol.ttf",
)  # fmt: skip


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Returns one of matplotlib's fonts, of `size` pixels; the same on every machine."""
    folder = package_dir("matplotlib") / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / name), size)


def colour(rng: random.Random, low: int = 0, high: int = 255) -> Colour:
    """Returns a colour with each channel in `low..high`."""
    return (rng.randint(low, high), rng.randint(low, high), rng.randint(low, high))


def contrasting(rng: random.Random, background: Colour) -> Colour:
    """Returns a colour that can be read on `background`."""
    return colour(rng, 0, 70) if sum(background) > 380 else colour(rng, 190, 255)


def phrase(rng: random.Random, words: int) -> str:
    """Returns so many words, in one of the ways that ads write them."""
    text = " ".join(rng.choice(WORDS) for _ in range(words))
    return rng.choice((text, text.upper(), text.title(), f"{text} {rng.randrange(5, 80)}%"))


def _plain(image: Image.Image, base: Colour, rng: random.Random) -> None:
    image.paste(base, (0, 0, *image.size))


def _gradient(image: Image.Image, base: Colour, rng: random.Random) -> None:
    other = tuple(min(255, max(0, c + rng.randint(-90, 90))) for c in base)
    ramp = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180))).resize(image.size)
    image.paste(Image.composite(Image.new("RGB", image.size, other), image, ramp))


def _stripes(image: Image.Image, base: Colour, rng: random.Random) -> None:
    image.paste(base, (0, 0, *image.size))
    draw, step = ImageDraw.Draw(image), rng.randint(14, 40)
    shade = tuple(max(0, c - rng.randint(10, 45)) for c in base)
    for x in range(-image.height, image.width, step):
        draw.line((x, 0, x + image.height, image.height), fill=shade, width=step // 3)


def _bubbles(image: Image.Image, base: Colour, rng: random.Random) -> None:
    image.paste(base, (0, 0, *image.size))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(4, 14)):
        x, y, r = rng.randrange(image.width), rng.randrange(image.height), rng.randint(6, 50)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_near(base, rng))


def _photo(image: Image.Image, base: Colour, rng: random.Random) -> None:
    """A picture-like blur: a few random pixels, enlarged."""
    small = Image.new("RGB", (rng.randint(4, 9), rng.randint(3, 7)))
    small.putdata([_near(base, rng, 80) for _ in range(small.width * small.height)])
    image.paste(small.resize(image.size, Image.Resampling.BICUBIC))


def _panels(image: Image.Image, base: Colour, rng: random.Random) -> None:
    image.paste(base, (0, 0, *image.size))
    cut = rng.randint(image.width // 4, 3 * image.width // 4)
    ImageDraw.Draw(image).rectangle((cut, 0, image.width, image.height), fill=_near(base, rng, 70))


def _landscape(image: Image.Image, base: Colour, rng: random.Random) -> None:
    image.paste(base, (0, 0, *image.size))
    draw, points = ImageDraw.Draw(image), [(0, image.height)]
    for step in range(7):
        height = rng.randint(image.height // 3, image.height)
        points.append((step * image.width // 6, height))
    draw.polygon([*points, (image.width, image.height)], fill=_near(base, rng, 90))


def _near(base: Colour, rng: random.Random, by: int = 40) -> Colour:
    red, green, blue = (min(255, max(0, c + rng.randint(-by, by))) for c in base)
    return (red, green, blue)


BACKGROUNDS = {
    "plain": _plain, "gradient": _gradient, "stripes": _stripes, "bubbles": _bubbles,
    "photo": _photo, "panels": _panels, "landscape": _landscape,
}  # fmt: skip
