"""Runtime images, named by what they are made of.

Law: equal sources give an equal tag on every machine; any change of an image's sources changes its
tag.
"""

from pathlib import Path

from catalog.digest import is_source, of_tree

TAG_LENGTH = 16

_SHARED = ("serving/__init__.py", "serving/built_for.py", "serving/runtime")
_MADE_OF: dict[str, tuple[str, ...]] = {
    "triton": (*_SHARED, "serving/triton"),
    "torchserve": (*_SHARED, "serving/torchserve"),
    "intent": (*_SHARED, "serving/intent"),
    "batch": (*_SHARED, "serving/batch"),
    "build": ("requirements/runtime.txt", "requirements/files.txt"),
}


def image_tag(runtime: str, root: Path) -> str:
    """Return the tag of a runtime's image: the first 16 hex of the digest of its sources.

    Args:
        runtime: `triton`, `torchserve`, `intent`, `batch` or `build`.
        root: The repository.

    Raises:
        KeyError: There is no such runtime.
        FileNotFoundError: A source of the image is missing below `root`.
    """
    if runtime not in _MADE_OF:
        raise KeyError(f"runtime {runtime!r}: must be one of {', '.join(_MADE_OF)}")
    sources = [root / name for name in _MADE_OF[runtime]]
    return of_tree(root, sources, keep=_shapes_the_image)[:TAG_LENGTH]


def _shapes_the_image(path: Path) -> bool:
    return is_source(path) and path.suffix != ".md"
