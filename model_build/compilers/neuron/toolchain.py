"""AWS's interpreter in the frozen container: is it there, is it the right one, what did it say."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from catalog.neuron import NeuronToolchain
from model_build.compilers.contract import ImpossibleTarget

RUNNER = Path(__file__).with_name("runner.py")
PYTHON_VARIABLE = "SLIPWAY_NEURON_PYTHON"
"""Names the container's own interpreter; set by the build image."""

TAIL = 30


class MissingToolchain(ImpossibleTarget):
    """This machine cannot compile for Neuron; the message says what is missing."""


class CompilerFailed(ImpossibleTarget):
    """The Neuron compiler ended without a result; the message says why, where that can be told."""


def require(toolchain: NeuronToolchain) -> dict[str, str]:
    """Return the versions that are installed, which are those of the toolchain.

    Raises:
        MissingToolchain: There is no such interpreter, or it holds other versions.
    """
    python = os.environ.get(PYTHON_VARIABLE)
    if not python or not Path(python).exists():
        raise MissingToolchain(
            f"{PYTHON_VARIABLE} is {python!r}: this machine has no Neuron toolchain. Build in"
            f" {toolchain.image} (the project compile-* of the pipeline does), or set it to the"
            " Python of such a container"
        )
    command = [python, str(RUNNER), "--versions", toolchain.framework, toolchain.compiler]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingToolchain(f"{python}: {done.stderr.strip()[-500:]}")
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    wrong = [
        f"{name} is {found.get(name)}, not {wanted}"
        for name, wanted in _wanted(toolchain).items()
        if not found.get(name, "missing").startswith(wanted)
    ]
    wrong += [f"{name} is {v}" for name, v in found.items() if v.startswith("missing")]
    if wrong:
        raise MissingToolchain(
            f"{python} is not SDK {toolchain.sdk}: {'; '.join(dict.fromkeys(wrong))}. Artifacts are"
            f" bound to the whole tuple: use {toolchain.image}"
        )
    return found


def _wanted(toolchain: NeuronToolchain) -> dict[str, str]:
    return {
        "python": toolchain.python,
        "torch": toolchain.torch,
        toolchain.framework: toolchain.torch,  # torch_neuron 1.13.1.2.11.13.0 is for torch 1.13.1
    }


def run(request: dict[str, Any], folder: Path, timeout_minutes: int) -> None:
    """Compile a request in the container's interpreter.

    Raises:
        CompilerFailed: It ended badly, or took too long.
    """
    path = folder / "request.json"
    path.write_text(json.dumps(request, indent=1), encoding="utf-8")
    command = [os.environ[PYTHON_VARIABLE], str(RUNNER), str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60 * timeout_minutes
        )
    except subprocess.TimeoutExpired as error:
        raise CompilerFailed(
            f"the Neuron compiler was stopped after {timeout_minutes} minutes: raise"
            " options.neuron.timeout_minutes, or compile fewer or smaller shapes"
        ) from error
    if done.returncode:
        raise CompilerFailed(explain(done.returncode, done.stdout + done.stderr))


def explain(code: int, output: str) -> str:
    """Return why the compiler ended, from its exit code and the end of its output."""
    tail = "\n".join(output.strip().splitlines()[-TAIL:])
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL) or "exit status -9" in output:
        return (
            "the Neuron compiler was killed (-9): the machine ran out of memory. Use a larger"
            " builder (pipeline.yaml: builders.inf1.compute x-large has 72 GB), a smaller batch or"
            f" a shorter bucket\n{tail}"
        )
    return f"the Neuron compiler ended with exit code {code}:\n{tail}"
