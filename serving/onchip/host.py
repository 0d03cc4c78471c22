"""Which chip a host has, and with what: the machine of the evidence."""

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from serving.runtime.neuron_engine import GRID_FILE
from serving.runtime.parent import shipped

PCI = Path("/sys/class/neuron_device")
LIST_SECONDS = 60
VARIABLES = ("NEURON_RT_VISIBLE_CORES", "NEURON_RT_NUM_CORES")


class NoChip(Exception):
    """This host has no Neuron chip that a model could be asked on."""


def describe(model: Path, devices: Path = Path("/dev")) -> dict[str, Any]:
    """Return chip, cores, driver and versions of this host.

    Args:
        model: The compiled model directory that shall be asked.
        devices: Where device files are.

    Raises:
        NoChip: There is none, or the model is not compiled for one.
    """
    path = shipped(model) / GRID_FILE
    grid = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not grid.get("framework"):
        raise NoChip(
            f"{model}: is not compiled for a NeuronCore: give the model out of an artifact whose"
            " accelerator is inf1 or inf2"
        )
    found = sorted(item.name for item in devices.glob("neuron*") if item.name[6:].isdigit())
    if not found:
        raise NoChip(
            f"{devices}/neuron0: not there, so this host has no Neuron chip (or its container was"
            " not given one: docker run --device=/dev/neuron0 --cap-add IPC_LOCK). Run this on an"
            f" {_instances(grid['framework'])} host: a CPU does not stand in for the chip"
        )
    return {
        "chips": found,
        "list": _neuron_list(),
        "framework": grid["framework"],
        "installed": grid.get("installed", {}),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def _instances(framework: str) -> str:
    return "inf1" if framework == "torch_neuron" else "inf2"


def _neuron_list() -> Any:
    """Return what `neuron-ls --json-output` says of the devices, if the tool is here."""
    tool = shutil.which("neuron-ls") or "/opt/aws/neuron/bin/neuron-ls"
    try:
        done = subprocess.run(
            [tool, "--json-output"],
            capture_output=True,
            text=True,
            check=True,
            timeout=LIST_SECONDS,
        )
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return f"neuron-ls: {error}"
