"""How much memory models take and may take."""

import contextlib
import re

import psutil

GIB = 1 << 30
SIZES = {"medium": 4, "large": 4, "xlarge": 8}
"""GiB of a compute-optimised instance by size; `Nxlarge` has N times an xlarge's."""
RICHER = {"m": 2.0, "t": 1.0, "r": 4.0, "g": 2.0, "p": 8.0, "inf": 1.0}
"""Memory of an instance family in terms of the compute-optimised one."""


def instance_bytes(instance_type: str) -> int:
    """Return the memory of a SageMaker instance type, e.g. 16 GiB for `ml.g5.xlarge`."""
    match = re.fullmatch(r"ml\.([a-z]+)\w*\.(?:(\d+)(?=xlarge))?(\w+)", instance_type)
    if match is None or match[3] not in SIZES:
        return 8 * GIB
    return int(SIZES[match[3]] * int(match[2] or 1) * RICHER.get(match[1], 1.0) * GIB)


def used_by(pid: int, marker: str = "") -> int:
    """Return the proportional set size, in bytes, of a process and its descendants.

    Args:
        pid: The process.
        marker: Counts only processes whose command line holds it; all where empty.
    """
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if any(marker in word for word in process.cmdline()):
                    total += process.memory_full_info().pss
    return total
