"""What the GPU images hold: the version that engines are bound to.

An engine runs under the very TensorRT that built it, on the kind of GPU it was built on. The
builder and the server use one base image (serving/triton/Dockerfile), and a build refuses to start
where the library it finds is not the one named here.
"""

TENSORRT = "10.13.3"
"""TensorRT of the base image 25.09-py3, without its build number."""


def same_tensorrt(version: str) -> bool:
    """Say whether a full version, such as 10.13.3.9, is the pinned one."""
    return version == TENSORRT or version.startswith(f"{TENSORRT}.")
