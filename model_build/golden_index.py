"""Digests of golden sets without making the sets, which takes seconds: a plan must be quick.

A golden set is a pure function of our code and of installed packages. So the digest of both names
what its digest was when somebody last made it: `golden/<source digest>/<name>.json`, written once.
"""

import json
from collections.abc import Callable
from pathlib import Path

from catalog import digest
from catalog.bucket import Bucket
from model_build import golden

CODE = ("model_build/golden", "model_build/data", "model_build/train")
LOCKS = ("requirements/runtime.txt", "requirements/files.txt")


class GoldenIndex:
    """Returns the digest of a golden set by name.

    Args:
        bucket: The artifact bucket.
        root: The repository.
        make: Makes a golden set and returns its digest.
    """

    def __init__(
        self,
        bucket: Bucket,
        root: Path,
        make: Callable[[str], str] = lambda name: golden.load(name).digest,
    ) -> None:
        self._bucket = bucket
        self._make = make
        self._sources = digest.of_tree(root, [root / part for part in (*CODE, *LOCKS)], _is_made_of)
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return the digest of a golden set, made now if nobody made it from these sources."""
        if name not in self._known:
            key = f"golden/{self._sources}/{name}.json"
            kept = self._bucket.get(key)
            if kept is None:
                kept = digest.canonical({"digest": self._make(name)})
                self._bucket.put_once(key, kept)
            self._known[name] = str(json.loads(kept)["digest"])
        return self._known[name]


def _is_made_of(path: Path) -> bool:
    return (
        digest.is_source(path)
        and path.suffix in {".py", ".txt", ".json", ".yaml"}
        and ("weights" not in path.parts)
    )
