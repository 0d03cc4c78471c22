"""Where the two pointers go; pure."""

from dataclasses import dataclass

NOTHING = "none"
"""What a pointer says before anything was live."""


@dataclass(frozen=True)
class Pointers:
    """The live release's digest, and that of the one before it."""

    release: str
    previous: str


def moved(now: Pointers, release: str) -> Pointers:
    """Return the pointers after a move, which is idempotent."""
    if now.release == release:
        return now
    return Pointers(release, now.release)
