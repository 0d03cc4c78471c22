"""Lets a TorchServe worker start without torch until something really uses it.

The worker imports torch only to ask whether an answer is a tensor. Ours are bytes, so it never
asks, and each worker saves the seconds and the memory that torch takes. A handler that does use
torch gets the real one at its first use. The folder of this file is on a worker's PYTHONPATH, where
Python looks for a module of this name at start.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class LazyTorch:
    """Finds torch, and defers running it until an attribute of it is asked for."""

    @staticmethod
    def find_spec(
        name: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a lazy spec for torch itself and nothing for any other module."""
        if name != "torch":
            return None
        spec = PathFinder.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, LazyTorch)
