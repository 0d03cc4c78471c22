"""Progress in plain words, each line with the time since the start."""

import sys
import time

from rich.console import Console
from rich.markup import escape

# a log has no width of its own; a terminal's is respected
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
_STARTED = time.monotonic()


def clock() -> str:
    """Return the minutes and seconds since the program started."""
    seconds = int(time.monotonic() - _STARTED)
    return f"{seconds // 60}:{seconds % 60:02d}"


def step(text: str) -> None:
    """Say that something begins."""
    console.print(f"[dim]{clock():>5}[/] [bold]{escape(text)}[/]")


def detail(text: str) -> None:
    """Say something about the step that runs."""
    console.print(f"[dim]{clock():>5}   {escape(text)}[/]")


def good(text: str) -> None:
    """Say that something worked."""
    console.print(f"[dim]{clock():>5}[/]   [green]{escape(text)}[/]")


def bad(text: str) -> None:
    """Say that something failed."""
    console.print(f"[dim]{clock():>5}[/]   [red]{escape(text)}[/]")
