"""What happened in a drill, and when."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

PATIENCE_S = 900.0
POLL_S = 0.25
Found = TypeVar("Found")


@dataclass
class Timeline:
    """Events in seconds since a drill began, printed as they come.

    Attributes:
        title: What is drilled.
        began: In epoch seconds.
        misses: The promises that were not kept, in sentences.
    """

    title: str
    began: float = field(default_factory=time.time)
    misses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"\n{self.title}", flush=True)

    def tell(self, what: str, at: float | None = None) -> float:
        """Print an event and return when it was, in epoch seconds; now, unless `at` says so."""
        moment = time.time() if at is None else at
        print(f"  {moment - self.began:7.1f} s  {what}", flush=True)
        return moment

    def promise(self, kept: bool, what: str) -> None:
        """Print whether a promise was kept, and remember if it was not."""
        print(f"  {'kept' if kept else 'MISSED':>9}  {what}", flush=True)
        if not kept:
            self.misses.append(what)


def until(look: Callable[[], Found | None], what: str, patience_s: float = PATIENCE_S) -> Found:
    """Look until there is something true, and return it.

    Raises:
        TimeoutError: There is nothing for too long.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_S)
    raise TimeoutError(f"{what}: nothing for {patience_s:.0f} s")
