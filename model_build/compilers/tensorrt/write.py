"""Write the compiled model directory of a model: engines, `engine.json`, `model.json`."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfile

from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import Candidate
from model_build.compilers.describe import describe
from model_build.compilers.tensorrt.api import Api
from model_build.compilers.tensorrt.engine import Built, build
from model_build.compilers.tensorrt.plans import plans
from model_build.compilers.tensorrt.profiles import buckets
from model_build.sources import Source
from serving.runtime.description import FILE_NAME as MODEL_FILE
from serving.runtime.generation.state import FILE_NAME as GENERATION_FILE
from serving.runtime.tensorrt.engine_tuple import EngineTuple, Graph

ENGINE = "tensorrt"
TIMING_CACHE = "timing.cache"
"""How the name of a file ends that holds what one engine's build measured."""


@dataclass(frozen=True)
class Line:
    """A row of the build table: one engine; `megabytes` is its size."""

    model: str
    engine: str
    precision: str
    layers: int
    seconds: float
    megabytes: float


def write(
    spec: ModelSpec,
    target: Target,
    source: Source,
    precision: str,
    api: Api,
    directory: Path,
    timing_cache: Path | None = None,
) -> list[Line]:
    """Export a model, build its engines and describe them.

    Args:
        spec: The model's row.
        target: What is built for.
        source: The eager model.
        precision: `fp32`, `fp16` or `bf16`.
        api: The TensorRT to build with.
        directory: Where the files go; made if missing.
        timing_cache: A folder that keeps what earlier builds measured on this kind of GPU.

    Raises:
        ImpossibleTarget: An engine cannot be built; the message says which and why.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lines, graphs, caches = [], {}, {}
    with tempfile.TemporaryDirectory(prefix="slipway-graphs-") as scratch:
        folder = Path(scratch)
        for plan in plans(spec, target, source, precision, folder):
            made_for = f"{spec.name}-{plan.name}-{target.architecture}-{api.version}"
            known = _Timings(timing_cache, made_for)
            built = build(api, plan.graph, plan.profiles, target.architecture, known.read())
            known.write(built)
            caches[f"{plan.name}.{TIMING_CACHE}"] = built.timing_cache
            (directory / f"{plan.name}.plan").write_bytes(built.engine)
            graphs[plan.name] = Graph(f"{plan.name}.plan", plan.spans, built.width)
            size = len(built.engine) / 1e6
            lines.append(Line(spec.name, plan.name, precision, built.layers, built.seconds, size))
        if (folder / GENERATION_FILE).is_file():
            copyfile(folder / GENERATION_FILE, directory / GENERATION_FILE)
    made_by = EngineTuple(api.name, api.version, target.architecture, graphs)
    made_by.write(directory)
    described = describe(spec, target, source, Candidate(ENGINE, precision, _nothing), directory)
    lengths = buckets(spec.limits.buckets, spec.limits.max_input_tokens or 1)
    text = replace(described, buckets=lengths).to_json()
    (directory / MODEL_FILE).write_text(text, encoding="utf-8")
    # Beside the artifact, in the manifest by its digest, but no file of the archive.
    for name, cache in caches.items():
        if cache:
            (directory / name).write_bytes(cache)
    return lines


def _nothing(_directory: Path) -> None:
    """Stand for the writer of a candidate whose files are already there."""


@dataclass(frozen=True)
class _Timings:
    folder: Path | None
    name: str

    @property
    def _path(self) -> Path | None:
        return self.folder / f"{self.name}.{TIMING_CACHE}" if self.folder else None

    def read(self) -> bytes:
        path = self._path
        return path.read_bytes() if path and path.is_file() else b""

    def write(self, built: Built) -> None:
        if (path := self._path) and built.timing_cache:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(built.timing_cache)
