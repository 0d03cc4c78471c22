"""Say every minute what this archive's model did, in a thread of the part that reads texts.

Each archive has one such part, and its first process counts, so each model is said once. Triton
counts what never reaches Python too: requests that its queues refuse.
"""

import os
import threading
import time
import urllib.request
from pathlib import Path

from serving.runtime.saying import print_line
from serving.triton.parts import emf
from serving.triton.parts.prometheus import Counters, by_model

ADDRESS_VARIABLE = "SLIPWAY_TRITON_METRICS"
"""Where Triton shows its counters, such as http://127.0.0.1:8002/metrics; unset for nowhere."""
SECONDS_VARIABLE = "SLIPWAY_METRICS_SECONDS"
ENDPOINT_VARIABLE = "SLIPWAY_ENDPOINT"
SECONDS = 60.0
PATIENCE = 5.0


class Meter:
    """Reads counters, remembers the last reading, prints the difference."""

    def __init__(self, name: str, folder: Path, address: str, seconds: float) -> None:
        """Take a model's name, its archive's folder, Triton's address and the pause."""
        self._name, self._address, self._seconds = name, address, seconds
        # SageMaker unpacks an archive to .../<its name for the model>/model.
        self._names = (name, folder.name, folder.parent.name)
        self._before: dict[str, Counters] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Go on in the background until `stop`."""
        threading.Thread(target=self._run, name="meter", daemon=True).start()

    def stop(self) -> None:
        """Say the rest and end."""
        self._stopped.set()
        self._say()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self._say()

    def _say(self) -> None:
        try:
            with urllib.request.urlopen(self._address, timeout=PATIENCE) as answer:  # noqa: S310
                now = by_model(answer.read().decode())
        except OSError:
            return  # serving goes on without metrics; their absence is an alarm's business
        ensemble = next((name for name in self._names if name in now), self._name)
        values = emf.summary(self._name, ensemble, self._before, now)
        self._before = now
        if values["Requests"]:
            endpoint = os.environ.get(ENDPOINT_VARIABLE, "")
            print_line(emf.line(self._name, values, int(1e3 * time.time()), endpoint))


def begin(name: str, folder: Path) -> Meter | None:
    """Start a meter; None where the environment names no counters."""
    address = os.environ.get(ADDRESS_VARIABLE)
    if not address:
        return None
    meter = Meter(name, folder, address, float(os.environ.get(SECONDS_VARIABLE) or SECONDS))
    meter.start()
    return meter
