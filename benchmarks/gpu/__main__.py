"""Speed on a GPU, every system in one run: `python -m benchmarks.gpu --out results.json`.

T5-small, T5-base, BART-base (11 tokens in, 9 out) and MiniLM (16 tokens), as to size, with random
weights: eager PyTorch, torch.compile, CUDA graphs, ONNX Runtime, CTranslate2 and TensorRT (or
TensorRT-RTX), those that are installed; then dynamic batching against none, where this is the
serving image. It writes JSON with the machine and a plot beside it, and exits with 1 where a target
is missed, 2 where there is no GPU.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gpu.machine import NoGpu, machine
from benchmarks.gpu.report import plot, table, targets
from benchmarks.gpu.shapes import MODELS

SECONDS_OF_BATCHING = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write, print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--model", action="append", choices=list(MODELS), help="default: all")
    parser.add_argument("--batch", action="append", type=int, help="default: 1, 8, 32")
    parser.add_argument("--system", action="append", default=[], help="default: all")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each shape and batch")
    parser.add_argument("--out", type=Path, default=Path("gpu.json"))
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--tiny", action="store_true", help="small layers, to try the code")
    options = parser.parse_args(argv)
    try:
        found = machine(options.device)
    except NoGpu as error:
        print(error, file=sys.stderr)
        return 2
    from benchmarks.gpu.run import measure

    result = measure(
        options.model or list(MODELS), options.batch or [1, 8, 32], options.device,
        tiny=options.tiny, seconds=options.seconds, systems=options.system,
    )  # fmt: skip
    reached = targets(result["rows"])
    document = {
        "command": f"python -m benchmarks.gpu {' '.join(argv or sys.argv[1:])}".strip(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "tiny": options.tiny,
        "machine": found,
        **result,
        "targets": reached,
        "batching": batched(options.device),
    }
    options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    name = found.get("gpu", {}).get("name", "CPU, tiny layers: no measurement")
    plot(result["rows"], options.out.with_suffix(".png"), name)
    print(table(result["rows"]))
    for item in reached:
        words = {True: "met", False: "MISSED", None: "not measured"}[item["met"]]
        print(f"{words}: {item['target']}: {item['reached']} (target {item['least']:g})")
    print(f"dynamic batching: {document['batching']}")
    return int(any(item["met"] is False for item in reached))


def batched(device: str) -> dict[str, Any]:
    """Return what dynamic batching is worth on the GPU through Triton, or why it was not run."""
    if device != "cuda":
        return {"not run": "there is no GPU"}
    from benchmarks.batching import measured
    from catalog.load import load_models

    spec = load_models()["embedding"]
    try:
        return measured(spec, spec.target("g5"), SECONDS_OF_BATCHING)
    except Exception as error:  # no TensorRT or no Triton here: the rest is worth keeping
        return {"not run": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    sys.exit(main())
