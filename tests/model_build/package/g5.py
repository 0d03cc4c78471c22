"""Compiled model directories for g5 whose engines are a few bytes: only their places matter."""

import json
from dataclasses import replace
from pathlib import Path

from catalog import digest
from catalog.load import load_models
from catalog.spec import Target, TargetOptions
from model_build.compilers.tensorrt.plans import Span
from serving.runtime import read_description
from serving.runtime.tensorrt.engine_tuple import EngineTuple, Graph, batch_sizes
from tests.serving import tiny

LENGTHS, MOST = (16, 32), 4


def row(name: str):
    """The catalog's row with a g5 target alone."""
    options = TargetOptions(max_batch=MOST, instances=2, queue_delay_us=300)
    target = Target(accelerator="g5", instance="ml.g5.xlarge", options=options)
    return load_models()[name].model_copy(update={"targets": (target,)})


def compiled(folder: Path, name: str) -> Path:
    """A directory as the g5 compiler writes it."""
    task = row(name).task
    labels = row(name).labels
    if task == "seq2seq":
        tiny.echo(folder, name)
        names, spans = ("encoder", "step"), [Span(b, b, 16, 32) for b in batch_sizes(MOST)]
        (folder / "generation.json").write_text("{}")
    else:
        tiny.encoder(folder, name, task, labels)
        names = ("model",)
        spans = [Span(*batch, n, n) for n in LENGTHS for batch in ((1, 1), (2, MOST))]
    (folder / "model.onnx").unlink()
    for engine in names:
        (folder / f"{engine}.plan").write_bytes(engine.encode())
    width = 0 if task == "seq2seq" else len(labels) or tiny.WIDTH
    graphs = {engine: Graph(f"{engine}.plan", tuple(spans), width) for engine in names}
    EngineTuple("tensorrt", "10.13.3.9", "sm_86", graphs).write(folder)
    files = sorted(path for path in folder.iterdir() if path.name != "model.json")
    description = replace(
        read_description(folder), engine="tensorrt", precision="fp16", buckets=LENGTHS,
        files={path.name: digest.of_file(path) for path in files},
    )  # fmt: skip
    (folder / "model.json").write_text(description.to_json())
    assert json.loads(description.to_json())["engine"] == "tensorrt"
    return folder
