"""A model of how people misspell, learned from real misspellings and applied to other words."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from model_build.data.misspellings import Misspelling

LONGEST_EDIT = 3
EDGE = " "


def _edit(typo: str, word: str) -> tuple[int, str, str]:
    """Returns where the two differ: the position, the right letters, the written letters."""
    start = 0
    while start < min(len(typo), len(word)) and typo[start] == word[start]:
        start += 1
    end = 0
    room = min(len(typo), len(word)) - start
    while end < room and typo[-1 - end] == word[-1 - end]:
        end += 1
    return start, word[start : len(word) - end], typo[start : len(typo) - end]


def _contexts(word: str) -> Iterator[tuple[int, int, str]]:
    """Yields (start, end, letters with both neighbours) of every place an edit may happen."""
    framed = EDGE + word + EDGE
    for length in range(LONGEST_EDIT + 1):
        for start in range(len(word) - length + 1):
            yield start, start + length, framed[start : start + length + 2]


class Noise:
    """Misspells words the way the given misspellings do.

    An edit replaces up to three letters, seen with one neighbour on each side; it is drawn as
    often as it happened among the words in which it could have happened.
    """

    def __init__(self, examples: Iterable[Misspelling]) -> None:
        edits: dict[str, Counter[str]] = defaultdict(Counter)
        chances: Counter[str] = Counter()
        words = set()
        for example in examples:
            words.add(example.word)
            start, right, written = _edit(example.typo, example.word)
            if len(right) <= LONGEST_EDIT and len(written) <= LONGEST_EDIT:
                framed = EDGE + example.word + EDGE
                edits[framed[start : start + len(right) + 2]][written] += 1
        for word in sorted(words):
            chances.update({context for _, _, context in _contexts(word)})
        self._edits = {
            context: (list(counts), list(counts.values())) for context, counts in edits.items()
        }
        self._rates = {
            context: counts.total() / chances[context] for context, counts in edits.items()
        }

    def misspell(self, word: str, draw: random.Random) -> str:
        """Returns `word` with one edit, or unchanged where no edit fits."""
        places = [place for place in _contexts(word) if place[2] in self._rates]
        if not places:
            return word
        rates = [self._rates[context] for _, _, context in places]
        start, end, context = draw.choices(places, rates)[0]
        written = draw.choices(*self._edits[context])[0]
        return word[:start] + written + word[end:]
