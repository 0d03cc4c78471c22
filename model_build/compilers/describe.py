"""Write `model.json` and the tokenizer beside an engine's files."""

from pathlib import Path
from shutil import copyfile

from catalog import digest
from catalog.spec import ModelSpec, Target
from model_build.compilers.contract import Candidate
from model_build.sources import Source
from serving.runtime.description import FILE_NAME, Description
from serving.runtime.tensors import (
    ATTENTION_MASK,
    INPUT_IDS,
    OUTPUT_OF_TASK,
    PIXELS,
    SIDES,
)
from serving.runtime.text_codec import FILE_NAME as TOKENIZER_FILE


def describe(
    spec: ModelSpec,
    target: Target,
    source: Source,
    candidate: Candidate,
    directory: Path,
    *,
    buckets: tuple[int, ...] = (),
) -> Description:
    """Complete a directory that holds an engine's files; return what was written of it.

    `buckets` are the lengths of engines that take no others. The CPU engines take any length, and
    padded work is real work.
    """
    if tokenizer := source.tokenizer_path():
        copyfile(tokenizer, directory / TOKENIZER_FILE)
    files = {name: sha256 for name, sha256 in digests(directory).items() if name != FILE_NAME}
    description = Description(
        name=spec.name,
        task=spec.task,
        family=spec.family,
        engine=candidate.engine,
        precision=candidate.precision,
        inputs=_inputs(spec.task),
        output=OUTPUT_OF_TASK[spec.task],
        labels=spec.labels,
        threshold=spec.decision.threshold if spec.decision else 0.0,
        fallback_label=spec.decision.fallback if spec.decision else None,
        max_input_tokens=spec.limits.max_input_tokens or 0,
        buckets=buckets,
        beams=target.options.beams,
        max_output_tokens=spec.limits.max_output_tokens or 0,
        files=files,
        image_size=spec.limits.image_size or 0,
    )
    (directory / FILE_NAME).write_text(description.to_json(), encoding="utf-8")
    return description


def digests(directory: Path) -> dict[str, str]:
    """Return the digest of every file below a directory, by its POSIX path inside."""
    return {
        path.relative_to(directory).as_posix(): digest.of_file(path)
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def _inputs(task: str) -> tuple[str, ...]:
    text = (INPUT_IDS, ATTENTION_MASK)
    if task == "pair-classification":
        return tuple(side + name for side in SIDES for name in text)
    return (PIXELS,) if task == "image-classification" else text
