"""The real Triton of the `nvidia-pytriton` wheel, in SageMaker multi-model mode."""

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.endpoints.errors import HostFailed
from local.endpoints.hosts.order import Order, search_path, site_packages

SAGEMAKER_PORT, KSERVE_PORT = 8080, 8000
STUB = "triton_python_backend_stub"
ADDITIONAL_ARGS = "SAGEMAKER_TRITON_ADDITIONAL_ARGS"  # read by the entry point of AWS's image


def order(python: Path, folder: Path, more: Mapping[str, str]) -> Order:
    """Return the order for a multi-model Triton.

    Args:
        python: Interpreter of the serving environment.
        folder: Where it keeps its own files.
        more: Variables of the container's own.

    Raises:
        HostFailed: The server or a library it needs is not installed; says the remedy.
    """
    packages = site_packages(python)
    server = packages / "pytriton" / "tritonserver"
    program = server / "bin" / "tritonserver"
    if not program.exists():
        raise HostFailed(f"Triton is not at {program}; install nvidia-pytriton with `make setup`")
    program.chmod(0o755)
    environment = {
        "PATH": search_path(python),  # the stub finds its Python by PATH and by nothing else
        "HOME": str(folder),
        "LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs"),
        "SAGEMAKER_MULTI_MODEL": "true",
        "SLIPWAY_AWAKE_MS": "0",  # no core here is one server's own
        "OMP_NUM_THREADS": "1",
        **more,
    }
    backends = _backends(server, packages.parent.name, folder, environment["LD_LIBRARY_PATH"])
    repository = folder / "repository"  # stays empty: models come over the SageMaker API
    repository.mkdir(parents=True, exist_ok=True)
    command = [
        str(program),
        f"--model-repository={repository}",
        f"--backend-directory={backends}",
        "--model-control-mode=explicit",
        "--model-namespacing=true",  # as in AWS's own entry point
        "--allow-sagemaker=true",
        f"--sagemaker-port={SAGEMAKER_PORT}",
        "--http-address=127.0.0.1",
        f"--http-port={KSERVE_PORT}",
        "--allow-grpc=false",
        "--allow-metrics=false",
        "--allow-gpu-metrics=false",
        "--pinned-memory-pool-byte-size=0",
        "--log-info=false",  # it would write a line per invocation
        "--exit-timeout-secs=3",
        *more.get(ADDITIONAL_ARGS, "").split(),
    ]
    return Order(command, environment, str(folder), [SAGEMAKER_PORT, KSERVE_PORT])


def _backends(server: Path, version: str, folder: Path, libraries: str) -> Path:
    """Lay out the Python backend with the stub of this Python beside it, where Triton looks."""
    made = folder / "backends" / "python"
    made.mkdir(parents=True, exist_ok=True)
    for part in (server / "backends" / "python").iterdir():
        if not (made / part.name).exists():
            (made / part.name).symlink_to(part)
    stub = made / STUB
    if not stub.exists():
        shutil.copy(server / "python_backend_stubs" / version.removeprefix("python") / STUB, stub)
        stub.chmod(0o755)
    missing = _missing_libraries(stub, libraries)
    if missing:
        raise HostFailed(
            f"Triton's Python backend needs {', '.join(missing)}; "
            f"install it, on Debian with `apt-get install lib{version}`"
        )
    return made.parent


@functools.cache
def _missing_libraries(stub: Path, libraries: str) -> tuple[str, ...]:
    """Return the shared libraries that the stub asks for and the loader does not find.

    Triton itself would wait minutes for a stub that cannot start.
    """
    environment = os.environ | {"LD_LIBRARY_PATH": libraries}
    listing = subprocess.run(
        ["ldd", str(stub)], env=environment, capture_output=True, text=True, check=False
    ).stdout
    return tuple(line.split()[0] for line in listing.splitlines() if line.endswith("not found"))
