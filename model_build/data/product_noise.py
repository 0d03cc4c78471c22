"""How two shops write the title of one product: order, abbreviations, units, typos, filler words.

Noise never changes which product is meant: brand, model number, measures and colour stay readable.
"""

import random
from typing import TYPE_CHECKING

from model_build.data.product_words import COLOURS

if TYPE_CHECKING:
    from model_build.data.products import Product

FILLERS = (
    "new",
    "original",
    "2026 edition",
    "with warranty",
    "fast delivery",
    "best price",
    "sale",
)
SHORT = {"stainless steel": "s/steel", "noise cancelling": "ANC", "waterproof": "wtrprf",
         "women's": "womens", "men's": "mens", "organic": "org.", "wireless": "wless",
         "bluetooth": "BT", "programmable": "prog.", "with": "w/"}  # fmt: skip


def clean_title(product: "Product") -> str:
    """Returns the title as the maker writes it."""
    words = product.kind_words()
    measures = [
        f"{value} {unit}" if unit != "size" else f"size {value}"
        for value, (_, unit, _) in zip(product.measures, words.measures, strict=True)
    ]
    parts = [product.brand, product.model, product.trait, words.nouns[0], *measures, product.colour]
    return " ".join(part for part in parts if part)


def noisy_title(product: "Product", rng: random.Random) -> str:
    """Returns the title as some shop writes it."""
    words = product.kind_words()
    measures = []
    for value, (_, unit, spellings) in zip(product.measures, words.measures, strict=True):
        spelling = rng.choice(spellings)
        if unit == "size":
            measures.append(f"{spelling} {value}")
        else:
            measures.append(value + rng.choice(("", " ")) + spelling)
    model = (
        product.model if rng.random() < 0.7 else product.model.replace(" ", rng.choice(("", "-")))
    )
    head = [product.brand, model]
    colour = rng.choice(COLOURS[product.colour]) if product.colour else ""
    tail = [product.trait, rng.choice(words.nouns), *measures, colour]
    if rng.random() < 0.5:
        rng.shuffle(tail)
    if rng.random() < 0.15:
        head, tail = tail, head
    title = " ".join(part for part in (*head, *tail) if part)
    for long, short in SHORT.items():
        if rng.random() < 0.3:
            title = title.replace(long, short)
    if rng.random() < 0.3:
        title = f"{title} {rng.choice(FILLERS)}"
    if rng.random() < 0.35:
        title = typo(title, rng)
    return title if rng.random() < 0.5 else title.lower()


def typo(text: str, rng: random.Random) -> str:
    """Returns the text with a letter doubled, dropped or swapped in a word of 5 letters or more.

    Short words and numbers stay: a changed digit would be another product.
    """
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long:
        return text
    which = rng.choice(long)
    word, at = words[which], rng.randrange(1, len(words[which]) - 2)
    words[which] = rng.choice(
        (
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return " ".join(words)
