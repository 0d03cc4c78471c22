"""Lines on standard output that others read: whole ones, whichever thread says them."""

import sys


def print_line(text: str) -> None:
    """Write a line in one piece; `print` writes its end apart, so that two could run together."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
