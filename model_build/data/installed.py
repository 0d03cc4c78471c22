"""Where an installed package keeps its files, found without importing (and so running) it."""

from importlib.util import find_spec
from pathlib import Path


def package_dir(package: str) -> Path:
    """Returns the folder of an installed top-level package.

    Raises:
        FileNotFoundError: If the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(
            f"package {package!r} is not installed; install the project's requirements again"
        )
    return Path(spec.origin).parent
