"""A parent's graphs are compiled once in a build, by whichever of its rows comes first.

Neuron's compiler takes minutes, and nothing says that it gives equal bytes twice. The rows of one
parent must end in one archive, so the second takes the graphs of the first.
"""

from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

from catalog import digest
from model_build.compilers.neuron import toolchain


def run_once(made_from: Any, request: dict[str, Any], folder: Path, timeout_minutes: int) -> None:
    """Compile a request as `toolchain.run` does, or copy what this process made of the same before.

    Args:
        made_from: All that the graphs depend on, as a document: the request alone does not tell,
            since no two TorchScripts of one module have equal bytes.
        request: As in `toolchain.run`.
        folder: The same.
        timeout_minutes: The same.

    Raises:
        CompilerFailed: It ended badly, or took too long.
    """
    kept = Path(_kept().name) / digest.of_document(made_from)
    targets = [Path(item["target"]) for item in request["trace"]]
    if not kept.is_dir():
        toolchain.run(request, folder, timeout_minutes)
        kept.mkdir()
        for target in targets:
            copyfile(target, kept / target.name)
    for target in targets:
        copyfile(kept / target.name, target)


@cache
def _kept() -> TemporaryDirectory[str]:
    """Return a folder that goes with this process."""
    return TemporaryDirectory(prefix="slipway-graphs-")
