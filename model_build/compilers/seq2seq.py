"""Candidates for T5 and BART: CTranslate2."""

from functools import partial
from pathlib import Path

from ctranslate2.converters import TransformersConverter

from model_build.compilers.contract import Candidate
from serving.runtime.ctranslate2_engine import COMPUTE_TYPES


def candidates(folder: Path) -> list[Candidate]:
    """Return what can be made of a `save_pretrained` folder, likely winners first."""
    return [
        Candidate("ctranslate2", precision, partial(_write, folder, precision))
        for precision in ("int8", "fp32")
    ]


def _write(folder: Path, precision: str, directory: Path) -> None:
    converter = TransformersConverter(str(folder))
    converter.convert(str(directory), quantization=COMPUTE_TYPES[precision], force=True)
