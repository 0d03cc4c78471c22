"""`python3 -m model_build.gpu_host`: is this the machine that engines for G5 can be built on?

The first command of a GPU build, in the image's own Python: standard library alone. A default
TensorRT engine runs under the very version that built it, on the kind of GPU it was built on; so
the whole tuple is printed, and a wrong one ends the build before anything is installed.
"""

import argparse
import ctypes
import os
import subprocess
import sys
from dataclasses import asdict, dataclass

from catalog.gpu import TENSORRT, same_tensorrt

QUERY = ("name", "compute_cap", "driver_version")
LIBRARY = "libnvinfer.so.10"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Host:
    """What an engine is bound to.

    Attributes:
        gpu: The GPU's name.
        compute_capability: Such as `8.6`.
        driver: The driver's version.
        tensorrt: The library's version.
        image: The tag of the image that this runs in.
    """

    gpu: str
    compute_capability: str
    driver: str
    tensorrt: str
    image: str


def look() -> Host:
    """Return this machine's tuple; what cannot be found out is `unknown`."""
    command = ["nvidia-smi", f"--query-gpu={','.join(QUERY)}", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        name, capability, driver = (
            word.strip() for word in answer.stdout.splitlines()[0].split(",")
        )
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        name, capability, driver = UNKNOWN, UNKNOWN, UNKNOWN
    image = os.environ.get("SLIPWAY_IMAGE_TAG", UNKNOWN)
    return Host(name, capability, driver, _tensorrt(), image)


def faults(host: Host, capability: str, driver: int, image: str | None = None) -> list[str]:
    """Return what is wrong with a host, each with the remedy.

    Args:
        host: The host.
        capability: The compute capability that engines are for.
        driver: The oldest driver that runs the image's CUDA.
        image: The tag of the image that serves; None if it does not matter.
    """
    found = []
    if host.compute_capability != capability:
        found.append(
            f"compute capability {host.compute_capability}, needed {capability}: an A10G is"
            " LINUX_GPU_CONTAINER of size small; or set `where: job` for this builder"
        )
    major = host.driver.partition(".")[0]
    if not major.isdigit() or int(major) < driver:
        found.append(f"driver {host.driver}, needed {driver} or newer: this host cannot run CUDA")
    if not same_tensorrt(host.tensorrt):
        found.append(f"TensorRT {host.tensorrt}, needed {TENSORRT}: serve and build in one image")
    if image is not None and host.image != image:
        found.append(
            f"image slipway/triton:{host.image}, this commit's is slipway/triton:{image}: let the"
            " infrastructure pipeline deploy slipway-tooling, then retry the stage"
        )
    return found


def main(arguments: list[str]) -> int:
    """Print the tuple; say what is wrong with it on standard error, exit code 1."""
    parser = argparse.ArgumentParser(prog="python3 -m model_build.gpu_host", description=__doc__)
    parser.add_argument("--compute-capability", required=True)
    parser.add_argument("--driver", type=int, required=True)
    parser.add_argument("--image", help="the tag that the image must have")
    parsed = parser.parse_args(arguments)
    host = look()
    print("gpu host: " + ", ".join(f"{key} {value}" for key, value in asdict(host).items()))
    wrong = faults(host, parsed.compute_capability, parsed.driver, parsed.image)
    for fault in wrong:
        print(f"gpu host: {fault}", file=sys.stderr)
    return 1 if wrong else 0


def _tensorrt() -> str:
    try:
        number = int(ctypes.CDLL(LIBRARY).getInferLibVersion())
    except (OSError, AttributeError):
        return UNKNOWN
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
