"""Spelling: eager Hugging Face `generate` against the CPU engines, 11 tokens in and 9 out, batch 1.

`python -m benchmarks.spelling [--threads N] [--seconds S] [--only t5-small ...]`

The shapes have random weights: they tell speed, not quality. The shipped models are also asked the
golden set's queries through the code that serves, and answer with their exact match beside.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import ctranslate2
import numpy as np
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from benchmarks import shapes
from benchmarks.table import heading, speeds, target
from catalog.load import load_models
from model_build import golden
from model_build.compilers import COMPILERS, blockwise
from model_build.compilers.seq2seq import write
from model_build.gates.speed import torch_threads
from model_build.measure import interleaved
from model_build.sources import load_source
from serving.runtime import load
from serving.runtime.ctranslate2_engine import COMPUTE_TYPES
from serving.runtime.generation.onnxruntime_stepper import OnnxRuntimeStepper, stepper

ROOT = Path(__file__).resolve().parent.parent
INPUT, OUTPUT = 11, 9
PROMPTS = 12
SHAPE_TARGET, SHIPPED_TARGET, AT_LEAST_INT8 = 4.0, 6.0, 0.95
SHAPES: dict[str, Callable[[Path], Path]] = {
    "t5-small": shapes.t5_small,
    "bart-base": shapes.bart_base,
}
SHIPPED = ("spelling-t5", "spelling-bart")
QUERIES = 60


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables, return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spelling", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="of every system (default: 1)")
    parser.add_argument("--seconds", type=float, default=20.0, help="per table (default: 20)")
    parser.add_argument("--only", nargs="+", choices=[*SHAPES, *SHIPPED], default=None)
    options = parser.parse_args(argv)
    verdicts = []
    for name in options.only or [*SHAPES, *SHIPPED]:
        measure = _shape if name in SHAPES else _shipped
        with tempfile.TemporaryDirectory() as scratch, torch_threads(options.threads):
            verdicts += measure(name, Path(scratch), options.threads, options.seconds)
    return 0 if all(verdicts) else 1


def _shape(name: str, scratch: Path, threads: int, seconds: float) -> list[bool]:
    folder = SHAPES[name](scratch / "source")
    tokenizer = _tokenizer(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    ids = [
        tokenizer(" ".join(shapes.words(INPUT - 1 + shift)[shift:])).input_ids
        for shift in range(PROMPTS)
    ]
    assert all(len(row) == INPUT for row in ids), "a prompt has another length than stated"
    calls: dict[str, Callable[[list[int]], list[int]]] = {"eager": partial(_eager, model)}
    for precision in COMPUTE_TYPES:
        directory = scratch / precision
        write(folder, precision, directory)
        translator = ctranslate2.Translator(
            str(directory), compute_type=COMPUTE_TYPES[precision], intra_threads=threads
        )
        calls[f"ctranslate2-{precision}"] = partial(_translate, translator, tokenizer)
    blocks = scratch / "blocks"
    blocks.mkdir()
    blockwise.write(model, OUTPUT, blocks)
    calls["onnxruntime-steps-int8"] = partial(_steps, stepper(blocks, threads))
    expected = [calls["eager"](row) for row in ids]
    notes = {}
    for system, call in calls.items():
        same = sum(call(row) == right for row, right in zip(ids, expected, strict=True))
        notes[system] = f"{same} of {PROMPTS}"
    samples = interleaved(
        {system: partial(call, ids[0]) for system, call in calls.items()}, seconds=seconds
    )
    setting = f"batch 1, {INPUT} tokens in, {OUTPUT} out, greedy, threads {threads} everywhere"
    print(heading(f"Spelling, shape of {name}, random weights", setting))
    print(speeds(samples, notes, "equal to eager"))
    best = min((system for system in samples if "int8" in system), key=lambda s: median(samples[s]))
    ratio = median(samples["eager"]) / median(samples[best])
    line, met = target(f"{name}: eager over {best}", ratio, SHAPE_TARGET)
    print(line + "\n")
    return [met]


def _shipped(name: str, scratch: Path, threads: int, seconds: float) -> list[bool]:
    spec = load_models()[name]
    source: Any = load_source(spec, ROOT)
    result = COMPILERS["cpu"].compile(spec, spec.target("cpu"), source, scratch)
    shipped = f"shipped ({result.engine} {result.precision})"
    models: dict[str, Callable[[Sequence[Any]], list[Any]]] = {
        "eager": source.predict,
        "ctranslate2-int8": load(scratch / "ctranslate2-int8", threads=threads).predict,
        shipped: load(result.directory, threads=threads).predict,
    }
    questions = golden.load(spec.gates.golden)
    step = len(questions.inputs) // QUERIES
    inputs, expected = questions.inputs[::step], questions.expected[::step]
    notes = {}
    for system, predict in models.items():
        hits = sum(a == b for a, b in zip(predict(inputs), expected, strict=True))
        notes[system] = f"{hits / len(inputs):.3f}"
    query = _query(source, inputs)
    samples = interleaved(
        {system: partial(predict, [query]) for system, predict in models.items()}, seconds=seconds
    )
    setting = f"batch 1, the query {query!r}, as served, threads {threads} everywhere"
    print(heading(f"Spelling, shipped model {name}", setting))
    print(speeds(samples, notes, f"exact match, {len(inputs)} queries"))
    medians = {system: median(values) for system, values in samples.items()}
    lines = (
        target(f"{name}: eager over shipped", medians["eager"] / medians[shipped], SHIPPED_TARGET),
        target(
            f"{name}: CTranslate2 INT8 over shipped",
            medians["ctranslate2-int8"] / medians[shipped],
            AT_LEAST_INT8,
        ),
    )
    print("\n".join(line for line, _ in lines) + "\n")
    return [met for _, met in lines]


def _query(source: Any, inputs: Sequence[str]) -> str:
    """Return the golden query whose number of tokens is nearest to the stated one."""
    tokenizer = _tokenizer(source.folder)

    def distance(text: str) -> int:
        return abs(len(tokenizer(text).input_ids) - INPUT)

    return min(inputs, key=distance)


def _tokenizer(folder: Path) -> Any:
    untyped: Any = AutoTokenizer  # transformers leaves its methods untyped
    return untyped.from_pretrained(folder)


def _eager(model: Any, ids: list[int]) -> list[int]:
    with torch.inference_mode():
        rows = model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            max_new_tokens=OUTPUT,
            min_new_tokens=OUTPUT,
            num_beams=1,
            do_sample=False,
        )
    answer: list[int] = rows[0, 1:].tolist()
    return answer


def _steps(stepper: OnnxRuntimeStepper, ids: list[int]) -> list[int]:
    table = np.array([ids])
    stepper.begin(table, np.ones_like(table))
    for _ in range(OUTPUT):
        stepper.step()
    answer: list[int] = stepper.answer()[0].tolist()
    return answer


def _translate(translator: Any, tokenizer: Any, ids: list[int]) -> list[int]:
    (result,) = translator.translate_batch(
        [tokenizer.convert_ids_to_tokens(ids)],
        beam_size=1,
        max_decoding_length=OUTPUT,
        min_decoding_length=OUTPUT,
    )
    answer: list[int] = tokenizer.convert_tokens_to_ids(result.hypotheses[0])
    return answer


if __name__ == "__main__":
    sys.exit(main())
