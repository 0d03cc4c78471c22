"""The archive of intent, and of the batch on chips: the compiled model directory at its root."""

from pathlib import Path

from catalog.images import image_tag, served_in
from catalog.spec import ModelSpec, Target
from model_build.package.archive import Members
from model_build.package.sources import ROOT, artifact_files
from serving.built_for import FILE_NAME as BUILT_FOR
from serving.runtime import Description


def members(spec: ModelSpec, target: Target, _description: Description, compiled: Path) -> Members:
    """Return the files of the archive."""
    tag = f"{image_tag(served_in(spec.serve.runtime, target.accelerator), ROOT)}\n".encode()
    return {BUILT_FOR: tag, **artifact_files(compiled)}
