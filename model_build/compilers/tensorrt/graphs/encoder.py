"""A model with one pass over its input, in the precision that its engine will have."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from model_build.compilers import onnx_graph
from model_build.compilers.tensorrt.graphs.encode import lower
from model_build.compilers.tensorrt.graphs.export import DTYPES


def export(
    module: nn.Module, tensors: dict[str, Tensor], output: str, precision: str, path: Path
) -> None:
    """Write a module as ONNX; its BERT takes the precision, all around it stays in float32.

    Args:
        module: It is left as it is.
        tensors: Example inputs by name.
        output: The output's name.
        precision: `fp32`, `fp16` or `bf16`.
        path: The ONNX file.
    """
    lowered = deepcopy(module).eval().requires_grad_(False)
    dtype = DTYPES[precision]
    if dtype != torch.float32:
        for _, parent in list(lowered.named_modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, BertModel):
                    setattr(parent, name, _Float(lower(child, dtype)))
    onnx_graph.export(lowered, tensors, output, path)


class _Float(nn.Module):
    """A BERT whose answers are float32, whatever it computes in."""

    def __init__(self, bert: nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, **named: Any) -> Any:
        answer = self.bert(**named)
        for key, value in list(answer.items()):
            whole = isinstance(value, tuple)
            answer[key] = tuple(part.float() for part in value) if whole else value.float()
        return answer
