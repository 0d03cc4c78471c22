"""Embedding: eager PyTorch against the compiled model, batch 1 x 16 tokens.

`python -m benchmarks.embedding [--threads N] [--seconds S]`
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.table import heading, speeds, target
from catalog.load import load_models
from model_build import golden
from model_build.compilers import COMPILERS
from model_build.compilers.fidelity import cosines
from model_build.gates.speed import torch_threads
from model_build.measure import interleaved
from model_build.sources import load_source
from serving.runtime import load

ROOT = Path(__file__).resolve().parent.parent
TEXT = "what will the weather be like in rome on monday and in paris later"
TOKENS = 16
SPEED_TARGET, COSINE_TARGET = 2.7, 0.99
QUESTIONS = 150


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a table, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedding", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of every system (default: 1)")
    parser.add_argument("--seconds", type=float, default=10.0, help="default: 10")
    options = parser.parse_args(argv)
    spec = load_models()["embedding"]
    source = load_source(spec, ROOT)
    with tempfile.TemporaryDirectory() as scratch, torch_threads(options.threads):
        result = COMPILERS["cpu"].compile(spec, spec.target("cpu"), source, Path(scratch))
        names = [f"{row['engine']}-{row['precision']}" for row in result.alternatives]
        models = {name: load(Path(scratch) / name, threads=options.threads) for name in names}
        shipped = models[f"{result.engine}-{result.precision}"]
        length = shipped.preprocess([TEXT])["input_ids"].shape[1]
        assert length == TOKENS, f"the text has {length} tokens, not {TOKENS}"
        inputs = golden.load(spec.gates.golden).inputs[:QUESTIONS]
        expected = np.stack(source.predict(inputs))
        likeness = {
            name: float(cosines(expected, np.stack(model.predict(inputs))).mean())
            for name, model in models.items()
        }
        calls = {name: partial(model.predict, [TEXT]) for name, model in models.items()}
        samples = interleaved(
            {"eager": partial(source.predict, [TEXT]), **calls}, seconds=options.seconds
        )
    setting = f"batch 1 x {TOKENS} tokens, text to vector, threads {options.threads} everywhere"
    print(heading("Embedding, MiniLM-L6", setting))
    notes = {name: f"{value:.4f}" for name, value in likeness.items()}
    print(speeds(samples, notes, f"mean cosine to eager, {len(inputs)} texts"))
    chosen = f"{result.engine}-{result.precision}"
    lines = (
        target(
            f"eager over shipped ({chosen})",
            median(samples["eager"]) / median(samples[chosen]),
            SPEED_TARGET,
        ),
        target("mean cosine of the shipped model", likeness[chosen], COSINE_TARGET),
    )
    print("\n".join(line for line, _ in lines))
    return 0 if all(met for _, met in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
