"""`python -m model_build.compilers.neuron plan | casts`: what a Neuron build does, without a chip.

`plan` prints key, container, toolchain, grid and command lines of every Inf1 and Inf2 target.
`casts` breaks a shipped classifier so that 16 bits cost it its answers, and lets the search of cast
policies find and mend it.
"""

import argparse
import sys
from pathlib import Path

from catalog.load import ROOT as CATALOG
from catalog.load import load_models
from model_build.compilers.neuron.show import plan_lines
from model_build.key import ROOT


def main() -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(
        prog="python -m model_build.compilers.neuron", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    plan = commands.add_parser("plan", help="print the plan of every Neuron build")
    plan.add_argument("--model", help="of this model alone")
    plan.add_argument("--catalog", type=Path, default=CATALOG, help="such as examples/aws")
    casts = commands.add_parser("casts", help="break a model by casts, and mend it")
    casts.add_argument("--model", default="moderation-text", help="a text classifier")
    casts.add_argument("--precision", choices=("bf16", "fp16"), default="bf16")
    given = parser.parse_args()
    models = load_models(given.catalog if given.command == "plan" else CATALOG)
    if given.command == "plan":
        chosen = {given.model: models[given.model]} if given.model else models
        lines = plan_lines(chosen, ROOT)
    else:
        from model_build.compilers.neuron.demo import demo_lines
        from model_build.sources import load_source
        from model_build.sources.encoder import EncoderSource

        source = load_source(models[given.model], ROOT)
        assert isinstance(source, EncoderSource), "a text classifier"
        lines = demo_lines(models[given.model], source, given.precision)
    for line in lines:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
