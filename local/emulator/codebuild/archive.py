"""Artifacts as zip archives: packing by glob patterns, unpacking with file modes."""

import zipfile
from pathlib import Path

from local.emulator.codebuild.buildspec import BuildspecError, Output

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE_SHIFT = 16


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive, keeping the modes of its files."""
    with zipfile.ZipFile(archive) as source:
        for entry in source.infolist():
            extracted = Path(source.extract(entry, folder))
            mode = (entry.external_attr >> _MODE_SHIFT) & 0o777
            if mode and extracted.is_file():
                extracted.chmod(mode | 0o600)


def pack(output: Output, source: Path, archive: Path) -> int:
    """Pack the files that an artifact names and return how many there are.

    Raises:
        BuildspecError: If no file matches, as CodeBuild fails then.
    """
    base = (source / output.base).resolve()
    found = sorted({path for pattern in output.files for path in _match(base, pattern)})
    if not found:
        raise BuildspecError(
            f"CLIENT_ERROR: no matching artifact paths found for {', '.join(output.files)}"
            f" under {output.base}"
        )
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in found:
            name = path.name if output.discard_paths else path.relative_to(base).as_posix()
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (path.stat().st_mode & 0o777) << _MODE_SHIFT
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, path.read_bytes())
    return len(found)


def _match(base: Path, pattern: str) -> list[Path]:
    found = base.glob(pattern.removeprefix("./"))
    files = []
    for path in found:
        if path.is_dir() and pattern.endswith("**"):
            files += [inner for inner in path.rglob("*") if inner.is_file()]
        elif path.is_file():
            files.append(path)
    return files
