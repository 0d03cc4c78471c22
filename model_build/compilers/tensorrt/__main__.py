"""Build every NVIDIA artifact's engines on this machine and print what they are.

`python -m model_build.compilers.tensorrt [--model NAME] [--precision fp16] [--json FILE]`

With TensorRT-RTX it needs no GPU: the engines are real ones for the target's architecture, named
for what built them. They prove shapes, layers, operators and sizes, and no speed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from catalog.instances import instance
from catalog.load import load_models
from catalog.spec import ModelSpec, Target
from model_build.compilers.tensorrt.api import Api, MissingTensorRt, find
from model_build.compilers.tensorrt.write import Line, write
from model_build.key import ROOT
from model_build.sources import load_source

INSTANCE = "ml.g5.xlarge"


def main(argv: Sequence[str] | None = None) -> int:
    """Build, print a table; return 1 where it took too long, 2 where there is no TensorRT."""
    parser = argparse.ArgumentParser(
        prog="python -m model_build.compilers.tensorrt", description=__doc__
    )
    parser.add_argument("--model", action="append", help="build this one alone; may be repeated")
    parser.add_argument("--precision", default="fp16", choices=("fp32", "fp16", "bf16"))
    parser.add_argument("--json", type=Path, help="write the table there too")
    parser.add_argument("--within", type=float, default=120.0, help="seconds in all; 1 if longer")
    options = parser.parse_args(argv)
    try:
        api = find()
    except MissingTensorRt as error:
        print(error, file=sys.stderr)
        return 2
    started = monotonic()
    lines = []
    for name, spec in sorted(load_models().items()):
        targets = [target for target in spec.targets if target.accelerator == "g5"]
        if targets and name in (options.model or [name]):
            lines += _build(spec, targets[0], options.precision, api)
    seconds = monotonic() - started
    print(table(lines, api, seconds))
    if options.json:
        document = {"by": f"{api.name} {api.version}", "engines": [asdict(row) for row in lines]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return int(seconds > options.within)


def table(lines: Sequence[Line], api: Api, seconds: float) -> str:
    """Return the engines as a Markdown table."""
    architecture = instance(INSTANCE).architecture
    rows = [
        f"Engines for {architecture} by {api.name} {api.version}, {seconds:.0f} s in all\n",
        "| model | engine | precision | layers | build s | MB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows += [
        f"| {row.model} | {row.engine} | {row.precision} | {row.layers} | {row.seconds:.1f}"
        f" | {row.megabytes:.1f} |"
        for row in lines
    ]
    return "\n".join(rows)


def _build(spec: ModelSpec, target: Target, precision: str, api: Api) -> list[Line]:
    with tempfile.TemporaryDirectory(prefix="slipway-engines-") as folder:
        return write(spec, target, load_source(spec, ROOT), precision, api, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
