"""Golden ad texts, of templates that training never saw; see `model_build.data.ads`.

The profane words in them come from the installed alt-profanity-check (MIT) when the set is made.
"""

from model_build.data.ads import LICENCE, ad_texts
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

PER_LABEL = 80


def build(name: str) -> GoldenSet:
    """Returns 400 ads with what the policy says of them."""
    ads = ad_texts("golden", PER_LABEL)
    return golden_set(
        name,
        "classification",
        [ad.text for ad in ads],
        [ad.label for ad in ads],
        licence=LICENCE,
    )
