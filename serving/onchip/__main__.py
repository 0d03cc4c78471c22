"""`python -m serving.onchip`: ask a compiled model on the chip of this host.

  python -m serving.onchip --model DIRECTORY --questions questions.json --out answers.json

Exit code 5: there is no chip, or it is not the one that the model is compiled for; 1: the model
cannot be loaded or fails. Nothing but a chip is measured: a CPU that stood in for it would prove
nothing.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from serving.onchip.ask import ask
from serving.onchip.host import NoChip, describe
from serving.onchip.questions import Questions
from serving.runtime import CorruptArtifact, load
from serving.runtime.neuron_engine import WrongToolchain

FAILED, NO_CHIP = 1, 5


def main(arguments: Sequence[str] | None = None, devices: Path = Path("/dev")) -> int:
    """Run; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m serving.onchip", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the compiled model directory")
    parser.add_argument("--questions", type=Path, required=True, help="what it is asked")
    parser.add_argument("--out", type=Path, required=True, help="where the answers go")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads beside the chip")
    given = parser.parse_args(arguments)
    try:
        host = describe(given.model, devices)
        model = load(given.model, threads=given.threads)
    except (NoChip, WrongToolchain) as error:
        print(f"onchip: {error}", file=sys.stderr)
        return NO_CHIP
    except CorruptArtifact as error:
        print(f"onchip: {error}", file=sys.stderr)
        return FAILED
    questions = Questions.from_json(json.loads(given.questions.read_text(encoding="utf-8")))
    answered = ask(model.predict, questions)
    given.out.write_text(json.dumps({"host": host, **answered}) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
