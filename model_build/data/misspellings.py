"""Real misspellings with their corrections, split so that no word family is on both sides.

Source: the dictionary inside the installed package `codespell` (GPL-2.0-only). It is read from
site-packages at run time and never copied into the repository.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from model_build.data.vocabulary import frequencies, vocabulary

Part = Literal["train", "validation", "test"]

FAMILY_LETTERS = 5


@dataclass(frozen=True, order=True)
class Misspelling:
    """How somebody wrote a word, and the word."""

    typo: str
    word: str


def part_of(word: str) -> Part:
    """Returns the part of the split that all misspellings of `word` belong to.

    Words that share their first five letters share a part, because the misspellings of
    "definite" give those of "definitely" away. 10 % of the families are test, 5 % validation.
    """
    family = "slipway spelling split 1/" + word[:FAMILY_LETTERS]
    bucket = int.from_bytes(hashlib.sha256(family.encode()).digest()[:4], "big") % 100
    if bucket < 10:
        return "test"
    return "validation" if bucket < 15 else "train"


@cache
def misspellings(part: Part) -> tuple[Misspelling, ...]:
    """Returns the misspellings of one part, sorted.

    Kept are those of letters only, with exactly one correction, which is in the vocabulary, and
    whose typo is not itself a word of the frequency dictionary (only context could tell).
    """
    known = frequencies()
    text = (files("codespell_lib") / "data" / "dictionary.txt").read_text(encoding="utf-8")
    found = set()
    for line in text.splitlines():
        typo, _, right = line.lower().partition("->")
        corrections = [word.strip() for word in right.split(",") if word.strip()]
        if len(corrections) != 1 or not typo.isalpha() or not typo.isascii() or typo in known:
            continue
        if corrections[0] in vocabulary() and part_of(corrections[0]) == part:
            found.add(Misspelling(typo, corrections[0]))
    return tuple(sorted(found))
