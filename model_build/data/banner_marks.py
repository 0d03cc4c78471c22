"""What a banner may carry: honest parts, and the parts that our policy forbids.

The policy, in one line each:
  clean        may run.
  fake-button  draws a control that does nothing: play, close, download, a system's dialog.
  text-heavy   text covers more than about a third of the picture.
Honest parts look like them on purpose: a call to action is a button too, and logos are circles,
triangles and crosses.
"""

import random

from PIL import Image, ImageDraw

from model_build.data.banner_parts import FONTS, Colour, colour, contrasting, font, phrase

Box = tuple[int, int, int, int]


def headline(image: Image.Image, rng: random.Random, face: str, ink: Colour, at: float) -> None:
    """Writes one or two short lines, their top at share `at` of the height."""
    draw, size = ImageDraw.Draw(image), rng.randint(image.height // 11, image.height // 7)
    for line in range(rng.randint(1, 2)):
        x = rng.randint(4, image.width // 6)
        y = int(at * image.height) + line * int(size * 1.2)
        draw.text((x, y), phrase(rng, rng.randint(1, 2)), ink, font(face, size))


def call_to_action(image: Image.Image, rng: random.Random, face: str, ink: Colour) -> None:
    """Draws the advertiser's own button, which leads where it says."""
    width, height = rng.randint(70, 110), rng.randint(18, 28)
    x = rng.randint(2, max(3, image.width - width - 2))
    y = rng.randint(image.height // 2, image.height - height - 2)
    fill = colour(rng)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((x, y, x + width, y + height), rng.randint(0, 12), fill)
    text = rng.choice(("Shop now", "See more", "Visit us", "Order", "Read on", "Our range"))
    draw.text((x + 8, y + 3), text, contrasting(rng, fill), font(face, height - 10))


def product_shape(image: Image.Image, rng: random.Random) -> None:
    """Draws what stands for a product or a logo: disc, box, triangle, ring, cross or bottle."""
    draw, size = ImageDraw.Draw(image), rng.randint(image.height // 5, image.height // 2)
    x, y = rng.randint(0, image.width - size), rng.randint(0, image.height - size)
    box, fill = (x, y, x + size, y + size), colour(rng)
    match rng.randrange(6):
        case 0:
            draw.ellipse(box, fill)
        case 1:
            draw.rounded_rectangle(box, size // 6, fill)
        case 2:
            draw.polygon(((x, y + size), (x + size, y + size), (x + size // 2, y)), fill)
        case 3:
            draw.ellipse(box, outline=fill, width=max(2, size // 10))
        case 4:
            third = size // 3
            draw.rectangle((x + third, y, x + 2 * third, y + size), fill)
            draw.rectangle((x, y + third, x + size, y + 2 * third), fill)
        case _:
            draw.rectangle((x + size // 3, y, x + size // 2, y + size), fill)
            draw.rounded_rectangle(
                (x + size // 5, y + size // 3, x + size // 2 + 8, y + size), 6, fill
            )


def body_text(image: Image.Image, rng: random.Random, face: str, ink: Colour) -> None:
    """Fills most of the picture with lines of text."""
    draw, size = ImageDraw.Draw(image), rng.randint(11, 20)
    left, top = rng.randint(2, image.width // 8), rng.randint(2, image.height // 8)
    for y in range(top, image.height - size, int(size * rng.uniform(1.15, 1.5))):
        draw.text(
            (left, y),
            phrase(rng, max(2, (image.width - left) // (size * 3))),
            ink,
            font(face, size),
        )


def play(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """A player's triangle in a disc or a bar."""
    x0, y0, x1, y1 = box
    fill = colour(rng)
    shape = rng.choice((draw.ellipse, draw.rectangle))
    shape(box, fill=fill)
    w, h = x1 - x0, y1 - y0
    points = ((x0 + w // 3, y0 + h // 4), (x0 + w // 3, y1 - h // 4), (x1 - w // 4, (y0 + y1) // 2))
    draw.polygon(points, contrasting(rng, fill))


def close(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """A window's cross in a box."""
    fill = rng.choice(((200, 30, 30), (230, 230, 230), (60, 60, 60), colour(rng)))
    rng.choice((draw.rectangle, draw.ellipse))(box, fill=fill)
    x0, y0, x1, y1 = box
    gap, width = (x1 - x0) // 4, max(2, (x1 - x0) // 9)
    ink = contrasting(rng, fill)
    draw.line((x0 + gap, y0 + gap, x1 - gap, y1 - gap), ink, width)
    draw.line((x0 + gap, y1 - gap, x1 - gap, y0 + gap), ink, width)


def download(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """An arrow down onto a bar."""
    x0, y0, x1, y1 = box
    fill = rng.choice(((30, 160, 60), (30, 110, 220), colour(rng)))
    draw.rounded_rectangle(box, 6, fill)
    ink, middle, w = contrasting(rng, fill), (x0 + x1) // 2, (x1 - x0) // 6
    draw.rectangle((middle - w // 2, y0 + w, middle + w // 2, (y0 + y1) // 2), ink)
    low = y1 - 2 * w
    draw.polygon(
        ((middle - 2 * w, (y0 + y1) // 2), (middle + 2 * w, (y0 + y1) // 2), (middle, low)), ink
    )
    draw.rectangle((x0 + w, y1 - w - w // 2, x1 - w, y1 - w), ink)


def dialog(draw: ImageDraw.ImageDraw, box: Box, rng: random.Random) -> None:
    """A system's window: title bar with a cross, and two buttons that say OK and Cancel."""
    x0, y0, x1, y1 = box
    bar = (y1 - y0) // 4
    draw.rectangle(box, (236, 236, 236), outline=(90, 90, 90), width=2)
    draw.rectangle(
        (x0, y0, x1, y0 + bar), rng.choice(((0, 80, 170), (70, 70, 80), (180, 180, 190)))
    )
    close(draw, (x1 - bar, y0 + 1, x1 - 1, y0 + bar - 1), rng)
    face = font(rng.choice(FONTS[:2]), max(8, bar // 2))
    draw.text(
        (x0 + 5, y0 + bar + 4), rng.choice(("Update needed", "Warning", "1 message")), 0, face
    )
    half = (x1 - x0) // 2
    for left, text in ((x0 + 6, "OK"), (x0 + half + 2, "Cancel")):
        draw.rectangle(
            (left, y1 - bar - 4, left + half - 10, y1 - 5), (205, 205, 205), (110, 110, 110)
        )
        draw.text((left + 6, y1 - bar - 2), text, 0, face)


FAKES = {"play": play, "close": close, "download": download, "dialog": dialog}


def fake_button(image: Image.Image, rng: random.Random, kind: str) -> None:
    """Draws a control of one kind of `FAKES` where such controls are."""
    draw, height = ImageDraw.Draw(image), image.height
    if kind == "dialog":
        width, tall = int(image.width * rng.uniform(0.5, 0.8)), int(height * rng.uniform(0.4, 0.7))
    else:
        width = tall = rng.randint(max(24, height // 6), max(30, height // 3))
    x, y = rng.randint(0, image.width - width - 1), rng.randint(0, height - tall - 1)
    if kind == "close" and rng.random() < 0.6:
        x, y = image.width - width - 2, 2
    if kind == "play" and rng.random() < 0.6:
        x, y = (image.width - width) // 2, (height - tall) // 2
    FAKES[kind](draw, (x, y, x + width, y + tall), rng)
