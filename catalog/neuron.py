"""The Neuron toolchains: which versions belong together, frozen, as data.

Sources: release notes in aws-neuron/aws-neuron-sdk and the README of
aws-neuron/deep-learning-containers, read in stored copies of 2026-08. Inf1's is the last that ever
was: torch-neuron left the SDK with 2.21.
"""

from dataclasses import dataclass

from catalog.instances import Accelerator


@dataclass(frozen=True)
class NeuronToolchain:
    """What compiles and serves for one generation of chips.

    Attributes:
        architecture: What code is compiled for.
        sdk: The release of the Neuron SDK.
        image: AWS's container, which holds compiler, runtime and TorchServe 0.11.
        python: Its Python.
        torch: Its PyTorch.
        framework: The package that traces; an importable module.
        compiler: The package that compiles.
        no_cast: The compiler's words for "cast nothing by yourself".
    """

    architecture: str
    sdk: str
    image: str
    python: str
    torch: str
    framework: str
    compiler: str
    no_cast: tuple[str, ...]

    def versions(self) -> dict[str, str]:
        """Return what an artifact's key and manifest say of the toolchain."""
        return {
            "neuron-sdk": self.sdk,
            "neuron-image": self.image,
            self.framework.replace("_", "-"): self.torch,
        }


TOOLCHAINS: dict[Accelerator, NeuronToolchain] = {
    "inf1": NeuronToolchain(
        architecture="neuroncore-v1",
        sdk="2.20.2",
        image="public.ecr.aws/neuron/pytorch-inference-neuron:"
        "1.13.1-neuron-py310-sdk2.20.2-ubuntu20.04",
        python="3.10",
        torch="1.13.1",
        framework="torch_neuron",
        compiler="neuroncc",
        no_cast=("--fast-math", "none"),
    ),
    "inf2": NeuronToolchain(
        architecture="neuroncore-v2",
        sdk="2.31.1",
        image="public.ecr.aws/neuron/pytorch-inference-neuronx:"
        "2.9.0-neuronx-py312-sdk2.31.1-ubuntu24.04",
        python="3.12",
        torch="2.9.0",
        framework="torch_neuronx",
        compiler="neuronxcc",
        no_cast=("--auto-cast", "none"),
    ),
}
