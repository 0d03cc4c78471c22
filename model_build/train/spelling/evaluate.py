"""`python -m model_build.train.spelling.evaluate`: the models beside dictionary lookups."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from model_build.data.misspellings import misspellings
from model_build.data.queries import Query, held_out_queries
from model_build.train.recipes import WEIGHTS
from model_build.train.spelling.baselines import SymSpellLookup, TableLookup
from model_build.train.spelling.correct import Corrector, Corrects, exact

SEED = 11
HEADER = ("corrector", "held-out words", "misspelled queries", "clean queries kept")


@dataclass(frozen=True)
class Score:
    """Shares of exactly right answers, 0 to 1."""

    words: float
    queries: float
    clean: float

    def row(self, name: str) -> tuple[str, ...]:
        """Returns the row of the printed table."""
        return (name, *(f"{100 * share:.1f} %" for share in (self.words, self.queries, self.clean)))


def evaluate(corrector: Corrects, count: int = 1000) -> Score:
    """Scores a corrector on `count` held-out words, misspelled queries and clean queries each."""
    examples = misspellings("test")
    stride = max(1, len(examples) // count)
    words = [Query(example.typo, example.word) for example in examples[::stride]][:count]
    queries = held_out_queries("test", misspelled=count, clean=count, seed=SEED)
    return Score(
        exact(corrector, words),
        exact(corrector, queries[:count]),
        exact(corrector, queries[count:]),
    )


def main(arguments: list[str] | None = None) -> int:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="held-out examples of each kind")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of the models")
    options = parser.parse_args(arguments)
    correctors: dict[str, Corrects] = {
        "lookup in the training misspellings": TableLookup(),
        "SymSpell (edit distance 2)": SymSpellLookup(),
    }
    for folder in sorted(options.weights.glob("spelling-*")):
        correctors[folder.name] = Corrector.from_folder(folder)
    rows = [evaluate(corrector, options.count).row(name) for name, corrector in correctors.items()]
    for row in (HEADER, ("---",) * len(HEADER), *rows):
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
