"""The golden set of spelling queries: held-out real misspellings, and queries to leave alone.

Made at run time from the installed packages `codespell` (GPL-2.0-only; never copied) and
`symspellpy` (MIT), always the same. The misspelled words are of families whose misspellings no
recipe trains on.
"""

from model_build.data.queries import held_out_queries
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

MISSPELLED = 300
CLEAN = 100
SEED = 7
LICENCE = "GPL-2.0-only AND MIT"


def build(name: str) -> GoldenSet:
    """Returns the set: 300 queries with a misspelled word, then 100 that are right as they are."""
    queries = held_out_queries("test", misspelled=MISSPELLED, clean=CLEAN, seed=SEED)
    return golden_set(
        name,
        "seq2seq",
        [query.typed for query in queries],
        [query.meant for query in queries],
        licence=LICENCE,
    )
