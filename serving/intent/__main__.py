"""`python -m serving.intent`: fetch the artifact, then serve it until SIGTERM."""

import logging
import os
import sys
import tempfile
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces, Loops

from serving.intent.app import MODEL_DIRECTORY
from serving.intent.settings import Settings, WrongSetting
from serving.runtime.archive import BadArtifact, fetch

DRAIN_SECONDS = 20


def main() -> int:
    """Run the service; return 2 when it is set up wrongly, naming what is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    with tempfile.TemporaryDirectory(prefix="slipway-intent-") as folder:
        try:
            settings = Settings.read(os.environ)
            directory = fetch(settings.artifact, settings.artifact_sha256, Path(folder))
        except (WrongSetting, BadArtifact) as error:
            print(f"intent: {error}", file=sys.stderr)
            return 2
        os.environ[MODEL_DIRECTORY] = str(directory)
        Granian(
            "serving.intent.app:create",
            factory=True,
            interface=Interfaces.RSGI,
            address=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop=Loops.uvloop,
            websockets=False,
            workers_kill_timeout=DRAIN_SECONDS,
        ).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
