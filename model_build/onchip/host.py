"""Ask on this very host, in the chip's own interpreter."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from model_build.compilers.neuron.toolchain import PYTHON_VARIABLE
from model_build.key import ROOT
from serving.runtime import read_description
from serving.runtime.archive import unpack as unpack_tar
from serving.runtime.description import FILE_NAME

MINUTES = 60
NO_CHIP = 5  # the exit code of `serving.onchip`


class NotOnChip(Exception):
    """No chip answered: there is none here, or it is not the artifact's; nothing was judged."""


def unpack(archive: Path, folder: Path, model: str) -> Path:
    """Return a model's compiled directory out of an archive, whichever server it was packed for.

    Raises:
        NotOnChip: The archive does not hold the model, alone or as a part of its parent.
    """
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)  # noqa: S202 (zipfile keeps names inside; ours besides)
    else:
        with tarfile.open(archive) as packed_tar:
            unpack_tar(packed_tar, folder)
    found = [path.parent for path in sorted(folder.rglob(FILE_NAME))]
    named = [path for path in found if read_description(path).name == model]
    if len(named) != 1:
        raise NotOnChip(f"{archive.name}: {len(named)} of its models are {model}, expected one")
    return named[0]


def ask_here(model: Path, questions: Path, threads: int) -> dict[str, Any]:
    """Return what `serving.onchip` wrote.

    Args:
        model: The compiled model directory.
        questions: The document of questions.
        threads: CPU threads beside the chip.

    Raises:
        NotOnChip: There is no chip, or it did not answer; the message is the program's.
    """
    python = os.environ.get(PYTHON_VARIABLE, sys.executable)
    out = questions.with_name("answers.json")
    command = [python, "-m", "serving.onchip", "--threads", str(threads)]
    command += ["--model", str(model), "--questions", str(questions), "--out", str(out)]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * MINUTES,
    )
    if done.returncode:
        tail = done.stderr.strip().splitlines()
        said = tail[-1] if tail else f"exit code {done.returncode}"
        raise NotOnChip(said.removeprefix("onchip: "))
    written: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return written
