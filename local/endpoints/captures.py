"""Records of the traffic: model servers write files here, since no network leaves their namespace.

`SLIPWAY_CAPTURE=s3://BUCKET/PREFIX` becomes a folder; the emulator moves what appears in it to S3,
under the model's role (`local.emulator.captures`).
"""

from collections.abc import Mapping
from urllib.parse import quote

from local.paths import workplace

FOLDER = "captures"
PLACE, SECONDS = "SLIPWAY_CAPTURE", "SLIPWAY_CAPTURE_SECONDS"
FLUSH_SECONDS = "2"  # a drill does not wait a minute


def captured_here(environment: Mapping[str, str], role: str) -> dict[str, str]:
    """Return a container's variables with its captures written below the local cloud's folder."""
    place = environment.get(PLACE, "")
    if not place.startswith("s3://"):
        return dict(environment)
    folder = workplace().root / FOLDER / quote(role, safe="") / place.removeprefix("s3://")
    return {**environment, PLACE: f"file://{folder}", SECONDS: FLUSH_SECONDS}
