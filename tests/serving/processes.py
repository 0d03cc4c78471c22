"""What the processes of a server have loaded."""

from pathlib import Path

import psutil


def libraries(server: int, marker: str) -> list[str]:
    """Return the mapped files of a server's children whose command line holds a marker."""
    found = []
    for child in psutil.Process(server).children(recursive=True):
        if marker in " ".join(child.cmdline()):
            found.append(Path(f"/proc/{child.pid}/maps").read_text())
    return found
