"""Chromium without a window: opens our pages in tests, and photographs them for notes.

`python -m ops.browser PAGE.html ...` writes PAGE.png beside each.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # it only reads a page of ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=2000",
)
TIMEOUT_S = 120
WIDTH, HEIGHT = 1500, 2200


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


def find() -> str | None:
    """Return the path of a Chromium; None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def opened(page: Path) -> str:
    """Return a page's document as the browser has it after loading.

    Raises:
        NoBrowser: There is none.
    """
    return _run(page, "--dump-dom")


def photograph(page: Path, picture: Path, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Write a picture of a page.

    Args:
        page: The HTML file.
        picture: The PNG file.
        width: In pixels.
        height: In pixels.

    Raises:
        NoBrowser: There is none.
    """
    _run(page, f"--screenshot={picture.resolve()}", f"--window-size={width},{height}")


def _run(page: Path, *flags: str) -> str:
    browser = find()
    if browser is None:
        raise NoBrowser("no Chromium: install it (Debian, Ubuntu: apt-get install chromium)")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        return subprocess.run(
            [browser, *FLAGS, f"--user-data-dir={profile}", *flags, page.resolve().as_uri()],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        ).stdout


def main(pages: list[str]) -> int:
    """Photograph pages."""
    for page in map(Path, pages):
        picture = page.with_suffix(".png")
        photograph(page, picture)
        print(f"wrote {picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
