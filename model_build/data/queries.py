"""Search-like queries, misspelled, with what was meant: for training and held out."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from model_build.data.decency import decent
from model_build.data.misspellings import Misspelling, Part, misspellings
from model_build.data.noise import Noise
from model_build.data.phrases import Phrases, Words
from model_build.data.vocabulary import frequencies

MISSPELLED, MISSPELLED_SINGLE = 0.6, 1.0
REAL = 0.5
TWO_EDITS = 0.18
NUMBER = 0.08
LONG, LONGEST = 0.08, 8
"""The share of training queries that are made of several phrases, and their most words."""


@dataclass(frozen=True)
class Query:
    """What was typed and what was meant."""

    typed: str
    meant: str


@dataclass(frozen=True)
class Mix:
    """What training queries are made of.

    Attributes:
        single: The share of queries that are one word.
        clean: The share in which nothing is misspelled.
    """

    single: float
    clean: float


HARD = Mix(single=0.4, clean=0.15)
"""Learns words fast."""
USUAL = Mix(single=0.35, clean=0.4)
"""Learns to leave right words alone."""


class TrainingQueries:
    """An endless stream of training queries, the same for the same seed.

    Words of the test and validation parts occur (they are in the vocabulary), also with invented
    misspellings; their real misspellings never do.
    """

    def __init__(self) -> None:
        self._noise = Noise(misspellings("train"))
        self._real = _by_word(misspellings("train"))
        held_out = misspellings("test") + misspellings("validation")
        self._forbidden = {example.typo for example in held_out}

    def stream(self, seed: int, hard: int = 0) -> Iterator[Query]:
        """Yields queries for ever, the first `hard` ones mixed as HARD, the others as USUAL."""
        draw = random.Random(seed)  # reproducible on purpose
        phrases, single = Phrases(), Words()
        for number in count():
            mix = HARD if number < hard else USUAL
            if draw.random() < mix.single:
                words, misspelled = [single.draw(draw)], MISSPELLED_SINGLE
            else:
                words, misspelled = phrases.draw(draw), MISSPELLED
                if draw.random() < LONG:
                    words = [*words, *phrases.draw(draw), *phrases.draw(draw)][:LONGEST]
            if draw.random() < mix.clean:
                misspelled = 0.0
            typed = [
                self._misspell(word, draw) if draw.random() < misspelled * _risk(word) else word
                for word in words
            ]
            if draw.random() < NUMBER:
                digits = str(draw.randrange(10 ** draw.randint(1, 4)))
                place = draw.randint(0, len(words))
                words.insert(place, digits)
                typed.insert(place, digits)
            yield Query(" ".join(typed), " ".join(words))

    def _misspell(self, word: str, draw: random.Random) -> str:
        if word in self._real and draw.random() < REAL:
            return draw.choice(self._real[word])
        typed = self._noise.misspell(word, draw)
        if typed and draw.random() < TWO_EDITS:
            typed = self._noise.misspell(typed, draw)
        if not typed or typed in self._forbidden or typed in frequencies():
            return word
        return typed


def held_out_queries(part: Part, *, misspelled: int, clean: int, seed: int) -> list[Query]:
    """Returns distinct queries, first those with real misspellings of `part`, then clean ones.

    A misspelled query is a phrase in which each word that has misspellings in `part` is
    misspelled; the words around it are right. No word is misspelled in more than two queries.
    Phrases with sexual or offensive words are left out.
    """
    draw = random.Random(seed)  # reproducible on purpose
    real = _by_word(misspellings(part))
    used: Counter[str] = Counter()
    phrases = Phrases()
    wrong: dict[str, Query] = {}
    right: dict[str, Query] = {}
    while len(wrong) < misspelled or len(right) < clean:
        words = phrases.draw(draw)
        if not decent(words):
            continue
        meant = " ".join(words)
        targets = [word for word in words if word in real]
        if targets:
            typed = [draw.choice(real[word]) if word in real else word for word in words]
            if len(wrong) < misspelled and meant not in wrong and max(used[t] for t in targets) < 2:
                used.update(targets)
                wrong[meant] = Query(" ".join(typed), meant)
        elif len(right) < clean:
            right.setdefault(meant, Query(meant, meant))
    return [*wrong.values(), *right.values()]


def _risk(word: str) -> float:
    """Returns how likely `word` is to be misspelled, beside a long one: short words seldom are."""
    return min(1.0, (len(word) - 1) / 5)


def _by_word(examples: tuple[Misspelling, ...]) -> dict[str, list[str]]:
    typos: dict[str, list[str]] = {}
    for example in examples:
        typos.setdefault(example.word, []).append(example.typo)
    return typos
