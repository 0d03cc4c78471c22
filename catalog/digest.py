"""Digests: one way to name bytes, documents and folders.

Law: equal content gives an equal digest on every machine; a digest never depends on time, order or
paths outside the tree.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

CHUNK = 1 << 20


def of_bytes(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 lower-case hex characters."""
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in chunks."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            state.update(chunk)
    return state.hexdigest()


def canonical(document: Any) -> bytes:
    """Return the one JSON text of a document: UTF-8, sorted keys, no spaces, no NaN."""
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def of_document(document: Any) -> str:
    """Return the digest of a JSON document's canonical text."""
    return of_bytes(canonical(document))


def is_source(path: Path) -> bool:
    """Say whether a file is part of a source tree: no byte code, caches or hidden files."""
    return path.suffix != ".pyc" and not any(
        part == "__pycache__" or part.startswith(".") for part in path.parts
    )


def of_tree(
    root: Path, paths: Iterable[Path] | None = None, keep: Callable[[Path], bool] = is_source
) -> str:
    """Return the digest of folders and files below a root.

    Args:
        root: What the names in the digest are relative to.
        paths: Files or folders below `root`; all of it if left out.
        keep: Which relative paths count.

    Raises:
        FileNotFoundError: A named path does not exist.
    """
    files: set[Path] = set()
    for path in paths if paths is not None else [root]:
        if not path.exists():
            raise FileNotFoundError(f"{path}: not there, so its digest cannot be taken")
        found = [path] if path.is_file() else [item for item in path.rglob("*") if item.is_file()]
        files.update(item for item in found if keep(item.relative_to(root)))
    listing = [[item.relative_to(root).as_posix(), of_file(item)] for item in sorted(files)]
    return of_document(listing)
