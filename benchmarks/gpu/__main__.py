"""Speed on a GPU, every system in one run: `python -m benchmarks.gpu --out results.json`.

T5-small, T5-base, BART-base (11 tokens in, 9 out) and MiniLM (16 tokens), as to size, with random
weights: eager PyTorch, torch.compile, CUDA graphs, ONNX Runtime, CTranslate2 and TensorRT (or
TensorRT-RTX), those that are installed; then dynamic batching against none, where this is the
serving image. It writes JSON with the machine, anew after each shape, and a plot beside it; and
exits with 1 where a target is missed, 2 where there is no GPU.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gpu.machine import NoGpu, machine
from benchmarks.gpu.report import plot, table
from benchmarks.gpu.shapes import MODELS
from benchmarks.gpu.verdicts import of_batching, of_speed

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

    about = {
        "command": f"python -m benchmarks.gpu {' '.join(argv or sys.argv[1:])}".strip(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "tiny": options.tiny,
        "machine": found,
    }
    result = measure(
        options.model or list(MODELS), options.batch or [1, 8, 32], options.device,
        tiny=options.tiny, seconds=options.seconds, systems=options.system,
        keep=lambda part: write(options.out, {**about, "complete": False, **part}),
    )  # fmt: skip
    batching = batched(options.device)
    verdicts = [*of_speed(result["rows"]), *of_batching(batching)]
    write(options.out, {
        **about, "complete": True, **result, "batching": batching,
        "targets": [asdict(verdict) for verdict in verdicts],
    })  # fmt: skip
    name = found.get("gpu", {}).get("name", "CPU, tiny layers: no measurement")
    plot(result["rows"], options.out.with_suffix(".png"), name)
    print(table(result["rows"]))
    for verdict in verdicts:
        print(verdict)
    return int(any(verdict.met is False for verdict in verdicts))


def write(path: Path, document: dict[str, Any]) -> None:
    """Write JSON so that a process that ends here leaves the former document whole.

    NaN, which JSON does not have, becomes null.
    """
    plain = json.loads(json.dumps(document), parse_constant=lambda _: None)
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def batched(device: str) -> dict[str, Any]:
    """Return what dynamic batching is worth on the GPU through Triton, or why it was not run.

    `least` is the gain that is asked of it.
    """
    if device != "cuda":
        return {"not run": "there is no GPU"}
    try:
        from benchmarks.batching import GAIN, measured
        from catalog.load import load_models

        spec = load_models()["embedding"]
        return {**measured(spec, spec.target("g5"), SECONDS_OF_BATCHING), "least": GAIN}
    except Exception as error:  # no TensorRT or no Triton here: the rest is worth keeping
        return {"not run": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    sys.exit(main())
