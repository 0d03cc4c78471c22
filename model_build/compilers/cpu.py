"""The CPU compiler: makes every candidate, times them together, keeps the fastest faithful."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import Candidate, CompiledModel, ImpossibleTarget
from model_build.compilers.describe import describe
from model_build.compilers.fidelity import FLOORS, fidelity
from model_build.compilers.probes import probes, typical
from model_build.measure import interleaved
from model_build.sources import Source
from serving.runtime import load

SECONDS = 1.0
# A later candidate must beat an earlier one clearly: else noise would decide, and two builds of one
# key would often differ.
CLEARLY = 0.85
# int16 is CTranslate2's own middle way: nearly as faithful as float, nearly as fast as INT8.
# bf16 has to be asked for: it is for batches, and slow on CPUs that cannot multiply it.
_WANTED = {
    "auto": ("int8", "int16", "fp32"),
    "fp32": ("fp32",),
    "bf16": ("bf16",),
    "int8": ("int8",),
}


@dataclass(frozen=True)
class _Tried:
    candidate: Candidate
    directory: Path
    metric: str
    likeness: float
    p50_ms: float

    @property
    def faithful(self) -> bool:
        return self.likeness >= FLOORS[self.metric]


class CpuCompiler:
    """ONNX Runtime and OpenVINO for encoders, CTranslate2 for sequence to sequence."""

    def compile(
        self, spec: ModelSpec, target: Target, source: Source, workdir: Path
    ) -> CompiledModel:
        """Return the winner; see `Compiler`."""
        if spec.parts:  # torch again, as below
            parents = import_module("model_build.compilers.parent")
            compiled: CompiledModel = parents.compile_parent(spec, target, source, workdir)
            return compiled
        _check_precision(spec, target)
        workdir.mkdir(parents=True, exist_ok=True)
        wanted = [
            candidate
            for candidate in _candidates(spec, source, workdir)
            if candidate.precision in _WANTED[target.precision]
            and (not target.options.engines or candidate.engine in target.options.engines)
        ]
        if not wanted:
            raise ImpossibleTarget(
                f"{spec.name}: targets.cpu: precision {target.precision!r} with engines"
                f" {list(target.options.engines)} leaves no candidate: use precision 'auto'"
            )
        tried = _try(spec, target, source, wanted, workdir)
        winner = _choose(tried)
        return CompiledModel(
            winner.directory,
            winner.candidate.engine,
            winner.candidate.precision,
            tuple(_row(item, item is winner) for item in tried),
        )


def _check_precision(spec: ModelSpec, target: Target) -> None:
    if target.precision not in _WANTED:
        raise ImpossibleTarget(
            f"{spec.name}: targets.cpu.precision: {target.precision!r} has no CPU engine here:"
            f" use one of {', '.join(_WANTED)}"
        )


def _candidates(spec: ModelSpec, source: Source, workdir: Path) -> list[Candidate]:
    # Torch and the engines are imported only here: a plan reads this package, and must be quick.
    family = "seq2seq" if spec.task == "seq2seq" else "encoders"
    module = import_module(f"model_build.compilers.{family}")
    found: list[Candidate] = module.candidates(spec, source, workdir)
    return found


def _try(
    spec: ModelSpec,
    target: Target,
    source: Source,
    candidates: Sequence[Candidate],
    workdir: Path,
) -> list[_Tried]:
    inputs = probes(spec.task)
    expected = source.predict(inputs)
    example = [typical(spec.task)]
    models, likeness = {}, {}
    for candidate in candidates:
        directory = workdir / candidate.name
        directory.mkdir()
        candidate.write(directory)
        describe(spec, target, source, candidate, directory)
        models[candidate.name] = load(directory, threads=target.options.threads)
        answers: list[Any] = models[candidate.name].predict(inputs)
        likeness[candidate.name] = fidelity(spec.task, expected, answers)
    times = interleaved(
        {name: partial(model.predict, example) for name, model in models.items()}, seconds=SECONDS
    )
    return [
        _Tried(item, workdir / item.name, *likeness[item.name], median(times[item.name]))
        for item in candidates
    ]


def _choose(tried: Sequence[_Tried]) -> _Tried:
    """Return the fastest faithful one; if none is, the most alike, which its gates judge."""
    faithful = [item for item in tried if item.faithful]
    if not faithful:
        return max(tried, key=lambda item: item.likeness)
    best = faithful[0]
    for item in faithful[1:]:
        if item.p50_ms < CLEARLY * best.p50_ms:
            best = item
    return best


def _row(item: _Tried, chosen: bool) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in item.directory.rglob("*") if path.is_file())
    return {
        "engine": item.candidate.engine,
        "precision": item.candidate.precision,
        "p50_ms": round(item.p50_ms, 3),
        "fidelity_metric": item.metric,
        "fidelity": round(item.likeness, 6),
        "bytes": size,
        "chosen": chosen,
    }
