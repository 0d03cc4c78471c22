"""Right-spelled phrases of one to four words that follow each other in English."""

import random
from functools import cache
from itertools import accumulate, starmap

from model_build.data.vocabulary import pairs, vocabulary

LENGTHS = (0.35, 0.40, 0.17, 0.08)
FLATTEN = 0.4
"""Words are drawn by their count to this power: rare words are asked for too."""
FLATTEN_SINGLE = 0.2
LONGEST = 12


class Phrases:
    """Draws phrases: a first word by its frequency, each next one by that of the word pair."""

    def __init__(self) -> None:
        self._words = list(vocabulary())
        self._cumulative = list(accumulate(c**FLATTEN for c in vocabulary().values()))

    def draw(self, draw: random.Random) -> list[str]:
        """Returns the words of one phrase."""
        length = draw.choices(range(1, len(LENGTHS) + 1), LENGTHS)[0]
        words = draw.choices(self._words, cum_weights=self._cumulative)
        while len(words) < length:
            followers, cumulative = _followers(words[-1]) or (self._words, self._cumulative)
            words += draw.choices(followers, cum_weights=cumulative)
        return words


@cache
def _followers(word: str) -> tuple[list[str], list[float]] | None:
    after = pairs().get(word)
    if after is None:
        return None
    return list(after), list(accumulate(count**FLATTEN for count in after.values()))


class Words:
    """Draws single words, the rare ones nearly as often as the frequent, the long ones more often.

    Long words are misspelled more often: the training misspellings are the more per word, the
    longer it is.
    """

    def __init__(self) -> None:
        self._words = list(vocabulary())
        self._cumulative = list(accumulate(starmap(_weight, vocabulary().items())))

    def draw(self, draw: random.Random) -> str:
        """Returns a word."""
        return draw.choices(self._words, cum_weights=self._cumulative)[0]


def _weight(word: str, count: int) -> float:
    return float(count**FLATTEN_SINGLE * (min(len(word), LONGEST) - 0.5))
