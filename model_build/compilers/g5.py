"""The compiler of NVIDIA targets: the first precision that answers as its source does."""

import os
from pathlib import Path
from statistics import median
from typing import Any

from catalog.gpu import TENSORRT, same_tensorrt
from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import CompiledModel, ImpossibleTarget
from model_build.compilers.tensorrt.api import Api, find
from model_build.sources import Source

TIMING_CACHE_VARIABLE = "SLIPWAY_TIMING_CACHE"
"""A folder that outlives a build, such as a CodeBuild cache."""

# Faster first: BF16 has the range that FP16 lacks, float32 is for what neither can say.
_WANTED = {
    "auto": ("fp16", "bf16", "fp32"),
    "fp16": ("fp16",),
    "bf16": ("bf16",),
    "fp32": ("fp32",),
}
SECONDS = 1.0


class TensorRtCompiler:
    """Builds on the kind of GPU that serves, in the image that serves."""

    def compile(
        self, spec: ModelSpec, target: Target, source: Source, workdir: Path
    ) -> CompiledModel:
        """Return the winner; see `Compiler`.

        Raises:
            ImpossibleTarget: Another TensorRT than the pinned one, another GPU than the target's,
                or a model that TensorRT cannot take.
        """
        wanted = _WANTED.get(target.precision)
        if wanted is None:
            raise ImpossibleTarget(
                f"{spec.name}: targets.{target.accelerator}.precision: {target.precision!r} is not"
                f" built by TensorRT here: use one of {', '.join(_WANTED)}"
            )
        api = find("tensorrt")
        check_version(api, target)
        workdir.mkdir(parents=True, exist_ok=True)
        rows: list[dict[str, Any]] = []
        for precision in wanted:
            row = _try(spec, target, source, precision, api, workdir)
            rows.append(row)
            if row["chosen"]:
                break
        best = rows[-1] if rows[-1]["chosen"] else max(rows, key=lambda row: row["fidelity"])
        best["chosen"] = True  # the most alike, which its gates judge
        precision = best["precision"]
        return CompiledModel(workdir / precision, "tensorrt", precision, tuple(rows))


def check_version(api: Api, target: Target) -> None:
    """Compare the TensorRT at hand with the one that the key names.

    Raises:
        ImpossibleTarget: They differ.
    """
    if not same_tensorrt(api.version):
        raise ImpossibleTarget(
            f"targets.{target.accelerator}: the serving image has (tensorrt {TENSORRT},"
            f" {target.architecture}), this builder has ({api.name} {api.version}): build in the"
            " serving image, or raise catalog.gpu.TENSORRT with the image"
        )


def _try(
    spec: ModelSpec, target: Target, source: Source, precision: str, api: Api, workdir: Path
) -> dict[str, Any]:
    # Torch and the engines are imported only here: a plan reads this package, and must be quick.
    from model_build.compilers.fidelity import FLOORS, fidelity
    from model_build.compilers.probes import probes, typical
    from model_build.compilers.tensorrt.write import ENGINE, write
    from model_build.measure import interleaved
    from serving.runtime import load

    directory = workdir / precision
    kept = os.environ.get(TIMING_CACHE_VARIABLE)
    write(spec, target, source, precision, api, directory, Path(kept) if kept else None)
    model = load(directory, threads=target.options.threads)
    inputs = probes(spec.task)
    metric, likeness = fidelity(spec.task, source.predict(inputs), model.predict(inputs))
    example = [typical(spec.task)]
    times = interleaved({"engine": lambda: model.predict(example)}, seconds=SECONDS)["engine"]
    return {
        "engine": ENGINE,
        "precision": precision,
        "p50_ms": round(median(times), 3),
        "fidelity_metric": metric,
        "fidelity": round(likeness, 6),
        "bytes": sum(path.stat().st_size for path in directory.iterdir()),
        "chosen": likeness >= FLOORS[metric],
    }
