"""Words and word pairs of English with how often they occur.

Source: the frequency dictionaries inside the installed package `symspellpy` (MIT; made from
Google Books n-grams and SCOWL).
"""

from functools import cache
from importlib.resources import files
from itertools import islice

WORDS = "frequency_dictionary_en_82_765.txt"
PAIRS = "frequency_bigramdictionary_en_243_342.txt"
VOCABULARY_SIZE = 30_000


def _rows(name: str) -> list[list[str]]:
    text = (files("symspellpy") / name).read_text(encoding="utf-8-sig")
    return [line.split() for line in text.splitlines()]


@cache
def frequencies() -> dict[str, int]:
    """Returns every word of ASCII letters with its count, the most frequent first."""
    return {word: int(count) for word, count in _rows(WORDS) if word.isascii() and word.isalpha()}


@cache
def vocabulary() -> dict[str, int]:
    """Returns the words that queries are made of, with their counts, the most frequent first."""
    return dict(islice(frequencies().items(), VOCABULARY_SIZE))


@cache
def pairs() -> dict[str, dict[str, int]]:
    """Returns, for each word, the words that follow it with their counts, most frequent first.

    Pairs with a word outside `vocabulary` are left out.
    """
    known = vocabulary()
    followers: dict[str, dict[str, int]] = {}
    for first, second, count in _rows(PAIRS):
        if first in known and second in known:
            followers.setdefault(first, {})[second] = int(count)
    return followers
