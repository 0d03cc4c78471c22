"""`python -m serving.lock`: write each image's `requirements.txt` from the repository's own locks.

An image installs a subset of what was tested, with the same versions and hashes. The images for
chips add to AWS's containers what those lack: `requirements-neuron.txt`.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ("triton", "torchserve", "intent", "batch", "drift")
ON_CHIPS = ("torchserve", "intent", "batch")
OF_IMAGE, OF_CHIP = "requirements", "requirements-neuron"
LOCKS = ("requirements/runtime.txt", "requirements/files.txt")


def locked(root: Path = ROOT) -> dict[str, str]:
    """Return the pin of each locked package, with its hashes, by the package's name."""
    pins: dict[str, str] = {}
    for lock in LOCKS:
        lines = (root / lock).read_text().splitlines()
        text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        for block in re.split(r"\n(?=\S)", text):
            if "==" in block:
                pins[block.partition("==")[0].strip()] = block.rstrip()
    return pins


def requirements(image: str, root: Path = ROOT, name: str = OF_IMAGE) -> str:
    """Return what an image installs.

    Args:
        image: Its folder below `serving`.
        root: The repository.
        name: The list, `OF_IMAGE` or `OF_CHIP`.

    Raises:
        KeyError: The list names a package that is not locked.
    """
    names = (root / "serving" / image / f"{name}.in").read_text().splitlines()
    pins = locked(root)
    wanted = sorted(name for name in names if name and not name.startswith("#"))
    if unknown := [name for name in wanted if name not in pins]:
        raise KeyError(f"serving/{image}/{name}.in: {unknown} not locked; see {LOCKS}")
    return "".join(f"{pins[name]}\n" for name in wanted)


def main() -> int:
    """Write all of them."""
    lists = [(image, OF_IMAGE) for image in IMAGES] + [(image, OF_CHIP) for image in ON_CHIPS]
    for image, name in lists:
        path = ROOT / "serving" / image / f"{name}.txt"
        path.write_text(requirements(image, ROOT, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
