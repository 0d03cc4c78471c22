"""Refuse, before anything is loaded, an engine that this server cannot run.

Triton's own TensorRT backend would refuse it too, in words of its own, or crash. The tuple of
(TensorRT, GPU) is compared here; the image's tag is `serving.built_for`'s affair.
"""

import os
import subprocess
from pathlib import Path

from serving.runtime import read_description, verify_files
from serving.runtime.tensorrt.engine_tuple import WrongEngine, read_tuple

VERSION_VARIABLE = "SLIPWAY_TENSORRT"
"""The image's TensorRT, which its Dockerfile asked of the library itself."""
PLAN = "model.plan"


def check(artifact: Path) -> None:
    """Compare a TensorRT artifact with this server; anything else passes.

    Args:
        artifact: The compiled model directory of an archive. Triton's backend reads `model.plan`
            one folder above it.

    Raises:
        WrongEngine: Another TensorRT or GPU than the engine's; the message has both tuples.
        CorruptArtifact: The plan that Triton's backend reads is missing or altered.
    """
    description = read_description(artifact)
    if description.engine != "tensorrt":
        return
    bound = read_tuple(artifact)
    version = os.environ.get(VERSION_VARIABLE) or bound.version  # none in a server run by hand
    here = f"tensorrt {version}, {_architecture()}"
    same = _same(bound.version, version)
    if not same or not here.endswith(bound.architecture):
        raise WrongEngine(
            f"{description.name}: engine built by ({bound.tensorrt} {bound.version},"
            f" {bound.architecture}), this server is ({here}): build the artifact again in the"
            " image that serves it, or deploy it to its own kind of instance"
        )
    if PLAN in description.files and not (artifact / PLAN).exists():
        verify_files(artifact.parent, {PLAN: description.files[PLAN]})


def _same(built: str, here: str) -> bool:
    """Say whether versions are equal as far as both are given: a library knows no build number."""
    return all(
        left == right for left, right in zip(built.split("."), here.split("."), strict=False)
    )


def _architecture() -> str:
    command = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader", "--id=0"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return "no GPU"
    return f"sm_{answer.stdout.strip().replace('.', '')}"
