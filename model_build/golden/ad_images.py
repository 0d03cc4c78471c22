"""Golden banners, of layouts that training never saw; see `model_build.data.images`.

They are rendered when the set is loaded: the fonts and the renderer are pinned packages.
"""

from model_build.data.images import LICENCE, banners
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

BANNERS = 240


def build(name: str) -> GoldenSet:
    """Returns 240 banners as PNG bytes with what the policy says of them."""
    found = banners("golden", BANNERS)
    return golden_set(
        name,
        "image-classification",
        [ad.png for ad in found],
        [ad.label for ad in found],
        licence=LICENCE,
    )
