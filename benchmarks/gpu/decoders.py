"""The systems that write tokens: each a function that makes one call of a fixed batch."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.gpu.ort_stepper import OrtStepper
from benchmarks.gpu.shapes import INPUT_TOKENS, OUTPUT_TOKENS, Shape
from benchmarks.gpu.torch_stepper import TorchStepper
from model_build.compilers.tensorrt.api import find
from model_build.compilers.tensorrt.engine import build
from model_build.compilers.tensorrt.graphs.export import export, shapes
from model_build.compilers.tensorrt.plans import PLACES
from model_build.compilers.tensorrt.profiles import for_graph
from serving.runtime import Description
from serving.runtime.generation.loop import GenerationEngine
from serving.runtime.tensorrt.engine_tuple import EngineTuple, Graph, Span
from serving.runtime.tensors import OUTPUT_IDS

Table = np.ndarray[Any, Any]
Call = Callable[[], Table]
Maker = Callable[[Shape, int, str, Path], Call]


def eager(precision: str) -> Maker:
    """Hugging Face's `generate`, as it is."""

    def make(shape: Shape, size: int, device: str, _folder: Path) -> Call:
        dtype = {"fp32": torch.float32, "fp16": torch.float16}[precision]
        module = deepcopy(shape.module).to(device=device, dtype=dtype)
        return lambda: _generate(module, shape, size, device)

    return make


def compiled(shape: Shape, size: int, device: str, _folder: Path) -> Call:
    """`generate` with a static cache and its forward compiled, as Hugging Face advises."""
    module = deepcopy(shape.module).to(device=device, dtype=torch.float16)
    module.generation_config.cache_implementation = "static"
    untyped: Any = module
    untyped.forward = torch.compile(module.forward, mode="reduce-overhead")
    return lambda: _generate(module, shape, size, device)


def stepped(how: str, precision: str) -> Maker:
    """Our step in PyTorch, with our loop."""

    def make(shape: Shape, size: int, device: str, _folder: Path) -> Call:
        if how == "graphs" and device != "cuda":
            raise RuntimeError("CUDA graphs need a GPU")
        batch = shape.batch(size)
        return TorchStepper(shape.module, batch, OUTPUT_TOKENS, device, precision, how)

    return make


def onnxruntime(shape: Shape, size: int, device: str, folder: Path) -> Call:
    """The exported step under ONNX Runtime, the state on the device."""
    precision = "fp16" if device == "cuda" else "fp32"
    generation = export(shape.module, folder, precision=precision, beams=1, steps=OUTPUT_TOKENS)
    engine = GenerationEngine(
        OrtStepper(folder, generation, device), generation, _description(shape, precision)
    )
    return lambda: engine.infer(shape.batch(size))[OUTPUT_IDS]


def ctranslate2(shape: Shape, size: int, device: str, folder: Path) -> Call:
    """CTranslate2 over made-up words, as many as the others get."""
    import ctranslate2 as library
    from ctranslate2.converters import TransformersConverter

    from benchmarks import shapes as saved

    if device == "cuda" and not library.get_cuda_device_count():
        raise RuntimeError("this CTranslate2 sees no GPU")
    if shape.name not in ("t5-small", "bart-base"):
        raise RuntimeError("no saved shape with a tokenizer for this architecture")
    saved.t5_small(folder) if shape.kind == "t5" else saved.bart_base(folder)
    TransformersConverter(str(folder)).convert(str(folder / "ct2"), quantization="float16")
    translator = library.Translator(str(folder / "ct2"), device=device)
    texts = [[*saved.words(INPUT_TOKENS - 1), "</s>"]] * size
    lengths = {"max_decoding_length": OUTPUT_TOKENS, "min_decoding_length": OUTPUT_TOKENS}

    def call() -> Table:
        made = translator.translate_batch(texts, beam_size=1, **lengths)
        return np.array([[len(item.hypotheses[0])] for item in made])

    return call


def tensorrt(shape: Shape, size: int, _device: str, folder: Path) -> Call:
    """Our engines and our loop, as served: the state on the GPU, one CUDA graph a step."""
    from serving.runtime.tensorrt.captured import deserialise
    from serving.runtime.tensorrt.device import Cuda
    from serving.runtime.tensorrt.engine import assemble

    api, device = find(), Cuda()
    bound = engines(shape, size, folder, device.architecture)
    description = _description(shape, "fp16")
    engine = assemble(folder, description, bound, api.trt, device, deserialise)
    return lambda: engine.infer(shape.batch(size))[OUTPUT_IDS]


def engines(shape: Shape, size: int, folder: Path, architecture: str) -> EngineTuple:
    """Build both engines of a shape for one batch size, over caches as long as those served.

    It needs no GPU with TensorRT-RTX.
    """
    api = find()
    batches, lengths = (size,), (INPUT_TOKENS,)
    generation = export(
        shape.module, folder, precision="fp16", beams=1, steps=OUTPUT_TOKENS,
        batches=batches, lengths=lengths, places=PLACES,
    )  # fmt: skip
    span = Span(size, size, INPUT_TOKENS, INPUT_TOKENS)
    graphs = {}
    for name, inputs in shapes(shape.module, generation).items():
        profiles = for_graph(inputs, batches, lengths, 1)
        built = build(api, folder / f"{name}.onnx", profiles, architecture)
        (folder / f"{name}.plan").write_bytes(built.engine)
        graphs[name] = Graph(f"{name}.plan", (span,))
    return EngineTuple(api.name, api.version, architecture, graphs)


SYSTEMS: dict[str, Maker] = {
    "eager-fp32": eager("fp32"),
    "eager-fp16": eager("fp16"),
    "torch.compile-fp16": compiled,
    "loop-torch-fp32": stepped("eager", "fp32"),
    "loop-graphs-fp16": stepped("graphs", "fp16"),
    "loop-compile-fp16": stepped("compile", "fp16"),
    "loop-onnxruntime": onnxruntime,
    "ctranslate2-fp16": ctranslate2,
    "loop-tensorrt-fp16": tensorrt,
}


def _generate(module: Any, shape: Shape, size: int, device: str) -> Table:
    fed = {name: torch.from_numpy(table).to(device) for name, table in shape.batch(size).items()}
    with torch.inference_mode():
        made: Table = module.generate(**fed)[:, 1:].cpu().numpy()
    return made


def _description(shape: Shape, precision: str) -> Description:
    return Description(
        name=shape.name, task="seq2seq", family=shape.kind, engine="tensorrt", precision=precision,
        inputs=("input_ids", "attention_mask"), output=OUTPUT_IDS, max_output_tokens=OUTPUT_TOKENS,
    )  # fmt: skip
