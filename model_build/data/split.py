"""One rule for every split: whole families go to one side, chosen by hash and by nothing else.

Law: the part of a family depends only on the set of families it is split with; order, process and
seed do not matter. A family is whatever would leak: a template, a product, a word, a layout.
"""

import hashlib
import math
from collections.abc import Iterable
from typing import Literal

Part = Literal["train", "validation", "golden"]
GOLDEN_SHARE, VALIDATION_SHARE = 0.25, 0.12


def split(families: Iterable[str]) -> dict[str, Part]:
    """Returns the part of each family: a quarter golden, an eighth validation, the rest train.

    Raises:
        ValueError: If there are fewer than three families, since each part needs one.
    """
    ranked = sorted(set(families), key=lambda family: hashlib.sha256(family.encode()).digest())
    if len(ranked) < 3:
        raise ValueError(f"split: {len(ranked)} families {ranked}; give at least 3, one per part")
    golden = math.ceil(GOLDEN_SHARE * len(ranked))
    validation = golden + math.ceil(VALIDATION_SHARE * len(ranked))
    return {
        family: "golden" if rank < golden else "validation" if rank < validation else "train"
        for rank, family in enumerate(ranked)
    }
