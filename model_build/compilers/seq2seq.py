"""Candidates for T5 and BART: CTranslate2, and blocks under ONNX Runtime for large ones."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ctranslate2.converters import TransformersConverter

from catalog.spec import ModelSpec
from model_build.compilers import blockwise
from model_build.compilers.contract import Candidate
from model_build.compilers.onnx_graph import quiet
from model_build.compilers.shortlist import write_shortlist
from model_build.sources.seq2seq import Seq2SeqSource
from model_build.sources.whole import tokens_of
from serving.runtime.ctranslate2_engine import COMPUTE_TYPES

BOUND_BY_MEMORY = 50_000_000
"""Weights from which memory bounds a model; a smaller one is not worth the export's seconds."""


def candidates(spec: ModelSpec, source: Seq2SeqSource, workdir: Path) -> list[Candidate]:
    """Return what can be made of a `save_pretrained` folder, likely winners first."""
    del workdir  # the converter reads the folder alone
    found = [
        Candidate("ctranslate2", precision, partial(write, source.folder, precision))
        for precision in ("int8", "int16", "fp32")
    ]
    steps, beams = spec.limits.max_output_tokens, spec.target("cpu").options.beams
    if steps and beams == 1 and source.parameters >= BOUND_BY_MEMORY:
        blocks = partial(blockwise.write, source.module, steps)
        found.append(Candidate("onnxruntime-steps", "int8", blocks))
    return found


def write(folder: Path, precision: str, directory: Path) -> None:
    """Convert a `save_pretrained` folder; equal weights give equal bytes."""
    converter = TransformersConverter(str(folder))
    with TemporaryDirectory() as scratch:
        shortlist = Path(scratch) / "vmap.txt"
        worth_it = write_shortlist(tokens_of(folder), shortlist)
        with quiet():
            converter.convert(
                str(directory),
                vmap=str(shortlist) if worth_it else None,
                quantization=COMPUTE_TYPES[precision],
                force=True,
            )
