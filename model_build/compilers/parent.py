"""The CPU compiler of parent modules: one ONNX graph in FP32, whose parts have free batches.

It makes no candidates: equal rows give equal bytes, so that each row of a parent, built for itself,
ends in the very archive that the others end in.
"""

from pathlib import Path

import torch

from catalog.spec import ModelSpec, Target
from model_build.compilers import onnx_graph
from model_build.compilers.contract import Candidate, CompiledModel, ImpossibleTarget
from model_build.compilers.describe import describe, digests
from model_build.compilers.probes import probes
from model_build.sources.parent import PartSource
from serving.runtime.description import PARENT
from serving.runtime.onnxruntime_engine import FILE_NAME as ONNX_FILE
from serving.runtime.parent import FILE_NAME, ParentDescription, port
from serving.runtime.tensors import OUTPUT_OF_TASK, PIXELS

ENGINE, PRECISION = "onnxruntime", "fp32"


def compile_parent(
    spec: ModelSpec, target: Target, source: PartSource, workdir: Path
) -> CompiledModel:
    """Return the parent of a row, as the directory of the row's own part of it.

    Raises:
        ImpossibleTarget: The target asks for an engine or a precision that parents do not have.
    """
    wanted = target.options.engines or (ENGINE,)
    if ENGINE not in wanted or target.precision not in ("auto", PRECISION):
        raise ImpossibleTarget(
            f"{spec.name}: targets.cpu: precision {target.precision!r}, engines {list(wanted)}: the"
            f" parent {spec.parent!r} is compiled for {ENGINE} in {PRECISION}: ask for that, or"
            " remove parent"
        )
    directory = workdir / PARENT
    directory.mkdir(parents=True)
    _export(source, spec, directory / ONNX_FILE)
    describe_parent(spec, target, source, Candidate(ENGINE, PRECISION, lambda _: None), directory)
    row = {"engine": ENGINE, "precision": PRECISION, "chosen": True}
    return CompiledModel(directory / spec.name, ENGINE, PRECISION, (row,))


def describe_parent(
    spec: ModelSpec,
    target: Target,
    source: PartSource,
    candidate: Candidate,
    directory: Path,
    *,
    buckets: tuple[int, ...] = (),
) -> None:
    """Complete a directory that holds the graph of a parent: a folder for each part, and its own.

    `buckets` are the lengths of graphs that take no others, the same for all parts.
    """
    of_a_part = Candidate(PARENT, candidate.precision, candidate.write)
    for part in spec.parts:
        (directory / part.name).mkdir()
        describe(
            part,
            target,
            source.parts[part.name],
            of_a_part,
            directory / part.name,
            buckets=() if part.limits.image_size else buckets,
        )
    described = ParentDescription(
        name=str(spec.parent),
        engine=candidate.engine,
        parts=tuple(part.name for part in spec.parts),
        inputs=source.ports,
        outputs=_outputs(spec),
        image_size=max(part.limits.image_size or 0 for part in spec.parts),
        files=digests(directory),
    )
    (directory / FILE_NAME).write_text(described.to_json(), encoding="utf-8")


def _export(source: PartSource, spec: ModelSpec, path: Path) -> None:
    module = source.parent({name: part.module for name, part in source.parts.items()})
    tensors: dict[str, torch.Tensor] = {}
    free: dict[str, dict[int, str]] = {}
    for part in spec.parts:
        own = source.parts[part.name].tensors(list(probes(part.task)[:2]))
        tensors |= {port(part.name, name): value for name, value in own.items()}
        batch, length = port(part.name, "batch"), port(part.name, "length")
        shape = {0: batch} if PIXELS in own else {0: batch, 1: length}
        free |= {port(part.name, name): shape for name in own}
        free[port(part.name, OUTPUT_OF_TASK[part.task])] = {0: batch}
    onnx_graph.export_free(module, tensors, _outputs(spec), free, path)


def _outputs(spec: ModelSpec) -> tuple[str, ...]:
    return tuple(port(part.name, OUTPUT_OF_TASK[part.task]) for part in spec.parts)
