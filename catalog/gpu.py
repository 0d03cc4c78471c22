"""What the GPU images hold: the version that engines are bound to.

An engine runs under the very TensorRT that built it, on the kind of GPU it was built on. The
builder and the server use one base image (serving/triton/Dockerfile), and a build refuses to start
where the library it finds is not the one named here.
"""

TENSORRT = "10.13.3"
"""TensorRT of the base image 25.09-py3, without its build number.

NVIDIA's images of one release share one stack: of another image of 25.09 (vLLM's) `docker inspect`
is on record with `TRT_VERSION=10.13.3.9`, beside CUDA 13.0. The `trtllm` flavour of Triton 25.09
has 10.11.0.33 and is another image (docs.nvidia.com, Triton's "Release Compatibility Matrix"). AWS'
build of the image was not at hand: its Dockerfile asks the library itself, and makes no image if it
says another version than this.
"""


def same_tensorrt(version: str) -> bool:
    """Say whether a full version, such as 10.13.3.9, is the pinned one."""
    return version == TENSORRT or version.startswith(f"{TENSORRT}.")
