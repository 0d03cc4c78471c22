"""Load at one rate: requests start when the clock says, whether or not earlier ones were answered.

The generator is k6 (constant arrival rate, near-Poisson arrivals, see load.js). A request that k6
could not even start, for want of a free client, counts as failed: nothing is coordinated away.
Latency is the client's: from sending to the last byte. The first second, in which all clients
connect at once, is load like the rest but is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("load.js")
K6 = Path(sys.executable).with_name("k6")
# One core at most: the other one is the server's. And no garbage collection while memory lasts: it
# stopped the generator for tens of milliseconds, which looked as if the service had.
GENERATOR = {"GOMAXPROCS": "1", "GOGC": "off", "GOMEMLIMIT": "1GiB"}
WARM_SECONDS = 1
ERRORS = 0.001  # the share of requests that may go wrong while an objective counts as met


@dataclass(frozen=True)
class Point:
    """What clients saw at one rate.

    Attributes:
        offered: Requests a second that were to be sent.
        answered: Requests a second that were answered with 200.
        refused: The share of requests refused with 429 or 503.
        failed: The share that got another answer, none, or could not be sent in time.
        p50, p95, p99, p999: Milliseconds of the answered ones.
        unsent: The part of `failed` that could not be sent in time: the generator's fault, or that
            of a service so slow that all its clients wait.
    """

    offered: float
    answered: float
    refused: float
    failed: float
    p50: float
    p95: float
    p99: float
    p999: float
    unsent: float = 0.0

    @property
    def lost(self) -> float:
        """Return the share of requests that were sent, and got no answer or a wrong one."""
        return self.failed - self.unsent

    def meets(self, p99_ms: float) -> bool:
        """Say whether the objective holds for all that was offered."""
        return self.p99 < p99_ms and self.refused + self.failed <= ERRORS


def measure(url: str, bodies: Sequence[str], rate: float, seconds: float) -> Point:
    """Send requests at a rate and return what came back.

    Args:
        url: What is asked, by POST.
        bodies: Are sent in random order.
        rate: Requests a second.
        seconds: For how long; k6 takes 1 at least.

    Raises:
        RuntimeError: k6 is missing or failed; the message is the end of its output.
    """
    if not K6.is_file():
        raise RuntimeError(f"{K6} is missing: install requirements/runtime.txt beside this Python")
    with tempfile.TemporaryDirectory() as scratch:
        texts, summary = Path(scratch) / "bodies.json", Path(scratch) / "summary.json"
        texts.write_text(json.dumps([*bodies]), encoding="utf-8")
        told = {
            "URL": url,
            "RATE": str(round(rate)),
            "SECONDS": str(seconds),
            "WARM_SECONDS": str(WARM_SECONDS),
            "BODIES": str(texts),
            "SUMMARY": str(summary),
            "USERS": str(100 + round(rate / 20)),
        }
        command = [str(K6), "run", "--no-usage-report", "--quiet", "--log-output=none"]
        command += [item for name, value in told.items() for item in ("-e", f"{name}={value}")]
        done = subprocess.run(
            [*command, str(SCRIPT)],
            env=os.environ | GENERATOR | {"HOME": scratch},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not summary.exists():
            raise RuntimeError(
                f"k6 ended with {done.returncode}: {(done.stdout + done.stderr)[-800:]}"
            )
        return _point(rate, seconds, json.loads(summary.read_text(encoding="utf-8")))


def _point(rate: float, seconds: float, found: dict[str, dict[str, float]]) -> Point:
    answered = found["answered"]
    counts = {name: found[name].get("count", 0.0) for name in ("answered", "refused")}
    unsent = float(found.get("dropped", 0))  # type: ignore[arg-type]
    failed = float(found["failed"]) + unsent  # type: ignore[arg-type]
    total = max(counts["answered"] + counts["refused"] + failed, 1.0)
    nothing = float("inf")
    return Point(
        offered=rate,
        answered=counts["answered"] / seconds,
        refused=counts["refused"] / total,
        failed=failed / total,
        p50=answered.get("med", nothing),
        p95=answered.get("p(95)", nothing),
        p99=answered.get("p(99)", nothing),
        p999=answered.get("p(99.9)", nothing),
        unsent=unsent / total,
    )
