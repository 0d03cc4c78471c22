"""Candidates for models with one pass over their input: ONNX Runtime and OpenVINO."""

from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

from catalog.spec import ModelSpec
from model_build.compilers import onnx_graph, outliers
from model_build.compilers.contract import Candidate
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource
from serving.runtime.onnxruntime_engine import FILE_NAME as ONNX_FILE
from serving.runtime.openvino_engine import FILE_NAME as OPENVINO_FILE
from serving.runtime.openvino_engine import openvino
from serving.runtime.tensors import OUTPUT_OF_TASK

BERT_FAMILIES = ("minilm", "minilm-intent", "minilm-duplicates")


def candidates(spec: ModelSpec, source: EncoderSource, workdir: Path) -> list[Candidate]:
    """Export the source once and return what can be made of it, likely winners first."""
    exported = workdir / "exported.onnx"
    tensors = source.tensors(list(probes(spec.task)[:2]))
    onnx_graph.export(source.module, tensors, OUTPUT_OF_TASK[spec.task], exported)
    plain = exported
    found = []
    if spec.family in BERT_FAMILIES:
        plain = workdir / "fused.onnx"
        onnx_graph.fuse_bert(exported, plain)
        inputs = source.tensors(list(probes(spec.task)))
        feed = {name: tensor.numpy() for name, tensor in inputs.items()}
        # The heads read single words off the embedding tables, which must stay exact for them.
        tables = spec.task == "embedding"
        found.append(Candidate("onnxruntime", "int8", partial(_write_int8, plain, feed, tables)))
    return [
        *found,
        Candidate("onnxruntime", "fp32", partial(_write_fp32, plain)),
        Candidate("openvino", "fp32", partial(_write_openvino, exported, False)),
        # Stored as half precision, which keeps more digits of a weight than bfloat16 does.
        Candidate("openvino", "bf16", partial(_write_openvino, exported, True)),
    ]


def _write_fp32(graph: Path, directory: Path) -> None:
    copyfile(graph, directory / ONNX_FILE)


def _write_int8(graph: Path, feed: dict[str, Any], tables: bool, directory: Path) -> None:
    levelled = graph.with_name("levelled.onnx")
    outliers.level(graph, levelled, feed)
    onnx_graph.quantise(levelled, directory / ONNX_FILE, embeddings=tables)


def _write_openvino(graph: Path, halved: bool, directory: Path) -> None:
    model = openvino.Core().read_model(graph)
    # Its own names count the nodes that this process ever made: the bytes must not hang on that.
    for number, node in enumerate(model.get_ordered_ops()):
        if node.get_type_name() not in ("Parameter", "Result"):
            node.set_friendly_name(f"node_{number}")
    openvino.save_model(model, directory / OPENVINO_FILE, compress_to_fp16=halved)
