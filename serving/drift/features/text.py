"""Features of texts: how long, in which script, how much of it the tokenizer knows."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from tokenizers import Tokenizer

from serving.drift.features import Numbers, Table

MAX_CHARACTERS = 4_096
NO_SCRIPT = "none"


@lru_cache(maxsize=16)
def _tokenizer(document: str) -> Tokenizer:
    made = Tokenizer.from_str(document)
    made.no_padding()
    made.no_truncation()
    return made


def text_features(texts: Sequence[str], tokenizer: str, prefix: str = "") -> Table:
    """Return `length`, `words`, `tokens`, `out_of_vocabulary` and `script`.

    Out of vocabulary is the share of words that are not one token each: misspellings, foreign
    words, serial numbers. A model's own tokenizer decides, for it is the model that must read them.
    """
    shown = [text[:MAX_CHARACTERS] for text in texts]
    made = _tokenizer(tokenizer)
    words = [text.split() for text in shown]
    known = _known({word for row in words for word in row}, made)
    tokens = [len(item.ids) for item in made.encode_batch(shown, add_special_tokens=False)]
    strange = [sum(not known[word] for word in row) / len(row) if row else 0.0 for row in words]
    return Table(
        {
            f"{prefix}length": _numbers([len(text) for text in texts]),
            f"{prefix}words": _numbers([len(row) for row in words]),
            f"{prefix}tokens": _numbers(tokens),
            f"{prefix}out_of_vocabulary": _numbers(strange),
        },
        {f"{prefix}script": [script(text) for text in shown]},
    )


def script(text: str) -> str:
    """Return the script of most letters: `latin`, `cyrillic`, `cjk`, ...; `none` without any."""
    found = Counter(_script(character) for character in text if character.isalpha())
    return found.most_common(1)[0][0] if found else NO_SCRIPT


@lru_cache(maxsize=65_536)
def _script(letter: str) -> str:
    return unicodedata.name(letter, NO_SCRIPT).split()[0].lower()


def _known(words: set[str], tokenizer: Tokenizer) -> dict[str, bool]:
    unknown = {tokenizer.token_to_id(token) for token in ("[UNK]", "<unk>")}
    order = sorted(words)
    coded = tokenizer.encode_batch(order, add_special_tokens=False)
    return {
        word: len(item.ids) == 1 and item.ids[0] not in unknown
        for word, item in zip(order, coded, strict=True)
    }


def _numbers(values: Sequence[float]) -> Numbers:
    return np.asarray(values, np.float32)
