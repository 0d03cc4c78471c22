"""The words worth comparing for a query: those that share letters with it.

A model that writes whole words compares each step with every word of its vocabulary, and that
takes most of a step's time. CTranslate2 can be told by a vocabulary map which tokens go with which
groups of source tokens; everything else is then left out, for the query as a whole.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_build.sources.letters import MARK, PLACES, is_word

END = "</s>"
GROUPS = (2, 3, 4)
"""Lengths of the groups of letters; of those of two, only the beginnings and ends of words."""
AT_MOST = 100
"""Words of one group: the first ones, since a vocabulary names the frequent words first."""
ALWAYS = 150
"""The most frequent words, which are always compared."""


def write_shortlist(tokens: Sequence[str], path: Path) -> bool:
    """Writes the map in CTranslate2's format, if the model reads letters and writes words.

    Args:
        tokens: The vocabulary, the frequent words first.
        path: The file to write.

    Returns:
        Whether it was written.
    """
    if PLACES[0] not in tokens:
        return False
    words = [token for token in tokens if is_word(token)]
    with path.open("w", encoding="utf-8") as file:
        always = [token for token in tokens if not is_word(token)] + words[:ALWAYS]
        file.write("\t" + " ".join(always) + "\n")
        for group, found in _words_by_group(words).items():
            for source in _sources(group):
                file.write(" ".join(source) + "\t" + " ".join(found) + "\n")
    return True


def _words_by_group(words: Sequence[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = defaultdict(list)
    for word in words:
        framed = word + MARK
        groups = (
            framed[start : start + length]
            for length in GROUPS
            for start in range(len(framed) - length + 1)
        )
        for group in dict.fromkeys(groups):
            if len(index[group]) < AT_MOST and (len(group) > 2 or MARK in group):
                index[group].append(word)
    return {group: found for group, found in index.items() if found}


def _sources(group: str) -> Iterator[list[str]]:
    """Yields the runs of source tokens that show a group: any mark may stand at its edges."""
    befores = (MARK, *PLACES) if group.startswith(MARK) else ("",)
    afters = (MARK, *PLACES, END) if group.endswith(MARK) else ("",)
    for before in befores:
        for after in afters:
            yield [token for token in (before, *group.strip(MARK), after) if token]
