"""Package a compiled model directory into the one archive that its server loads."""

from pathlib import Path

from catalog.images import served_in
from catalog.spec import ModelSpec, Target
from model_build.package import service, torchserve, triton
from model_build.package.archive import write_tar_gz, write_zip
from serving.runtime import read_description, verify_files
from serving.runtime.parent import read_parent, shipped

__all__ = ["package"]

_LAYOUTS = {
    "triton": (triton.members, write_tar_gz, "tar.gz"),
    "torchserve": (torchserve.members, write_zip, "mar"),
    "intent": (service.members, write_tar_gz, "tar.gz"),
    "batch": (service.members, write_tar_gz, "tar.gz"),
}


def package(spec: ModelSpec, target: Target, compiled_dir: Path, out: Path) -> Path:
    """Write the archive of a compiled model into a folder.

    Equal inputs give equal bytes.

    Args:
        spec: The model's row.
        target: What it was compiled for; its options set instances, threads and batching.
        compiled_dir: What a compiler made; every file is checked against `model.json` first. Of a
            part its parent's directory is packed.
        out: Folder for `NAME.tar.gz` or `NAME.mar`, the parent's name for a part; made if missing.

    Returns:
        The archive's path.

    Raises:
        CorruptArtifact: The compiled directory is not what its `model.json` says.
        ValueError: The task cannot be served where the row says.
    """
    description = read_description(compiled_dir)
    verify_files(compiled_dir, description.files)
    whole = shipped(compiled_dir)
    if spec.parent:
        verify_files(whole, read_parent(whole).files)
    image = served_in(spec.serve.runtime, target.accelerator)
    members, write, suffix = _LAYOUTS[image.partition("-")[0]]
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{spec.parent or spec.name}.{suffix}"
    write(members(spec, target, description, whole), path)
    return path
