"""Word vectors made of letters: a large vocabulary that takes little room and learns quickly.

A model that writes whole words has one vector per word. Here the vector of a word is the sum of
the learned vectors of its groups of letters, so that a training step on one word teaches all words
that share letters with it, and only the vectors of the groups need be kept.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

MARK = "\u2581"
"""Begins each word of the vocabulary; a token that does not, or is nothing else, is no word."""

PLACES = tuple("\u2460\u2461\u2462\u2463\u2464\u2465")
"""Stand before the first six words that a model reads; `MARK` stands before later ones.

The model finds the word that it has to write next by its mark, and need not learn to count. A
user's own circled number never gets there: NFKD makes a plain digit of it.
"""

LONGEST_GROUP = 3
RAREST_GROUP = 6
"""A group of three letters counts if at least this many words have it."""
SHARES = {1: 0.7, 2: 1.0, 3: 1.0}
"""How much groups of each length count; the squares of a word's weights sum to one."""


def is_word(token: str) -> bool:
    """Returns whether a token stands for a whole word."""
    return len(token) > 1 and token.startswith(MARK)


def letter_features(tokens: Sequence[str]) -> csr_matrix:
    """Returns the letter groups of each token, float32 (tokens, groups).

    A token that is no word has a group of its own. The groups depend on `tokens` alone.
    """
    groups = [_groups(token) if is_word(token) else Counter([(token,)]) for token in tokens]
    seen: Counter[str | tuple[str]] = Counter(group for one in groups for group in one)
    kept = sorted((g for g in seen if len(g) < LONGEST_GROUP or seen[g] >= RAREST_GROUP), key=str)
    column = {group: index for index, group in enumerate(kept)}
    rows, columns, values = [], [], []
    for row, one in enumerate(groups):
        weights = {
            column[g]: (SHARES[len(g)] if isinstance(g, str) else 1.0) * count**0.5
            for g, count in one.items()
            if g in column
        }
        length = sum(weight**2 for weight in weights.values()) ** 0.5
        rows += [row] * len(weights)
        columns += list(weights)
        values += [weight / length for weight in weights.values()]
    shape = (len(tokens), len(kept))
    return csr_matrix((np.array(values, np.float32), (rows, columns)), shape=shape)


def _groups(token: str) -> Counter[str]:
    framed = token + MARK
    found = Counter(
        framed[start : start + length]
        for length in range(1, LONGEST_GROUP + 1)
        for start in range(len(framed) - length + 1)
    )
    del found[MARK]
    return found


def word_vectors(
    features: csr_matrix,
    groups: NDArray[np.float32],
    commonness: NDArray[np.float32],
    direction: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Returns the vector of each token, float32 (tokens, width).

    Args:
        features: See `letter_features`.
        groups: The vector of each group, (groups, width).
        commonness: How likely each token is beforehand, (tokens).
        direction: The direction of the vectors that `commonness` acts along, (width).
    """
    vectors: NDArray[np.float32] = features @ groups + np.outer(commonness, direction)
    return vectors
