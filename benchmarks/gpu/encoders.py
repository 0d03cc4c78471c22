"""The systems that turn a text into a vector: each a function that makes one call of a batch."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.gpu.ort_stepper import PROVIDERS
from benchmarks.gpu.shapes import ENCODER_TOKENS, Shape
from model_build.compilers.tensorrt.api import find
from model_build.compilers.tensorrt.engine import build
from model_build.compilers.tensorrt.graphs.encoder import export
from model_build.compilers.tensorrt.profiles import for_encoder
from model_build.modules.minilm import mean_over_tokens
from serving.runtime import Description
from serving.runtime.tensorrt.engine_tuple import EngineTuple, Graph, Span

Table = np.ndarray[Any, Any]
Call = Callable[[], Table]
Maker = Callable[[Shape, int, str, Path], Call]
OUTPUT = "embedding"


class Embedder(nn.Module):
    """A BERT with the mean over its tokens."""

    def __init__(self, bert: nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return unit vectors."""
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return mean_over_tokens(hidden, attention_mask)


def in_torch(how: str, precision: str) -> Maker:
    """PyTorch: `eager`, `compile`, or `graphs`."""

    def make(shape: Shape, size: int, device: str, _folder: Path) -> Call:
        if how != "eager" and device != "cuda":
            raise RuntimeError(f"{how} is measured on a GPU")
        dtype = {"fp32": torch.float32, "fp16": torch.float16}[precision]
        module = Embedder(deepcopy(shape.module)).eval().to(device=device, dtype=dtype)
        fed = {k: torch.from_numpy(table).to(device) for k, table in shape.batch(size).items()}
        run: Any = torch.compile(module, mode="reduce-overhead") if how == "compile" else module
        if how == "graphs":
            run = torch.cuda.make_graphed_callables(module, tuple(fed.values()))

        def call() -> Table:
            with torch.inference_mode():
                made: Table = run(*fed.values()).float().cpu().numpy()
            return made

        return call

    return make


def onnxruntime(shape: Shape, size: int, device: str, folder: Path) -> Call:
    """ONNX Runtime over the exported graph."""
    import onnxruntime as ort

    if PROVIDERS[device] not in ort.get_available_providers():
        raise RuntimeError(f"this onnxruntime has no {PROVIDERS[device]}")
    precision = "fp16" if device == "cuda" else "fp32"
    path = _exported(shape, precision, folder)
    session = ort.InferenceSession(str(path), providers=[PROVIDERS[device]])
    fed = shape.batch(size)
    return lambda: np.asarray(session.run([OUTPUT], fed)[0])


def tensorrt(shape: Shape, size: int, _device: str, folder: Path) -> Call:
    """Our engine, captured, as served."""
    from serving.runtime.tensorrt.captured import deserialise
    from serving.runtime.tensorrt.device import Cuda
    from serving.runtime.tensorrt.engine import assemble

    api, device = find(), Cuda()
    profiles = for_encoder(list(shape.batch(1)), [ENCODER_TOKENS], size)
    built = build(api, _exported(shape, "fp16", folder), profiles, device.architecture)
    (folder / "model.plan").write_bytes(built.engine)
    spans = [Span(1, 1, ENCODER_TOKENS, ENCODER_TOKENS)]
    if size > 1:
        spans.append(Span(2, size, ENCODER_TOKENS, ENCODER_TOKENS))
    graph = Graph("model.plan", tuple(spans), built.width)
    bound = EngineTuple(api.name, api.version, device.architecture, {"model": graph})
    description = Description(
        name=shape.name, task="embedding", family="minilm", engine="tensorrt", precision="fp16",
        inputs=tuple(shape.batch(1)), output=OUTPUT, buckets=(ENCODER_TOKENS,),
    )  # fmt: skip
    engine = assemble(folder, description, bound, api.trt, device, deserialise)
    return lambda: np.asarray(engine.infer(shape.batch(size))[OUTPUT])


SYSTEMS: dict[str, Maker] = {
    "eager-fp32": in_torch("eager", "fp32"),
    "eager-fp16": in_torch("eager", "fp16"),
    "torch.compile-fp16": in_torch("compile", "fp16"),
    "graphs-fp16": in_torch("graphs", "fp16"),
    "onnxruntime": onnxruntime,
    "tensorrt-fp16": tensorrt,
}


def _exported(shape: Shape, precision: str, folder: Path) -> Path:
    tensors = {name: torch.from_numpy(table) for name, table in shape.batch(2).items()}
    export(Embedder(shape.module), tensors, OUTPUT, precision, folder / "model.onnx")
    return folder / "model.onnx"
