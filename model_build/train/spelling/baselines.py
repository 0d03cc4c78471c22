"""What a dictionary lookup makes of the same queries: the corrections to beat."""

from importlib.resources import files

from symspellpy import SymSpell, Verbosity

from model_build.data.misspellings import misspellings
from model_build.data.vocabulary import WORDS

EDIT_DISTANCE = 2


class TableLookup:
    """Replaces each word that the training misspellings list."""

    def __init__(self) -> None:
        self._right = {example.typo: example.word for example in misspellings("train")}

    def correct(self, queries: list[str]) -> list[str]:
        """Returns the queries with known misspellings replaced."""
        return [" ".join(self._right.get(w, w) for w in query.split()) for query in queries]


class SymSpellLookup:
    """Replaces each word by the most frequent of the closest dictionary words."""

    def __init__(self) -> None:
        self._index = SymSpell(max_dictionary_edit_distance=EDIT_DISTANCE)
        self._index.load_dictionary(files("symspellpy") / WORDS, term_index=0, count_index=1)

    def correct(self, queries: list[str]) -> list[str]:
        """Returns the queries with each word replaced by SymSpell's top suggestion."""
        return [" ".join(map(self._word, query.split())) for query in queries]

    def _word(self, word: str) -> str:
        if word.isdigit():
            return word
        found = self._index.lookup(word, Verbosity.TOP, EDIT_DISTANCE)
        return str(found[0].term) if found else word
