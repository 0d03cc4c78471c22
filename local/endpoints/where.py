"""Where the endpoints of a local cloud are, for people and for clients that speak KServe."""

import json
from pathlib import Path
from typing import Any


def published(state: Path) -> dict[str, dict[str, Any]]:
    """Return, by endpoint name, what `Fleet.publish` wrote: variants, addresses, models in memory.

    Args:
        state: The folder of the local cloud.
    """
    found = {}
    for file in sorted((state / "endpoints").glob("*.json")):
        document = json.loads(file.read_text())
        found[document["endpoint"]] = document
    return found
