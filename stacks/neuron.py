"""What Inferentia hosts have: chips, the devices that containers are given, and cores on them."""

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
