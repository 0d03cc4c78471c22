"""The step graphs in PyTorch itself: eager, compiled, or captured as CUDA graphs.

The same loop drives them as in serving; what differs is who runs the graphs.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model_build.compilers.tensorrt.graphs.encode import Encode, lower
from model_build.compilers.tensorrt.graphs.export import DECODERS, DTYPES
from model_build.compilers.tensorrt.graphs.greedy import GreedyStep, Tokens
from serving.runtime.tensors import ATTENTION_MASK, INPUT_IDS

Table = np.ndarray[Any, Any]
WARM_UPS = 3


def encoder_captures(kind: str, dtype: torch.dtype) -> bool:
    """Say whether an encoder with eager attention may be captured: it asks the host for nothing.

    In float16 each layer of Hugging Face's BART brings its values to the host, to clamp them where
    one is infinite (`BartEncoderLayer.forward`); T5 clamps on the device.
    """
    return kind != "bart" or dtype != torch.float16


class TorchStepper:
    """Greedy decoding of one fixed batch shape on a device."""

    def __init__(
        self,
        module: Any,
        batch: dict[str, Table],
        steps: int,
        device: str,
        precision: str,
        how: str,
    ) -> None:
        """Move a copy of a model to the device and make ready.

        Args:
            module: A Hugging Face T5 or BART.
            batch: Ids and mask of the shape.
            steps: Tokens to write.
            device: `cuda` or `cpu`.
            precision: `fp32`, `fp16` or `bf16`.
            how: `eager`, `compile` or `graphs` (CUDA graphs, on a GPU alone); an encoder that
                cannot be captured runs as it is, once a call.
        """
        dtype = DTYPES[precision]
        model = deepcopy(module).float().eval().requires_grad_(False)
        # Hugging Face's BART asks the host whether a mask hides anything, for any other attention.
        model.set_attn_implementation("eager")
        wanted = model.generation_config
        tokens = Tokens(wanted.decoder_start_token_id, wanted.eos_token_id, wanted.pad_token_id)
        decoder = DECODERS[model.config.model_type](model, steps, 1, dtype)
        step = GreedyStep(decoder, tokens).to(device)
        encode = Encode(lower(model.get_encoder(), dtype), decoder).to(device)
        rows = len(batch[INPUT_IDS])
        shape = (rows, decoder.heads, steps, decoder.width)
        self._device, self._steps = device, steps
        self._ids = torch.from_numpy(batch[INPUT_IDS]).to(device)
        self._mask = torch.from_numpy(batch[ATTENTION_MASK]).to(device)
        first = [torch.from_numpy(item.begin(rows, 1)) for item in step.carried()]
        first += [torch.zeros(shape, dtype=dtype) for _ in range(2 * decoder.count)]
        self._first = [tensor.to(device) for tensor in first]
        self._state = [tensor.clone() for tensor in self._first]
        with torch.inference_mode():
            self._cross = [part.clone() for part in encode(self._ids, self._mask)]
            self._done = step(self._mask, *self._state, *self._cross)[0].clone()
        run: Any = (
            torch.compile(step, mode="max-autotune-no-cudagraphs") if how == "compile" else step
        )
        first_pass: Any = torch.compile(encode) if how == "compile" else encode

        def encode_once() -> None:
            made = first_pass(self._ids, self._mask)
            for kept, tensor in zip(
                [*self._cross, *self._state], [*made, *self._first], strict=True
            ):
                kept.copy_(tensor)

        def step_once() -> None:
            done, *after = run(self._mask, *self._state, *self._cross)
            self._done.copy_(done)
            for kept, tensor in zip(self._state, after, strict=True):
                kept.copy_(tensor)

        self._encode, self._step = encode_once, step_once
        if how != "eager" and device == "cuda":
            if encoder_captures(model.config.model_type, dtype):
                self._encode = _captured(encode_once)
            self._step = _captured(step_once)

    def __call__(self) -> Table:
        """Write all tokens and return them, (rows, steps); the device is read once, at the end."""
        with torch.inference_mode():
            self._encode()
            for _ in range(self._steps):
                self._step()
            written: Tensor = self._state[2]
            return written.cpu().numpy()


def _captured(work: Callable[[], None]) -> Callable[[], None]:
    """Return a call that replays what `work` asks of the GPU."""
    cuda: Any = torch.cuda
    stream: Any = cuda.Stream()
    stream.wait_stream(cuda.current_stream())  # which may still be making what `work` reads
    with torch.inference_mode(), torch.cuda.stream(stream):
        for _ in range(WARM_UPS):
            work()
    torch.cuda.synchronize()
    graph: Any = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        work()
    replay: Callable[[], None] = graph.replay
    return replay
