"""Hold the step graphs to the source's tokens on the golden set, by ONNX Runtime on the CPU.

`python -m model_build.compilers.tensorrt.tokens [--precision fp16] [--beams 1 --beams 4]` says for
each spelling model how many golden questions are answered with exactly the tokens that Hugging
Face's `generate` writes, in batches of texts of unequal length, and exits with 1 where one is not.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catalog.load import load_models
from catalog.spec import ModelSpec
from model_build import golden
from model_build.compilers.contract import Candidate
from model_build.compilers.describe import describe
from model_build.compilers.tensorrt.graphs.export import export
from model_build.compilers.tensorrt.plans import PLACES
from model_build.key import ROOT
from model_build.sources import load_source
from serving.runtime import load
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS, OUTPUT_IDS

BATCH = 16
ENGINE = "onnxruntime-steps"
Table = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Line:
    """How many of a model's golden questions got exactly the source's tokens; others by text."""

    model: str
    beams: int
    questions: int
    equal: int
    different: tuple[str, ...]


def compare(
    spec: ModelSpec,
    source: Any,
    beams: int,
    questions: Sequence[str],
    folder: Path,
    precision: str = "fp32",
) -> Line:
    """Generate with the step graphs and with the source.

    Args:
        spec: A seq2seq row; its CPU target says how it is described.
        source: The Hugging Face model, as `load_source` returns it.
        beams: 1 is greedy.
        questions: Texts.
        folder: Where the graphs go; must exist and be empty.
        precision: Of the graphs: `fp32`, or `fp16` with its float32 islands, as engines are built.
    """
    steps = spec.limits.max_output_tokens or 0
    export(source.module, folder, precision=precision, beams=beams, steps=steps, places=PLACES)
    target = spec.targets[0]
    target = target.model_copy(update={"options": target.options.model_copy(
        update={"beams": beams})})  # fmt: skip
    describe(spec, target, source, Candidate(ENGINE, precision, lambda _: None), folder)
    model = load(folder, threads=1)
    ends = source.module.generation_config.eos_token_id
    different: list[str] = []
    for start in range(0, len(questions), BATCH):
        texts = questions[start : start + BATCH]
        tensors = model.preprocess(texts)
        ours = ended(model.infer(tensors)[OUTPUT_IDS], steps, ends)
        theirs = ended(generated(source.module, tensors, beams, steps), steps, ends)
        same = (ours == theirs).all(axis=1)
        different += [text for text, equal in zip(texts, same, strict=True) if not equal]
    total = len(questions)
    return Line(spec.name, beams, total, total - len(different), tuple(different))


def generated(module: Any, tensors: Any, beams: int, steps: int) -> Table:
    """Return the ids that Hugging Face writes after the first."""
    import torch

    with torch.inference_mode():
        made = module.generate(
            input_ids=torch.from_numpy(tensors[INPUT_IDS]),
            attention_mask=torch.from_numpy(tensors[ATTENTION_MASK]),
            max_new_tokens=steps, max_length=None, num_beams=beams, do_sample=False,
        )  # fmt: skip
    rows: Table = made[:, 1:].numpy()
    return rows


def ended(made: Table, steps: int, end: int) -> Table:
    """Return rows of one width with nothing after their end, which either side fills its way."""
    whole = np.zeros((len(made), steps), np.int64)
    whole[:, : made.shape[1]] = made[:, :steps]
    after = np.cumsum(whole == end, axis=1) - (whole == end) > 0
    return np.where(after, 0, whole)


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print, return 1 where a token differs."""
    parser = argparse.ArgumentParser(
        prog="python -m model_build.compilers.tensorrt.tokens", description=__doc__
    )
    parser.add_argument("--model", action="append", help="this one alone; may be repeated")
    parser.add_argument("--questions", type=int, default=200, help="of each golden set")
    parser.add_argument("--beams", type=int, action="append", help="default: 1 (greedy) and 4")
    parser.add_argument("--precision", default="fp32", choices=("fp32", "fp16"))
    options = parser.parse_args(argv)
    lines = []
    for name, spec in sorted(load_models().items()):
        if spec.task != "seq2seq" or name not in (options.model or [name]):
            continue
        source = load_source(spec, ROOT)
        inputs = [str(text) for text in golden.load(spec.gates.golden).inputs]
        every = max(1, len(inputs) // options.questions)
        for beams in options.beams or [1, 4]:
            with tempfile.TemporaryDirectory(prefix="slipway-tokens-") as folder:
                asked = inputs[::every][: options.questions]
                lines.append(compare(spec, source, beams, asked, Path(folder), options.precision))
            line = lines[-1]
            print(f"{line.model}, {options.precision}, {line.beams} beams: {line.equal} of"
                  f" {line.questions} golden questions token by token as the source{_but(line)}",
                  flush=True)  # fmt: skip
    return int(any(line.different for line in lines))


def _but(line: Line) -> str:
    return f"; not: {', '.join(line.different[:5])}" if line.different else ""


if __name__ == "__main__":
    sys.exit(main())
