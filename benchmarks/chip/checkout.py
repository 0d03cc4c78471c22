"""A clone of this commit in which an emulated toolchain and an emulated chip stand in for Neuron's.

Every change is made in the clone, never here, and fails loudly where the code has moved on. What is
emulated says so: the toolchain's SDK is called `emulated`, and so is the machine of the evidence.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from catalog.instances import instance

ROOT = Path(__file__).resolve().parents[2]
SHARED = (".venv", ".venv-cloud", "node_modules")  # tools, not code
FOLDER = "emulated"
EASY = {"p99_ms": 5000, "throughput": 1, "usd_per_million": 1000}  # speed is not what is drilled
IDENTITY = ("-c", "user.name=Drill", "-c", "user.email=drill@example.com")

FRAMEWORK = '''"""Stands in for AWS's framework: nothing compiles for a chip; it runs on the CPU."""
import torch
__version__ = torch.__version__.split("+")[0] + ".emulated"
def trace(model, example_inputs, **_):
    return torch.jit.trace(model, example_inputs)
'''
PYTHON = """#!/bin/sh
PYTHONPATH="{emulated}:$PYTHONPATH" exec "{python}" "$@"
"""
PIPELINE = """account: "000000000000"
region: us-east-1
repository: slipway/slipway
branch: main
connection_arn: arn:aws:codeconnections:us-east-1:000000000000:connection/00000000
environments: [dev, staging]
builders:
BUILDERS
retention: {log_days: 30, noncurrent_days: 90}
"""
ENVIRONMENT = """name: NAME
account: "000000000000"
region: us-east-1
network: {cidr: CIDR, zones: [us-east-1a, us-east-1b]}
endpoints:
  ads: {instance: INSTANCE, count: 1}
services: {}
rollout: {policy: all-at-once}
approval: false
unproven: UNPROVEN
alarms: {p99_ms: 1000, error_percent: 1}
monitoring: {min_samples: 100}
retention: {log_days: 7, noncurrent_days: 30}
"""


class MovedOn(Exception):
    """The code is not what this drill was written for; the message names the file and the text."""


def make(folder: Path) -> None:
    """Clone this commit into a folder and put the emulation into it, committed."""
    git(folder.parent, "clone", "--quiet", str(ROOT), str(folder))
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    emulated = folder / FOLDER
    for package in ("torch_neuron", "neuroncc"):
        (emulated / package).mkdir(parents=True)
        (emulated / package / "__init__.py").write_text(FRAMEWORK)
    python = emulated / "python"
    python.write_text(PYTHON.format(emulated=emulated, python=folder / ".venv/bin/python"))
    python.chmod(0o755)
    (emulated / "dev").mkdir()
    (emulated / "dev" / "neuron0").touch()
    for name, before, after in changes(emulated, python):
        _change(folder / name, before, after)
    for path in (folder / "catalog/models").glob("*.yaml"):
        path.unlink()
    for path in (folder / "examples/aws/models").glob("*.yaml"):
        text = path.read_text()
        for metric, easy in EASY.items():
            text = re.sub(
                rf"{metric}: {{threshold: \d+}}", f"{metric}: {{threshold: {easy}}}", text
            )
        (folder / "catalog/models" / path.name).write_text(text)
    for path in (folder / "catalog/environments").glob("*.yaml"):
        if path.stem not in ("dev", "staging", "local"):
            path.unlink()


def serve_ads_on(folder: Path, instances: Mapping[str, str]) -> None:
    """Write the environments, by name, with the instance of their ads endpoint; commit."""
    builders = {
        f"  {instance(name).accelerator}: {{compute: large}}" for name in instances.values()
    }
    pipeline = PIPELINE.replace("BUILDERS", "\n".join(sorted(builders)))
    (folder / "catalog/pipeline.yaml").write_text(pipeline)
    for number, (name, machine) in enumerate(instances.items(), 1):
        text = ENVIRONMENT.replace("NAME", name).replace("INSTANCE", machine)
        text = text.replace("UNPROVEN", json.dumps(name == "dev"))
        text = text.replace("CIDR", f"10.{number}0.0.0/16")
        (folder / f"catalog/environments/{name}.yaml").write_text(text)
    git(folder, "add", "-A", "catalog", FOLDER, "local", "serving", "model_build")
    words = ", ".join(f"{name} on {machine}" for name, machine in instances.items())
    git(folder, *IDENTITY, "commit", "--quiet", "-m", f"Emulated drill: {words}")


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", *words], cwd=folder, check=True)


def changes(emulated: Path, python: Path) -> list[tuple[str, str, str]]:
    """Return what is changed in the clone: a file, a text in it, and what takes its place.

    Args:
        emulated: The folder with the framework's stand-in and the chip's device file.
        python: The interpreter that finds that framework.
    """
    import torch

    devices = f'devices: Path = Path("{emulated}/dev")'
    server = '    "slipway/torchserve": TorchServeServer,\n'
    threads = '        "OMP_NUM_THREADS": "1",\n'
    told = '        "CI": "true",\n'
    return [
        ("catalog/neuron.py", 'sdk="2.20.2"', 'sdk="emulated"'),
        ("catalog/neuron.py", 'python="3.10"', 'python="3.11"'),
        ("catalog/neuron.py", 'torch="1.13.1"', f'torch="{torch.__version__.split("+")[0]}"'),
        (
            "local/emulator/codebuild/environment.py",
            told,
            f'{told}        "SLIPWAY_NEURON_PYTHON": "{python}",\n',
        ),
        ("local/endpoints/hosts/images.py", server, server + server.replace('e"', 'e-inf1"')),
        ("local/endpoints/hosts/images.py", '("-inf1", "-inf2")', '("-inf2",)'),
        ("local/emulator/ecs/images.py", 'if "-" in runtime:', 'if runtime.endswith("-inf2"):'),
        (
            "local/endpoints/hosts/torchserve.py",
            threads,
            f'{threads}        "PYTHONPATH": "{emulated}",\n',
        ),
        # The chip of the host that a person runs the suite on: a device file in the clone.
        ("serving/onchip/__main__.py", 'devices: Path = Path("/dev")', devices),
        (
            "serving/onchip/host.py",
            '        "chips": found,\n',
            '        "chips": [f"{name}, emulated: no chip ran" for name in found],\n',
        ),
    ]


def _change(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    if before not in text:
        raise MovedOn(f"{path}: has no {before!r} any more: mend benchmarks/chip/checkout.py")
    path.write_text(text.replace(before, after), encoding="utf-8")
