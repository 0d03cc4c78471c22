"""Candidates for models with one pass over their input: ONNX Runtime and OpenVINO."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from shutil import copyfile
from typing import Any

from catalog.spec import ModelSpec
from model_build.compilers import onnx_graph, openvino_ir, outliers
from model_build.compilers.contract import Candidate
from model_build.compilers.halves import write_halves
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource
from serving.runtime.onnxruntime_engine import FILE_NAME as ONNX_FILE
from serving.runtime.tensors import OUTPUT_OF_TASK

Graph = Callable[[], Path]
"""Makes an ONNX graph when first asked: a row that wants few candidates waits for no other."""
BERT_FAMILIES = ("minilm", "minilm-intent", "minilm-duplicates")


def candidates(spec: ModelSpec, source: EncoderSource, workdir: Path) -> list[Candidate]:
    """Return what can be made of the source, likely winners first."""
    exported = cache(partial(_export, spec, source, workdir / "exported.onnx"))
    plain, found = exported, []
    if spec.family in BERT_FAMILIES:
        plain = cache(partial(_fuse, exported, workdir / "fused.onnx"))
        # The heads read single words off the embedding tables, which must stay exact for them.
        tables = spec.task == "embedding"
        int8 = partial(_write_int8, plain, source, list(probes(spec.task)), tables)
        found.append(Candidate("onnxruntime", "int8", int8))
    halves = spec.task == "pair-classification"
    bf16 = partial(write_halves, source) if halves else partial(_write_openvino, exported, "bf16")
    return [
        *found,
        Candidate("onnxruntime", "fp32", partial(_write_fp32, plain)),
        Candidate("openvino", "fp32", partial(_write_openvino, exported, "fp32")),
        Candidate("openvino", "bf16", bf16),
    ]


def _export(spec: ModelSpec, source: EncoderSource, path: Path) -> Path:
    tensors = source.tensors(list(probes(spec.task)[:2]))
    onnx_graph.export(source.module, tensors, OUTPUT_OF_TASK[spec.task], path)
    return path


def _fuse(exported: Graph, path: Path) -> Path:
    onnx_graph.fuse_bert(exported(), path)
    return path


def _write_fp32(graph: Graph, directory: Path) -> None:
    copyfile(graph(), directory / ONNX_FILE)


def _write_int8(
    graph: Graph, source: EncoderSource, inputs: list[Any], tables: bool, directory: Path
) -> None:
    feed = {name: tensor.numpy() for name, tensor in source.tensors(inputs).items()}
    levelled = graph().with_name("levelled.onnx")
    outliers.level(graph(), levelled, feed)
    onnx_graph.quantise(levelled, directory / ONNX_FILE, embeddings=tables)


def _write_openvino(graph: Graph, precision: str, directory: Path) -> None:
    openvino_ir.write(graph(), precision, directory)
