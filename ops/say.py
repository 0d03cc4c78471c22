"""How the commands speak: moments, and examples below their `--help`."""

import argparse
from collections.abc import Mapping
from datetime import datetime

MINUTE, HOUR, DAY = 60, 3600, 86400


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in the largest unit that fits."""
    seconds = max(0, int((now - moment).total_seconds()))
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def examples(parser: argparse.ArgumentParser, shown: Mapping[str, str]) -> None:
    """Put examples below a command's help.

    Args:
        parser: The command's.
        shown: What it does, by what is typed after `python -m ops`.
    """
    width = max(len(command) for command in shown)
    lines = [f"  python -m ops {command:{width}}  # {what}" for command, what in shown.items()]
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["examples:", *lines])
