"""`python -m model_build.train NAME [--quick] [--out DIR]`: remake one model's weights."""

import argparse
import sys
import time
from pathlib import Path

from model_build.train.recipes import RECIPES, WEIGHTS


def main(arguments: list[str] | None = None) -> int:
    """Run the recipe named on the command line and print its wall time."""
    parser = argparse.ArgumentParser(prog="python -m model_build.train", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(RECIPES), help="the recipe to run")
    parser.add_argument("--quick", action="store_true", help="about a minute, a weaker model")
    parser.add_argument("--out", type=Path, help="target folder (default: the shipped weights)")
    options = parser.parse_args(arguments)
    if options.name is None:
        for recipe in RECIPES.values():
            print(f"{recipe.name:16} {recipe.summary}")
        return 0
    if options.quick and options.out is None:
        parser.error("--quick makes a weaker model: give --out, so that the shipped one stays")
    started = time.monotonic()
    RECIPES[options.name].run(options.out or WEIGHTS / options.name, quick=options.quick)
    print(f"{options.name}: trained in {time.monotonic() - started:.0f} s wall time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
