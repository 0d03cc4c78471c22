"""Which vulnerabilities stop an image: the severe ones, but those accepted with a reason."""

import datetime
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model_build.images.registry import Finding

SEVERE = ("CRITICAL", "HIGH")
ACCEPTED = Path(__file__).with_name("accepted.toml")


@dataclass(frozen=True)
class Acceptance:
    """One vulnerability that somebody has judged, for some images, until a day."""

    id: str
    images: tuple[str, ...]
    reason: str
    until: datetime.date


def read_accepted(path: Path = ACCEPTED) -> tuple[Acceptance, ...]:
    """Read `accepted.toml`.

    Raises:
        ValueError: An entry lacks a key, or its reason says nothing.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    found = []
    for item in document.get("accepted", ()):
        try:
            entry = Acceptance(item["id"], tuple(item["images"]), item["reason"], item["until"])
        except KeyError as missing:
            raise ValueError(f"{path}: {item}: add {missing}") from missing
        if len(entry.reason.split()) < 3:
            raise ValueError(f"{path}: {entry.id}: say in the reason why it does no harm here")
        found.append(entry)
    return tuple(found)


def stopping(
    image: str,
    findings: Iterable[Finding],
    accepted: Sequence[Acceptance],
    today: datetime.date,
) -> list[Finding]:
    """Return the findings that stop an image, the worst first."""
    known = {item.id for item in accepted if image in item.images and today <= item.until}
    left = {item for item in findings if item.severity in SEVERE and item.id not in known}
    return sorted(left, key=lambda item: (SEVERE.index(item.severity), item.id, item.package))
