"""Candidates for models with one pass over their input: ONNX Runtime and OpenVINO."""

from functools import partial
from pathlib import Path
from shutil import copyfile

from catalog.spec import ModelSpec
from model_build.compilers import onnx_graph
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
        # A head decides near its borders, where INT8 moves labels: measured on held-out sets, 95 to
        # 99 % stay. An embedding loses nothing that its neighbours show.
        heads = spec.task != "embedding"
        found.append(
            Candidate("onnxruntime", "int8", partial(_write_int8, plain, not heads), heads)
        )
    return [
        *found,
        Candidate("onnxruntime", "fp32", partial(_write_fp32, plain)),
        Candidate("openvino", "fp32", partial(_write_openvino, exported)),
    ]


def _write_fp32(graph: Path, directory: Path) -> None:
    copyfile(graph, directory / ONNX_FILE)


def _write_int8(graph: Path, embeddings: bool, directory: Path) -> None:
    onnx_graph.quantise(graph, directory / ONNX_FILE, embeddings=embeddings)


def _write_openvino(graph: Path, directory: Path) -> None:
    model = openvino.Core().read_model(graph)
    openvino.save_model(model, directory / OPENVINO_FILE, compress_to_fp16=False)
