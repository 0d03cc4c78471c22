"""Whether a server keeps the pointer's promise; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

NOTHING = "none"  # what a pointer says before anything was live


@dataclass(frozen=True)
class Finding:
    """One endpoint or service beside the pointer's release.

    Attributes:
        target: Its full name, as metrics and alarms have it.
        wrong: Why it is not what the pointer promises; empty where it is.
    """

    target: str
    wrong: str = ""


def finding(target: str, foreign: Sequence[str], *, verified: bool) -> Finding:
    """Return what is said of a server.

    Args:
        target: Its full name.
        foreign: Why what it serves is not the release's.
        verified: Whether the release was verified in exactly what it serves.
    """
    if foreign:
        return Finding(target, "; ".join(foreign))
    if not verified:
        return Finding(target, f"{target}: serves the release in a state that nobody verified")
    return Finding(target)


def broken(findings: Sequence[Finding]) -> list[Finding]:
    """Return those that are not what is promised."""
    return [item for item in findings if item.wrong]


def to_tell(findings: Sequence[Finding], *, moving: bool) -> list[Finding]:
    """Return what is said: while releases move, only of servers that are as promised.

    During a deployment a server is ahead of the pointer, which moves last, or goes back to it.
    """
    return [item for item in findings if not (item.wrong and moving)]
