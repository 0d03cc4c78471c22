"""T5 and BART with weights rounded in blocks, for ONNX Runtime on the CPU.

A text of a few tokens reads every weight of the decoder once a token, so memory bounds a model that
the caches do not hold: its speed is that of its bytes. Products keep 8 bits; the vocabulary's
layer, of a model of this size the largest of all, keeps 4, and its best words are scored again with
the full weights, so that the narrow ones choose candidates and never the answer.
"""

from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.tools.onnx_model_utils import make_dim_param_fixed
from torch import Tensor, nn

from model_build.compilers.onnx_graph import quiet
from model_build.compilers.tensorrt.graphs.export import export
from serving.runtime.generation.onnxruntime_stepper import ENCODER, STEP

BITS, BLOCK = 8, 128
HEAD_BITS, HEAD_BLOCK = 4, 128
RANKED_AGAIN = 16
# MatMulNBits' level for sums in INT8, its fastest on processors with VNNI.
INT8_SUMS = 4
# How the exporter names what is inside a `RankedHead`.
HEAD = "/head/head/"


class RankedHead(nn.Module):
    """A vocabulary's layer that keeps its best scores alone, computed again in full precision."""

    def __init__(self, head: nn.Linear) -> None:
        super().__init__()
        self.head = head
        self.weight = head.weight

    def forward(self, values: Tensor) -> Tensor:
        """Return scores (rows, vocabulary) of values (rows, width)."""
        rough = self.head(values)
        best = torch.topk(rough, min(RANKED_AGAIN, rough.shape[-1])).indices
        exact = torch.matmul(self.weight[best], values.unsqueeze(-1)).squeeze(-1)
        others = torch.full_like(rough, torch.finfo(rough.dtype).min)
        return torch.scatter(others, -1, best, exact)


def write(module: Any, steps: int, directory: Path) -> None:
    """Export encoder and step for one text at a time, and round the weights of their products.

    Args:
        module: A Hugging Face T5 or BART; it is left as it is.
        steps: Longest output in tokens.
        directory: Must exist.
    """
    head = module.lm_head
    module.lm_head = RankedHead(head)
    try:
        export(module, directory, precision="fp32", beams=1, steps=steps, batches=(1,))
    finally:
        module.lm_head = head
    for name in (ENCODER, STEP):
        graph = onnx.load(directory / name)
        for size in ("texts", "rows"):  # then ONNX Runtime folds the arithmetic of shapes away
            make_dim_param_fixed(graph.graph, size, 1)
        onnx.save(graph, directory / name)
    with quiet():
        _round_encoder(directory / ENCODER)
        _round_step(directory / STEP)


def _round_encoder(path: Path) -> None:
    """Round by whole columns: it reads all tokens at once, so arithmetic bounds it, not memory."""
    quantize_dynamic(path, path, op_types_to_quantize=["MatMul"], per_channel=True)


def _round_step(path: Path) -> None:
    step = onnx.load(path)
    heads = [node.name for node in step.graph.node if HEAD in node.name]
    step = _rounded(step, BITS, BLOCK, nodes_to_exclude=heads)
    onnx.save(_rounded(step, HEAD_BITS, HEAD_BLOCK), path)


def _rounded(model: onnx.ModelProto, bits: int, block: int, **which: Any) -> onnx.ModelProto:
    quantizer = MatMulNBitsQuantizer(
        model,
        bits=bits,
        block_size=block,
        is_symmetric=True,
        accuracy_level=INT8_SUMS,
        op_types_to_quantize=("MatMul",),
        **which,
    )
    quantizer.process()
    rounded: onnx.ModelProto = quantizer.model.model
    return rounded
