"""`python -m serving.lock`: write each image's `requirements.txt` from the repository's own locks.

An image installs a subset of what was tested, with the same versions and hashes.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ("triton", "torchserve", "intent", "batch")
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


def requirements(image: str, root: Path = ROOT) -> str:
    """Return an image's `requirements.txt`.

    Raises:
        KeyError: Its `requirements.in` names a package that is not locked.
    """
    names = (root / "serving" / image / "requirements.in").read_text().splitlines()
    pins = locked(root)
    wanted = sorted(name for name in names if name and not name.startswith("#"))
    if unknown := [name for name in wanted if name not in pins]:
        raise KeyError(f"serving/{image}/requirements.in: {unknown} not locked; see {LOCKS}")
    return "".join(f"{pins[name]}\n" for name in wanted)


def main() -> int:
    """Write all of them."""
    for image in IMAGES:
        (ROOT / "serving" / image / "requirements.txt").write_text(requirements(image))
    return 0


if __name__ == "__main__":
    sys.exit(main())
