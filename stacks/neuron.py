"""What Inferentia hosts have: chips, the devices that containers are given, and cores on them."""

from collections.abc import Mapping
from typing import Any

from catalog.instances import instance

_CHIPS = {"6xlarge": 4, "24xlarge": 16}  # the smaller types have one
_CORES_OF_A_CHIP = {"inf1": 4, "inf2": 2}


def devices(instance_type: str) -> tuple[str, ...]:
    """Return the device files of an instance type, one for each chip; none without Inferentia."""
    if instance(instance_type).accelerator not in _CORES_OF_A_CHIP:
        return ()
    chips = _CHIPS.get(instance_type.rpartition(".")[2], 1)
    return tuple(f"/dev/neuron{number}" for number in range(chips))


def cores(instance_type: str) -> int:
    """Return how many NeuronCores an instance type has; 0 without Inferentia."""
    found = _CORES_OF_A_CHIP.get(instance(instance_type).accelerator, 0)
    return found * len(devices(instance_type))


def cores_of_each(key_inputs: Mapping[str, Any]) -> int:
    """Return the NeuronCores that one process of an artifact's server needs, by its row."""
    options = key_inputs.get("target", {}).get("options", {}).get("neuron", {})
    return max(int(options.get("cores", 1)), int(options.get("pipeline_cores", 1)))


def runtime(instance_type: str | None, cores_of_process: int) -> dict[str, str]:
    """Return what the Neuron runtime is told: how many cores each process takes, none else's."""
    if not instance_type or not cores(instance_type):
        return {}
    return {"NEURON_RT_NUM_CORES": str(cores_of_process)}
