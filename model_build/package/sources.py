"""What every archive is filled with: the compiled model and our code that serves it."""

from collections.abc import Mapping
from pathlib import Path

from catalog.digest import is_source
from serving.runtime import parent, read_description
from serving.runtime.description import FILE_NAME

ROOT = Path(__file__).resolve().parents[2]


def artifact_files(compiled: Path) -> Mapping[str, Path]:
    """Return `model.json` (of a parent `parent.json`) and the files it names, nothing else."""
    if (compiled / parent.FILE_NAME).is_file():
        names = [parent.FILE_NAME, *parent.read_parent(compiled).files]
    else:
        names = [FILE_NAME, *read_description(compiled).files]
    return {name: compiled / name for name in names}


def python_files(*names: str) -> Mapping[str, Path]:
    """Return Python files of this repository, or those below its folders, by their path in it."""
    files: dict[str, Path] = {}
    for name in names:
        path = ROOT / name
        found = path.rglob("*.py") if path.is_dir() else [path]
        # relative first: a build may itself run below a hidden folder
        inside = {item.relative_to(ROOT): item for item in found}
        files |= {path.as_posix(): item for path, item in inside.items() if is_source(path)}
    return files
