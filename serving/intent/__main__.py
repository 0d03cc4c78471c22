"""`python -m serving.intent`: fetch the artifact, then serve it until SIGTERM."""

import os
import sys
import tempfile
from pathlib import Path

from serving.intent import log, server
from serving.intent.settings import Settings, WrongSetting
from serving.runtime.archive import BadArtifact, fetch


def main() -> int:
    """Run the service; return 2 when it is set up wrongly, naming what is wrong."""
    log.set_up()
    # A worker is one core's: a tokenizer's threads would only take it from the engine.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # For the workers, which start afresh: weights on huge pages are found with fewer misses, which
    # is a sixth of the time of a query that comes alone.
    os.environ.setdefault("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
    with tempfile.TemporaryDirectory(prefix="slipway-intent-") as folder:
        try:
            settings = Settings.read(os.environ)
            directory = fetch(settings.artifact, settings.artifact_sha256, Path(folder))
        except (WrongSetting, BadArtifact) as error:
            print(f"intent: {error}", file=sys.stderr)
            return 2
        return server.serve(settings, directory)


if __name__ == "__main__":
    sys.exit(main())
