"""Right-spelled phrases of one to four words that follow each other in English."""

import random
from itertools import accumulate

from model_build.data.vocabulary import pairs, vocabulary

LENGTHS = (0.35, 0.40, 0.17, 0.08)
FLATTEN = 0.4
"""Words are drawn by their count to this power: rare words are asked for too."""


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
            after = pairs().get(words[-1])
            if after is None:
                words += draw.choices(self._words, cum_weights=self._cumulative)
            else:
                words += draw.choices(list(after), [count**FLATTEN for count in after.values()])
        return words
