"""What a model's engines are: which graphs, which profiles, and what `engine.json` says of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.spec import ModelSpec, Target
from model_build.compilers.probes import probes
from model_build.compilers.tensorrt.profiles import (
    Profile,
    buckets,
    for_encoder,
    for_graph,
)
from model_build.sources import Source
from serving.runtime.tensorrt.engine_tuple import Span, batch_sizes
from serving.runtime.tensors import OUTPUT_OF_TASK

MODEL, ENCODER, STEP = "model", "encoder", "step"
PLACES = 64
"""Places of a decoder's caches, at least: TensorRT-RTX 1.7 can crash over 33 or fewer."""


@dataclass(frozen=True)
class Plan:
    """One engine to build: its graph, its profiles and the sizes that each profile spans."""

    name: str
    graph: Path
    profiles: tuple[Profile, ...]
    spans: tuple[Span, ...]


def plans(
    spec: ModelSpec, target: Target, source: Source, precision: str, folder: Path
) -> Iterator[Plan]:
    """Export a model and yield its engines; a decoder's `generation.json` lies in the folder then.

    Raises:
        ImpossibleTarget: The model asks for what its graphs cannot do.
    """
    lengths = buckets(spec.limits.buckets, spec.limits.max_input_tokens or 1)
    most = target.options.max_batch
    if spec.task == "seq2seq":
        yield from _generation(spec, target, source, precision, folder, lengths)
        return
    # Torch is imported only here: a plan of the build reads this package, and must be quick.
    from model_build.compilers.tensorrt.graphs.encoder import export

    untyped: Any = source
    tensors = untyped.tensors(list(probes(spec.task)[:2]))
    graph = folder / "model.onnx"
    export(source.module, tensors, OUTPUT_OF_TASK[spec.task], precision, graph)
    spans = [
        Span(low, high, length, length)
        for length in lengths
        for low, high in ([(1, 1), (2, most)] if most > 1 else [(1, 1)])
    ]
    yield Plan(MODEL, graph, tuple(for_encoder(list(tensors), lengths, most)), tuple(spans))


def _generation(
    spec: ModelSpec,
    target: Target,
    source: Source,
    precision: str,
    folder: Path,
    lengths: tuple[int, ...],
) -> Iterator[Plan]:
    from model_build.compilers.tensorrt.graphs.export import export, shapes

    batches = batch_sizes(target.options.max_batch)
    generation = export(
        source.module,
        folder,
        precision=precision,
        beams=target.options.beams,
        steps=spec.limits.max_output_tokens or 1,
        batches=batches,
        lengths=lengths,
        places=PLACES,
    )
    spans = tuple(Span(batch, batch, lengths[0], lengths[-1]) for batch in batches)
    for name, inputs in shapes(source.module, generation).items():
        profiles = for_graph(inputs, batches, lengths, generation.beams)
        yield Plan(name, folder / f"{name}.onnx", tuple(profiles), spans)
