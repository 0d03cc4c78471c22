"""What may be captured as a CUDA graph, shown by tensors without content: nobody can read them."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.gpu.shapes import OUTPUT_TOKENS, build
from benchmarks.gpu.torch_stepper import TorchStepper, encoder_captures
from model_build.compilers.tensorrt.graphs.export import DECODERS, DTYPES
from model_build.compilers.tensorrt.graphs.greedy import GreedyStep, Tokens

CASES = [(name, precision) for name in ("t5-small", "bart-base") for precision in ("fp32", "fp16")]


class Copies(TorchDispatchMode):
    """Counts tensors that are brought to another device: a capture may not wait for one."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func is torch.ops.aten._to_copy.default and made.device != args[0].device:
            self.count += 1
        return made


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_an_encoder_is_captured_where_it_asks_the_host_for_nothing(name, precision):
    shape = build(name, tiny=True)

    def run() -> None:
        TorchStepper(shape.module, shape.batch(2), OUTPUT_TOKENS, "meta", precision, "eager")

    if encoder_captures(shape.kind, DTYPES[precision]):
        run()
    else:
        with pytest.raises(RuntimeError, match="on meta tensors"):
            run()


def test_of_what_is_measured_only_barts_encoder_in_half_precision_is_not_captured():
    kinds = {"t5-small": "t5", "bart-base": "bart"}
    refused = [
        (name, precision)
        for name, precision in CASES
        if not encoder_captures(kinds[name], DTYPES[precision])
    ]

    assert refused == [("bart-base", "fp16")]


@pytest.mark.parametrize(("name", "precision"), CASES)
def test_a_step_stays_on_its_device(name, precision):
    model = build(name, tiny=True).module
    dtype = DTYPES[precision]
    decoder = DECODERS[model.config.model_type](model, OUTPUT_TOKENS, 1, dtype)
    step = GreedyStep(decoder, Tokens(start=0, end=2, pad=0)).to("meta")
    caches = [
        torch.zeros((2, decoder.heads, length, decoder.width), dtype=dtype, device="meta")
        for length in (OUTPUT_TOKENS, 11)
        for _ in range(2 * decoder.count)
    ]
    state = [torch.from_numpy(item.begin(2, 1)).to("meta") for item in step.carried()]
    mask = torch.from_numpy(np.ones((2, 11), np.int64)).to("meta")

    with torch.inference_mode(), Copies() as copies:
        made = step(mask, *state, *caches)

    assert {tensor.device.type for tensor in made} == {"meta"}
    assert copies.count == 0
