"""The runtime images that the local cloud can run: a command of this checkout instead of layers.

An image's tag is a digest of its sources (`catalog.images`), so the right code for a tag can be
told: the checkout's own, or that of a commit that was pushed. No other tag is run.
"""

import hashlib
import re
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.images import image_tag
from local.paths import ROOT, Workplace

_NAME = re.compile(r"(?:^|/)slipway/(?P<runtime>[a-z0-9-]+):(?P<tag>[0-9A-Za-z._-]+)$")
_DIGESTED = re.compile(r"(?:^|/)slipway/[a-z0-9-]+[:@]")
_LOCK = threading.Lock()
_MADE_OF = (
    "catalog",
    "model_build/images",
    "package-lock.json",
    "package.json",
    "requirements",
    "serving",
)


class ImageMissing(Exception):
    """There is no such image; the message says what there is."""


@dataclass(frozen=True)
class Image:
    """What a container of an image runs.

    Attributes:
        folder: Where its code lies.
        command: What runs when the task definition names no command.
        environment: What the image sets.
    """

    folder: Path
    command: tuple[str, ...]
    environment: Mapping[str, str]


def find(name: str, address: str, place: Workplace) -> Image:
    """Return an image.

    Args:
        name: `REGISTRY/slipway/RUNTIME:TAG`.
        address: The address that the container is to listen on.
        place: Where the code of pushed commits is kept.

    Raises:
        ImageMissing: If neither this checkout nor a pushed commit makes an image of that tag.
    """
    match = _NAME.search(name)
    if match is None:
        raise ImageMissing(f"{name}: the local cloud runs slipway/RUNTIME:TAG images only")
    runtime, tag = match["runtime"], match["tag"]
    if "-" in runtime:
        raise ImageMissing(f"{name}: needs a chip, and no CPU of the local cloud stands in for one")
    return Image(
        folder=_code(runtime, tag, place),
        command=("python", "-m", f"serving.{runtime}"),
        environment={"SLIPWAY_HOST": address, "SLIPWAY_IMAGE_TAG": tag},
    )


def is_known(name: str) -> bool:
    """Say whether a repository is one of ours."""
    return bool(_DIGESTED.search(name))


def digest(name: str) -> str:
    """Return a digest for an image's name: no registry holds bytes here."""
    return f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def _code(runtime: str, tag: str, place: Workplace) -> Path:
    if _tag(runtime, ROOT) == tag:
        return ROOT
    kept = place.root / "images" / runtime / tag
    with _LOCK:
        if not kept.is_dir():
            _unpack_pushed(place, kept, runtime, tag)
    return kept


def _unpack_pushed(place: Workplace, kept: Path, runtime: str, tag: str) -> None:
    """Unpack the newest pushed commit that makes the tag, or raise."""
    git = ["git", f"--git-dir={place.repository}"]
    listed = subprocess.run(
        [*git, "rev-list", "--max-count=50", "--all", "--", *_MADE_OF],
        capture_output=True,
        text=True,
        check=False,
    )
    kept.parent.mkdir(parents=True, exist_ok=True)
    for commit in listed.stdout.split():
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            archive, code = Path(folder) / "code.zip", Path(folder) / "code"
            command = [*git, "archive", "--format=zip", "-o", str(archive), commit]
            command += _present(git, commit)
            if subprocess.run(command, check=False, capture_output=True).returncode:
                continue
            with zipfile.ZipFile(archive) as source:
                source.extractall(code)
            if _tag(runtime, code) == tag:
                code.rename(kept)
                return
    raise ImageMissing(
        f"slipway/{runtime}:{tag}: this checkout makes the tag {_tag(runtime, ROOT)}, and none of"
        " the pushed commits makes that one; push the commit that does"
    )


def _present(git: list[str], commit: str) -> list[str]:
    """Return which of what images are made of a commit has."""
    listed = subprocess.run(
        [*git, "ls-tree", "--name-only", commit, "--", *_MADE_OF],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout.splitlines()


def _tag(runtime: str, folder: Path) -> str | None:
    try:
        return image_tag(runtime, folder)
    except (KeyError, FileNotFoundError):
        return None
