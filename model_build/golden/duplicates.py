"""Golden pairs of product titles, of products that training never saw.

Half name one product, three in eight are look-alikes that differ in one size, colour, number or
trait, the rest are unrelated. Made by our own grammar: `model_build.data.products`.
"""

from model_build.data.products import LICENCE, pairs
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

PAIRS = 400


def build(name: str) -> GoldenSet:
    """Returns 400 pairs labelled `different` or `duplicate`."""
    found = pairs("golden", PAIRS)
    return golden_set(
        name,
        "pair-classification",
        [(pair.left, pair.right) for pair in found],
        [pair.label for pair in found],
        licence=LICENCE,
    )
