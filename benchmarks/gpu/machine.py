"""What a run ran on: GPU, driver, clocks, versions."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from typing import Any

QUERY = (
    "name,driver_version,compute_cap,memory.total,clocks.sm,clocks.max.sm,clocks.mem,power.limit"
)
PACKAGES = (
    "torch", "transformers", "onnxruntime-gpu", "ctranslate2", "tensorrt", "tensorrt-cu13-bindings",
    "tensorrt-rtx-cu12-bindings", "numpy",
)  # fmt: skip


class NoGpu(Exception):
    """There is no GPU to measure."""


def gpu() -> dict[str, str]:
    """Return what nvidia-smi says of the first GPU.

    Raises:
        NoGpu: It is not there or answers nothing.
    """
    command = ["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader", "--id=0"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoGpu(
            f"no GPU answers here ({error}): run it on one, such as a g5.xlarge; `--device cpu"
            " --tiny` tries the code without measuring anything"
        ) from error
    values = [value.strip() for value in answer.stdout.splitlines()[0].split(",")]
    return dict(zip(QUERY.split(","), values, strict=True))


def machine(device: str) -> dict[str, Any]:
    """Return the machine and the versions of what is installed.

    Raises:
        NoGpu: The device is `cuda` and there is none.
    """
    found: dict[str, Any] = {"system": platform.platform(), "python": platform.python_version()}
    if device == "cuda":
        found["gpu"] = gpu()
    found["packages"] = {name: known for name in PACKAGES if (known := _version(name))}
    return found


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
