"""What a model is compiled for: accelerator, instance, precision, and a compiler's settings."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from catalog.base import Count, Strict, as_tuple
from catalog.instances import Accelerator, instance

Precision = Literal["auto", "fp32", "fp16", "bf16", "int8"]
Engine = Literal["ctranslate2", "onnxruntime", "onnxruntime-steps", "openvino"]


class NeuronOptions(Strict):
    """Settings of the Neuron compiler and runtime.

    `batches` times the row's length buckets is the grid of static shapes. `cores` load a copy of
    the model each (DataParallel); `pipeline_cores` share one. `dynamic_batch` lets one compiled
    batch serve all sizes, where the graph allows it.
    """

    batches: Annotated[tuple[Count, ...], Field(min_length=1)] = (1,)
    cores: Count = 1
    pipeline_cores: Count = 1
    dynamic_batch: bool = False
    timeout_minutes: Annotated[int, Field(ge=1, le=480)] = 60

    _listed = field_validator("batches", mode="before")(as_tuple)


class SearchOptions(Strict):
    """Have a build search `instances`, `max_batch` and `queue_delay_us` through the real Triton.

    The most throughput wins whose p99 keeps to `p99_ms`, found in at most `trials` measurements of
    some `seconds` each. The winner is what is packaged, and lies in the manifest with the curve. A
    winner that serves less than the recorded one by more than `max_regression` fails the gates.
    """

    p99_ms: Annotated[float, Field(strict=False, gt=0)]
    trials: Count = 16
    seconds: Annotated[float, Field(strict=False, gt=0, le=60)] = 2.0
    max_regression: Annotated[float, Field(strict=False, gt=0, lt=1)] = 0.2


class TargetOptions(Strict):
    """Compiler and server settings of a target; all of them are part of the artifact's key.

    A request that waited longer than `queue_timeout_us` in Triton's queue is rejected, not served
    late; when `max_queue` wait for a model, further ones are refused. 0 is no limit, and what every
    row says: Triton up to 25.09 stalls with either (serving/triton/README.md).
    """

    engines: tuple[Engine, ...] = ()
    threads: Count = 1
    instances: Count = 1
    max_batch: Count = 8
    queue_delay_us: Annotated[int, Field(ge=0)] = 0
    queue_timeout_us: Annotated[int, Field(ge=0)] = 0
    max_queue: Annotated[int, Field(ge=0)] = 0
    beams: Count = 1
    search: SearchOptions | None = None
    neuron: NeuronOptions = NeuronOptions()

    _listed = field_validator("engines", mode="before")(as_tuple)


class Target(Strict):
    """One place a model is compiled for."""

    accelerator: Accelerator
    instance: str
    precision: Precision = "auto"
    options: TargetOptions = TargetOptions()

    @model_validator(mode="after")
    def _fits(self) -> "Target":
        found = instance(self.instance)
        if found.accelerator != self.accelerator:
            raise ValueError(
                f"instance {self.instance!r} has accelerator {found.accelerator!r}, the target says"
                f" {self.accelerator!r}: name an instance that has it"
            )
        if self.accelerator == "cpu" and self.precision == "bf16" and not found.bf16:
            raise ValueError(
                f"precision 'bf16' would be emulated on {self.instance}, twenty times slower:"
                " name a c7i, whose CPU has it, or use precision 'auto'"
            )
        if self.options.engines and self.accelerator != "cpu":
            raise ValueError(f"options.engines is for the cpu; {self.accelerator} has one compiler")
        if self.options.neuron != NeuronOptions() and not self.accelerator.startswith("inf"):
            raise ValueError(
                f"options.neuron is for inf1 and inf2, not {self.accelerator}: remove it"
            )
        return self

    @property
    def architecture(self) -> str:
        """Return the architecture that code is compiled for, such as `x86-64-v4` or `sm_86`."""
        return instance(self.instance).architecture
