"""What dynamic batching is worth on a model behind the real Triton.

`python -m benchmarks.batching [--model embedding] [--accelerator g5] [--out batching.json]`: the
same archive with `max_batch` 1 and with the row's own, the same clients. On a GPU, where a batch
costs hardly more than one, batching must serve three times as many at a lower p99; on a CPU, where
it costs what its texts cost, the figures are shown and no target is judged.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.table import heading, target
from catalog.load import load_models
from catalog.spec import ModelSpec, Target
from model_build.gates.run import machine
from model_build.measure import percentile
from model_build.package import package
from model_build.search.climb import Settings
from model_build.search.command import compile_for
from model_build.search.load import closed
from model_build.search.run import settings_of, target_with
from model_build.search.server import Triton, running

CLIENTS = 16
GAIN = 3.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batching", description=__doc__)
    parser.add_argument("--model", default="embedding", help="a model that Triton serves")
    parser.add_argument("--accelerator", default="cpu")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--out", type=Path, help="write JSON there")
    options = parser.parse_args(argv)
    spec = load_models()[options.model]
    wanted = spec.target(options.accelerator)
    document = measured(spec, wanted, options.seconds)
    rows = document["rows"]
    if options.out:
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(heading(f"Dynamic batching of {spec.name} on {wanted.accelerator}",
                  f"real Triton, gRPC, {CLIENTS} clients, {options.seconds:g} s each"))  # fmt: skip
    for row in rows:
        print(f"max_batch {row['max_batch']}: {row['throughput']:.0f} a second,"
              f" p50 {row['p50_ms']:.2f}, p99 {row['p99_ms']:.2f} ms")  # fmt: skip
    gain, lower = target("throughput against none", document["gain"], GAIN), document["p99_lower"]
    if not document["judged"]:
        return 0
    print(f"{gain[0]}\n{'met' if lower else 'MISSED'}: a lower p99")
    return 0 if gain[1] and lower else 1


def measured(spec: ModelSpec, wanted: Target, seconds: float) -> dict[str, Any]:
    """Compile, serve both ways, return the document; raises what compiler or server raise."""
    with tempfile.TemporaryDirectory(prefix="slipway-batching-") as scratch:
        folder = Path(scratch)
        compiled = compile_for(spec, wanted, folder / "compiled")
        with running(folder / "server") as triton:
            rows = compare(spec, wanted, compiled, triton, seconds)
    return report(spec, wanted, rows)


def compare(
    spec: ModelSpec, wanted: Target, compiled: Path, triton: Triton, seconds: float
) -> list[dict[str, Any]]:
    """Return what was served without batching, and with the row's."""
    own = settings_of(wanted)
    rows = []
    for most in (1, own.max_batch):
        settings = Settings(own.instances, most, own.queue_delay_us, CLIENTS)
        changed = target_with(wanted, settings)
        name = triton.load(package(spec, changed, compiled, compiled.parent / "archives"))
        asker = partial(triton.asker, name)
        found = closed(asker, spec.examples, CLIENTS, seconds)
        times = found.milliseconds
        rows.append({
            "max_batch": most,
            "throughput": round(found.throughput, 1),
            "p50_ms": round(percentile(times, 50), 3),
            "p99_ms": round(percentile(times, 99), 3),
        })  # fmt: skip
    return rows


def report(spec: ModelSpec, wanted: Target, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the document; `judged` says whether its targets count on this accelerator."""
    none, batched = rows
    return {
        "model": spec.name,
        "accelerator": wanted.accelerator,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "clients": CLIENTS,
        "rows": list(rows),
        "gain": round(batched["throughput"] / none["throughput"], 3),
        "p99_lower": batched["p99_ms"] < none["p99_ms"],
        "judged": wanted.accelerator != "cpu",
    }


if __name__ == "__main__":
    sys.exit(main())
