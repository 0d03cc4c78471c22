"""Product titles and pairs of them: the same product said twice, or two that only look alike.

No package ships product duplicates, so these are made by our own grammar. A product and all its
look-alikes form one family; families never cross the split, so no product is on both sides.
"""

import random
from dataclasses import dataclass, replace
from functools import cache

from model_build.data.product_noise import noisy_title
from model_build.data.product_words import BRANDS, COLOURS, KINDS, Kind
from model_build.data.split import Part, split

LICENCE = "MIT"
PAIR_LABELS: tuple[str, str] = ("different", "duplicate")
DRAWS = 12000


@dataclass(frozen=True)
class Product:
    """One thing that is for sale.

    Attributes:
        brand: Its maker.
        kind: An index into `KINDS`.
        model: Its model name: a stem and a number.
        colour: A key of `COLOURS`, or nothing where buyers choose none.
        measures: One value per measure of its kind.
        trait: What else tells it apart, or nothing.
    """

    brand: str
    kind: int
    model: str
    colour: str
    measures: tuple[str, ...]
    trait: str

    def kind_words(self) -> Kind:
        """Returns the words of its kind."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Pair:
    """Two titles, whether they name one product, and the family that both come from."""

    left: str
    right: str
    label: str
    family: str


def _random_product(rng: random.Random) -> Product:
    kind = rng.randrange(len(KINDS))
    words = KINDS[kind]
    number = rng.choice((rng.randrange(2, 10), rng.randrange(100, 980, 10)))
    return Product(
        brand=rng.choice(BRANDS),
        kind=kind,
        model=f"{rng.choice(words.series)} {number}",
        colour=rng.choice(sorted(COLOURS)) if words.coloured else "",
        measures=tuple(rng.choice(values) for values, _, _ in words.measures),
        trait=rng.choice(("", *words.traits)),
    )


@cache
def _families() -> dict[Part, tuple[Product, ...]]:
    rng = random.Random("products")
    # One product per family: a look-alike with another number or size is of the same family.
    products = {family_of(product): product for product in map(_random_product, [rng] * DRAWS)}
    parts = split(products)
    by_part: dict[Part, list[Product]] = {"train": [], "validation": [], "golden": []}
    for family, product in products.items():
        by_part[parts[family]].append(product)
    return {part: tuple(found) for part, found in by_part.items()}


def family_of(product: Product) -> str:
    """Returns what the split keeps together: brand, kind and the stem of the model name."""
    return f"{product.brand} {product.kind_words().nouns[0]} {product.model.split()[0]}"


def look_alike(product: Product, rng: random.Random) -> Product:
    """Returns another product that differs in exactly one thing a buyer cares about."""
    words = product.kind_words()
    kinds = ("measure", "measure", "number", "trait", "colour")
    what = rng.choice(kinds if words.coloured else kinds[:-1])
    if what == "measure":
        which = rng.randrange(len(words.measures))
        others = [v for v in words.measures[which][0] if v != product.measures[which]]
        measures = list(product.measures)
        measures[which] = rng.choice(others)
        return replace(product, measures=tuple(measures))
    if what == "colour":
        return replace(product, colour=rng.choice([c for c in COLOURS if c != product.colour]))
    if what == "trait":
        others = [t for t in words.traits if t != product.trait]
        return replace(product, trait=rng.choice(others))
    stem, number = product.model.split()
    changed = rng.choice([n for n in (2, 3, 4, 5, 7, 9, 110, 250, 480, 730) if str(n) != number])
    return replace(product, model=f"{stem} {changed}")


def products(part: Part) -> tuple[Product, ...]:
    """Returns the products of one part, one per family."""
    return _families()[part]


@dataclass(frozen=True)
class Title:
    """A title with the product it names and the family of that product."""

    text: str
    product: Product
    family: str


def titles(part: Part, families: int, seed: int = 7) -> list[Title]:
    """Samples two titles each of a product and of two look-alikes, for so many families."""
    rng = random.Random(f"{seed} {part} titles")
    result = []
    for product in products(part)[:families]:
        for named in (product, look_alike(product, rng), look_alike(product, rng)):
            family = family_of(product)
            result += [Title(noisy_title(named, rng), named, family) for _ in range(2)]
    return result


def pairs(part: Part, count: int, seed: int = 7) -> list[Pair]:
    """Samples labelled pairs: half duplicates, 3 in 8 look-alikes, 1 in 8 unrelated products."""
    rng = random.Random(f"{seed} {part} pairs")
    pool = products(part)
    result = []
    for turn in range(count):
        product = pool[turn % len(pool)]
        # The turn decides the label, so a family gets other labels on the next round.
        draw = (turn + turn // len(pool)) % 8
        if draw < 4:
            other, label = product, "duplicate"
        elif draw < 7:
            other, label = look_alike(product, rng), "different"
        else:
            other, label = rng.choice([p for p in pool if p != product]), "different"
        left, right = noisy_title(product, rng), noisy_title(other, rng)
        result.append(Pair(left, right, label, family_of(product)))
    return result
