"""The one seam between the two TensorRTs.

`tensorrt` builds for the GPU it runs on, inside the image that serves: the cloud's builder.
`tensorrt_rtx` builds for a named GPU on a machine that has none: CI, on a CPU. Their builders and
parsers have one interface; what differs is here.
"""

import subprocess
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from model_build.compilers.contract import ImpossibleTarget

Name = Literal["tensorrt", "tensorrt-rtx"]
MODULES: tuple[tuple[Name, str], ...] = (
    ("tensorrt", "tensorrt"),
    ("tensorrt", "tensorrt_bindings"),
    ("tensorrt-rtx", "tensorrt_rtx"),
    ("tensorrt-rtx", "tensorrt_rtx_bindings"),
)


class MissingTensorRt(ImpossibleTarget):
    """No TensorRT of the wanted kind can be imported here."""


@dataclass(frozen=True)
class Api:
    """A TensorRT: its kind, its version and its Python module."""

    name: Name
    version: str
    trt: Any

    @property
    def typed_flags(self) -> int:
        """Return the flags of a strongly typed network; RTX knows no other."""
        return 1 << int(self.trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)

    def aim(self, config: Any, architecture: str) -> None:
        """Make a builder config build for an architecture such as `sm_86`.

        Raises:
            ImpossibleTarget: This TensorRT cannot build for it here.
        """
        if self.name == "tensorrt":
            check_gpu(architecture)
            return
        known = self.trt.ComputeCapability
        name = architecture.replace("_", "").upper()
        if not hasattr(known, name):
            offered = ", ".join(sorted(key for key in dir(known) if key.startswith("SM")))
            raise ImpossibleTarget(
                f"architecture {architecture!r}: TensorRT-RTX {self.version} builds for {offered}"
            )
        config.num_compute_capabilities = 1
        config.set_compute_capability(getattr(known, name), 0)


def find(wanted: Name | None = None) -> Api:
    """Return the TensorRT that can be imported, the full one first.

    Args:
        wanted: Take this one alone.

    Raises:
        MissingTensorRt: There is none; the message says where there is.
    """
    reasons = []
    for name, module in MODULES:
        if wanted not in (None, name):
            continue
        try:
            found = import_module(module)
        except ImportError as error:
            reasons.append(f"{module}: {error}")
            continue
        return Api(name, found.__version__, found)
    raise MissingTensorRt(
        f"no {wanted or 'TensorRT'} can be imported ({'; '.join(reasons)}): the serving image has"
        " `tensorrt`; requirements/files.txt has TensorRT-RTX, which builds without a GPU"
    )


def check_gpu(architecture: str) -> None:
    """Compare this machine's GPU with an architecture.

    Raises:
        ImpossibleTarget: There is no GPU, or another one.
    """
    command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader", "--id=0"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise ImpossibleTarget(
            f"architecture {architecture!r}: TensorRT builds on the GPU it builds for, and none"
            f" answers here ({error}): build on a g5 instance (CodeBuild project compile-g5)"
        ) from error
    found = f"sm_{answer.stdout.strip().replace('.', '')}"
    if found != architecture:
        raise ImpossibleTarget(
            f"architecture {architecture!r}: the GPU here is {found}: an engine runs only on the"
            " kind of GPU it was built on; build on an instance of the target's family"
        )
