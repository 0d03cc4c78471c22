"""The cast policy of one model: searched with the casts emulated on the CPU."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from catalog.spec import ModelSpec
from model_build.compilers.contract import ImpossibleTarget
from model_build.compilers.fidelity import FLOORS, fidelity
from model_build.compilers.neuron.casts import Dtype, cast, parts
from model_build.compilers.neuron.search import Found, search
from model_build.compilers.probes import probes, typical
from model_build.sources.encoder import EncoderSource
from model_build.sources.parent import PartSource

SEARCHED: dict[str, Dtype] = {"auto": "bf16", "bf16": "bf16", "fp16": "fp16"}


@dataclass(frozen=True)
class Policy:
    """How a model is cast.

    Attributes:
        precision: `fp32`, or what the parts that are not kept compute in.
        module: The model with the casts in it.
        found: How it was searched; None for `fp32`.
    """

    precision: str
    module: nn.Module
    found: Found | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the policy as a document, every trial in it."""
        if self.found is None:
            return {"precision": self.precision, "kept_fp32": "everything"}
        return {
            "precision": self.precision,
            "kept_fp32": sorted(self.found.kept),
            "fp32_share_of_work": round(self.found.share, 4),
            "likeness": self.found.likeness,
            "trials": [
                {"step": item.step, "kept": list(item.kept), "likeness": item.likeness}
                for item in self.found.trials
            ],
        }


def choose_policy(
    spec: ModelSpec, source: EncoderSource, precision: str, floor: float | None = None
) -> Policy:
    """Return the policy for a target's precision.

    Args:
        spec: The model's row.
        source: Its source in FP32.
        precision: `auto` (16 bits where the answers allow it, as bf16), `bf16`, `fp16` or `fp32`.
        floor: The least likeness; default: the compilers' own floor for the task.

    Raises:
        ImpossibleTarget: The precision does not exist on the chip.
        Hopeless: The model is unlike itself however it is cast.
    """
    if precision == "fp32":
        return Policy("fp32", source.module)
    if precision not in SEARCHED:
        raise ImpossibleTarget(
            f"{spec.name}: precision {precision!r}: NeuronCores compute in fp32, bf16 and fp16:"
            " use auto, bf16, fp16 or fp32"
        )
    dtype = SEARCHED[precision]
    inputs = probes(spec.task)
    expected = source.predict(inputs)

    def likeness(kept: frozenset[str]) -> float:
        return fidelity(spec.task, expected, _with(source, dtype, kept).predict(inputs))[1]

    metric = fidelity(spec.task, expected, expected)[0]
    found = search(work(spec, source), likeness, FLOORS[metric] if floor is None else floor)
    return Policy(dtype, cast(source.module, dtype, found.kept), found)


@dataclass(frozen=True)
class Policies:
    """How the parts of a parent are cast, each as its own search found it.

    Attributes:
        precision: What parts compute in: 16 bits, or `fp32` where that is asked for.
        module: The parent module with the casts in it.
        by_part: The policy of each part.
    """

    precision: str
    module: nn.Module
    by_part: Mapping[str, Policy]

    def to_json(self) -> dict[str, Any]:
        """Return the policies as a document, every trial of every part in it."""
        parts = {name: policy.to_json() for name, policy in self.by_part.items()}
        kept = {name: document["kept_fp32"] for name, document in parts.items()}
        return {"precision": self.precision, "kept_fp32": kept, "parts": parts}


def choose_policies(spec: ModelSpec, source: PartSource, precision: str) -> Policies:
    """Return the policies for the parent of a row; arguments and errors as in `choose_policy`."""
    found = {
        part.name: choose_policy(part, source.parts[part.name], precision) for part in spec.parts
    }
    module = source.parent({name: policy.module for name, policy in found.items()})
    return Policies(next(iter(found.values())).precision, module, found)


def work(spec: ModelSpec, source: EncoderSource) -> dict[str, float]:
    """Return the floating-point operations of each part for a typical input; one at the least."""
    module = copy.deepcopy(source.module)
    found = parts(module)
    counts = dict.fromkeys(found, 1.0)
    counters: dict[str, Any] = {}

    def start(name: str) -> Any:
        def hook(*_: Any) -> None:
            counters[name] = FlopCounterMode(display=False)
            counters[name].__enter__()

        return hook

    def stop(name: str) -> Any:
        def hook(*_: Any) -> None:
            counters[name].__exit__(None, None, None)
            counts[name] += float(counters[name].get_total_flops())

        return hook

    for name, part in found.items():
        part.register_forward_pre_hook(start(name))
        part.register_forward_hook(stop(name))
    with torch.inference_mode():
        module(**source.tensors([typical(spec.task)]))
    return counts


def _with(source: EncoderSource, dtype: Dtype, kept: frozenset[str]) -> EncoderSource:
    changed = copy.copy(source)
    changed.module = cast(source.module, dtype, kept)
    return changed
