"""Encoder and step of a T5 or BART as two ONNX graphs, with `generation.json` beside them.

The same two graphs run under ONNX Runtime on the CPU and become TensorRT engines for a GPU.
"""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model_build.compilers.contract import ImpossibleTarget
from model_build.compilers.onnx_graph import OPSET, quiet
from model_build.compilers.tensorrt.graphs.bart import BartDecoder
from model_build.compilers.tensorrt.graphs.beam import BeamStep, Search
from model_build.compilers.tensorrt.graphs.encode import Encode, lower
from model_build.compilers.tensorrt.graphs.greedy import GreedyStep, Tokens
from model_build.compilers.tensorrt.graphs.t5 import T5Decoder
from serving.runtime.generation.onnxruntime_stepper import ENCODER, STEP
from serving.runtime.generation.state import DONE, FILE_NAME, NEXT, Carried, Generation
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
DECODERS = {"t5": T5Decoder, "bart": BartDecoder}
# What a generation config may ask for that a step does not do; each with its idle value.
UNSUPPORTED = {
    "no_repeat_ngram_size": (0, None),
    "repetition_penalty": (1.0, None),
    "min_length": (0, None),
    "min_new_tokens": (None,),
    "bad_words_ids": (None,),
    "suppress_tokens": (None,),
    "num_beam_groups": (1, None),
}
_EXAMPLE_TEXTS, _EXAMPLE_LENGTH = 2, 6


def export(
    module: Any, directory: Path, *, precision: str, beams: int, steps: int,
    batches: Sequence[int] = (), lengths: Sequence[int] = (), places: int = 0,
) -> Generation:  # fmt: skip
    """Write both graphs and `generation.json` into a directory.

    Args:
        module: A Hugging Face T5 or BART; it is left as it is.
        directory: Must exist.
        precision: `fp32`, `fp16` or `bf16`; the parts that overflow stay in float32.
        beams: 1 is greedy.
        steps: Longest output in tokens.
        batches: Batch sizes that the graphs will be compiled for.
        lengths: Input lengths that they will be compiled for.
        places: Length of the caches, where it must be more than the steps.

    Raises:
        ImpossibleTarget: The model's generation config asks for what a step does not do.
    """
    dtype = DTYPES[precision]
    model = deepcopy(module).float().eval().requires_grad_(False)
    wanted = model.generation_config
    _refuse_unsupported(wanted)
    tokens = Tokens(
        start=wanted.decoder_start_token_id,
        end=_single(wanted.eos_token_id),
        pad=wanted.pad_token_id,
        first=wanted.forced_bos_token_id,
        last=wanted.forced_eos_token_id,
    )
    decoder = DECODERS[model.config.model_type](model, steps, beams, dtype, places)
    encode = Encode(lower(model.get_encoder(), dtype), decoder)
    search = Search(wanted.length_penalty, wanted.early_stopping)
    step = GreedyStep(decoder, tokens) if beams == 1 else BeamStep(decoder, tokens, search)
    shape = ("rows", decoder.heads, decoder.places, decoder.width)
    caches = [
        Carried(f"own_{name}", shape, str(dtype).removeprefix("torch."))
        for name in _caches(decoder.count)
    ]
    generation = Generation(
        beams=beams,
        steps=steps,
        pad=tokens.pad,
        answer="written" if beams == 1 else "best",
        constant=(ATTENTION_MASK, *(f"cross_{name}" for name in _caches(decoder.count))),
        carried=(*step.carried(), *caches),
        batches=tuple(batches),
        lengths=tuple(lengths),
    )
    _write(encode, step, generation, directory)
    (directory / FILE_NAME).write_text(generation.to_json(), encoding="utf-8")
    return generation


def shapes(module: Any, generation: Generation) -> dict[str, dict[str, tuple[str | int, ...]]]:
    """Return the shapes of the inputs of both graphs, by graph and name; free sizes are words."""
    config = module.config
    heads = getattr(config, "num_heads", None) or config.decoder_attention_heads
    width = getattr(config, "d_kv", None) or config.d_model // heads
    mask, *crosses = generation.constant
    cross = dict.fromkeys(crosses, ("texts", heads, "length", width))
    text = ("texts", "length")
    return {
        "encoder": {INPUT_IDS: text, ATTENTION_MASK: text},
        "step": {mask: text, **cross, **{item.name: item.shape for item in generation.carried}},
    }


def _write(encode: Encode, step: nn.Module, generation: Generation, directory: Path) -> None:
    ids = torch.ones((_EXAMPLE_TEXTS, _EXAMPLE_LENGTH), dtype=torch.int64)
    mask_name, *cross_names = generation.constant
    texts = {0: "texts", 1: "length"}
    crosses = {name: {0: "texts", 2: "length"} for name in cross_names}
    _onnx(encode, [ids, ids], [INPUT_IDS, ATTENTION_MASK], cross_names,
          {INPUT_IDS: texts, ATTENTION_MASK: texts, **crosses}, directory / ENCODER)  # fmt: skip
    with torch.inference_mode():
        cross = encode(ids, ids)
    state = [_begin(item, generation.beams) for item in generation.carried]
    own = len(cross)
    names = [item.name for item in generation.carried]
    free = {item.name: _free(item) for item in generation.carried}
    _onnx(
        step,
        [ids, *state[:-own], *state[-own:], *cross],
        [mask_name, *names, *cross_names],
        [DONE, *(f"{name}{NEXT}" for name in names)],
        {mask_name: texts, **crosses, **free, **{f"{k}{NEXT}": v for k, v in free.items()}},
        directory / STEP,
    )


def _onnx(
    module: nn.Module, tensors: list[Tensor], inputs: list[str], outputs: list[str],
    free: dict[str, dict[int, str]], path: Path,
) -> None:  # fmt: skip
    with quiet():
        torch.onnx.export(
            module.eval(),
            tuple(tensors),
            str(path),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def _begin(item: Carried, beams: int) -> Tensor:
    dtype = getattr(torch, item.dtype)
    return torch.full(item.sized(_EXAMPLE_TEXTS, beams), item.fill, dtype=dtype)


def _free(item: Carried) -> dict[int, str]:
    return {axis: size for axis, size in enumerate(item.shape) if isinstance(size, str)}


def _caches(layers: int) -> list[str]:
    return [f"{kind}_{layer}" for layer in range(layers) for kind in ("key", "value")]


def _single(end: Any) -> int:
    if isinstance(end, list) and len(end) == 1:
        return int(end[0])
    if not isinstance(end, int):
        raise ImpossibleTarget(f"generation config: eos_token_id {end}: one token must end a text")
    return end


def _refuse_unsupported(wanted: Any) -> None:
    for name, idle in UNSUPPORTED.items():
        value = getattr(wanted, name, None)
        if value not in idle:
            raise ImpossibleTarget(
                f"generation config: {name} is {value!r}, which the GPU's decoding does not do:"
                f" set it to {idle[0]!r} or leave the g5 target out"
            )
