"""A pair classifier in two graphs, so that each text of many pairs is read once.

The module says what they are: `vectors(input_ids, attention_mask)` and `compare(left, right)`.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from model_build.compilers import onnx_graph, openvino_ir
from model_build.compilers.probes import probes
from model_build.sources.encoder import EncoderSource
from serving.runtime.description import PAIRS, TEXTS
from serving.runtime.tensors import (
    ATTENTION_MASK,
    INPUT_IDS,
    OUTPUT_OF_TASK,
    SIDES,
    VECTOR,
)

TASK = "pair-classification"


class _Texts(torch.nn.Module):
    def __init__(self, whole: Any) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        made: Tensor = self.whole.vectors(input_ids, attention_mask)
        return made


class _Pairs(torch.nn.Module):
    def __init__(self, whole: Any) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        made: Tensor = self.whole.compare(left, right)
        return made


def write_halves(source: EncoderSource, directory: Path) -> None:
    """Write the folders of both graphs: that of texts in bf16, the small one of pairs in float."""
    both = source.tensors(list(probes(TASK)[:2]))
    feed = {name: both[SIDES[0] + name] for name in (INPUT_IDS, ATTENTION_MASK)}
    texts = _Texts(source.module)
    with torch.inference_mode():
        vectors = texts(**feed)
    sides = {side + VECTOR: vectors.clone() for side in SIDES}
    answer = OUTPUT_OF_TASK[TASK]
    rows = {name: {0: "batch"} for name in (*feed, VECTOR, *sides, answer)}
    free = rows | {name: {0: "batch", 1: "length"} for name in feed}
    _write(texts, feed, VECTOR, free, "bf16", directory / TEXTS)
    _write(_Pairs(source.module), sides, answer, free, "fp32", directory / PAIRS)


def _write(
    module: torch.nn.Module,
    feed: dict[str, Tensor],
    output: str,
    free: dict[str, dict[int, str]],
    precision: str,
    directory: Path,
) -> None:
    directory.mkdir()
    with TemporaryDirectory() as scratch:
        exported = Path(scratch) / "exported.onnx"
        named = {name: free[name] for name in (*feed, output)}
        onnx_graph.export_free(module.eval(), feed, (output,), named, exported)
        openvino_ir.write(exported, precision, directory)
