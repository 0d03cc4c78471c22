"""Which NeuronCores each model of one container has, and which of them a worker takes.

The Neuron runtime gives a process every core that it may see, and none to the next. So cores are
shared out before TorchServe starts: each worker of each model gets cores of its own, in the order
of the models' names. A worker claims a free share of its model by locking a file; the lock goes
with the process, so a worker that is started again finds the share that its predecessor left.
"""

import fcntl
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

VARIABLE = "SLIPWAY_CORES"
"""What `__main__` tells the workers: JSON {model: [cores of a worker, ...]}."""

VISIBLE = "NEURON_RT_VISIBLE_CORES"
RAN_ON = "ran-on"
CONFIG = "model-config.yaml"
CORES_OF_A_CHIP = 4  # TorchServe serves on Inf1 alone
_held: list[Any] = []


class NoCores(Exception):
    """More cores are asked for than there are; the message says by whom."""


def chips(devices: Path = Path("/dev")) -> int:
    """Return how many Neuron chips this container has."""
    return len([path for path in devices.glob("neuron*") if path.name[6:].isdigit()])


def ran_on(engine: str, devices: Path = Path("/dev")) -> str:
    """Return what computes the answers of an engine: `neuron` with a chip, `cpu` without."""
    return "neuron" if engine == "neuron" and chips(devices) else "cpu"


def demands(store: Path) -> dict[str, tuple[int, int]]:
    """Return (workers, cores of each) by model, for the archives that name cores."""
    found = {}
    for path in sorted(store.rglob("*.mar")):
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read(CONFIG))  # ours is JSON, which is YAML
        cores = int(config.get("handler", {}).get("cores", 0))
        if cores:
            found[path.stem] = (int(config["maxWorkers"]), cores)
    return found


def share(wanted: Mapping[str, tuple[int, int]], available: int) -> dict[str, list[str]]:
    """Return the cores of each worker by model, as the runtime writes them: `0`, `1-2`.

    Raises:
        NoCores: They are not enough.
    """
    total = sum(workers * cores for workers, cores in wanted.values())
    if total > available:
        asked = ", ".join(f"{name} {count} x {cores}" for name, (count, cores) in wanted.items())
        raise NoCores(
            f"{total} NeuronCores are asked for ({asked}: workers x cores), there are {available}:"
            " lower options.instances or options.neuron.cores of a row, or take a larger instance"
        )
    shares: dict[str, list[str]] = {}
    start = 0
    for name, (workers, cores) in sorted(wanted.items()):
        for _ in range(workers):
            last = start + cores - 1
            shares.setdefault(name, []).append(f"{start}-{last}" if cores > 1 else str(start))
            start += cores
    return shares


def variables(store: Path, devices: Path = Path("/dev")) -> dict[str, str]:
    """Return what the workers must be told; nothing where no archive names cores.

    Raises:
        NoCores: The chips have fewer than the archives ask for.
    """
    wanted = demands(store)
    if not wanted:
        return {}
    return {VARIABLE: json.dumps(share(wanted, CORES_OF_A_CHIP * chips(devices)))}


def claim(model: str, environment: Mapping[str, str], folder: Path) -> str | None:
    """Take a free share of a model's cores, until this process ends; None if none are told.

    Raises:
        NoCores: Every share is taken.
    """
    shares: Iterable[str] = json.loads(environment.get(VARIABLE, "{}")).get(model, ())
    for cores in shares:
        # Kept open: closing it would give the cores away.
        stream = (folder / f"slipway-cores-{cores}.lock").open("w")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.close()
            continue
        _held.append(stream)
        return cores
    if shares:
        raise NoCores(f"{model}: all its cores ({', '.join(shares)}) are taken by other workers")
    return None


def see_only(cores: str | None) -> None:
    """Tell the Neuron runtime, before it is loaded, which cores this process may see."""
    if cores is not None:
        os.environ[VISIBLE] = cores
