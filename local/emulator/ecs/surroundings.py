"""The environment that a container's process has, before its definition adds to it."""

import os

from local.emulator import gateway
from local.emulator.ecs.images import Image
from local.endpoints.captures import FLUSH_SECONDS, SECONDS
from local.paths import search_path, workplace


def surroundings(image: Image) -> dict[str, str]:
    """Return the variables of a process that stands for a container of an image."""
    temporary = str(workplace().scratch)
    return {
        "PATH": search_path(os.environ["PATH"]),
        "HOME": temporary,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(image.folder),
        "PYTHONUNBUFFERED": "1",
        "AWS_REGION": gateway.region(),
        "AWS_DEFAULT_REGION": gateway.region(),
        "AWS_ENDPOINT_URL": gateway.endpoint(),
        "AWS_EC2_METADATA_DISABLED": "true",
        SECONDS: FLUSH_SECONDS,
        "SLIPWAY_AWAKE_MS": "0",  # no core here is one task's own
        **image.environment,
    }
