"""What a launcher is asked to run."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Order:
    """One model server.

    Attributes:
        command: The program and its arguments.
        environment: The whole environment it gets.
        folder: Its working folder.
        ports: The ports it listens on inside; the first one answers pings and invocations.
    """

    command: list[str]
    environment: dict[str, str]
    folder: str
    ports: list[int]

    def document(self) -> dict[str, Any]:
        """Return the order as the launcher reads it."""
        return asdict(self)


def site_packages(python: Path) -> Path:
    """Return the site-packages of an interpreter's virtual environment.

    Raises:
        FileNotFoundError: There is no such environment.
    """
    found = next(iter(sorted((python.parent.parent / "lib").glob("python3.*/site-packages"))), None)
    if found is None:
        raise FileNotFoundError(f"no environment around {python}; make it with `make setup`")
    return found


def search_path(python: Path) -> str:
    """Return a PATH on which the serving environment comes first."""
    return f"{python.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
