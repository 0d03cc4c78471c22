"""`python -m benchmarks.shift` runs the drill in a local cloud of its own; prints its timeline."""

import os
import tempfile
from pathlib import Path

from local.paths import NODE, Workplace

os.environ.setdefault("JSII_NODE", str(NODE))
os.environ.setdefault("SLIPWAY_PACE", "0.05")  # alarms: a minute lasts three seconds
os.environ.setdefault("CDK_VALIDATION", "false")

from benchmarks.shift.drill import Drill, Outcome
from local import server


def main() -> int:
    """Run both shifts and say what happened."""
    with tempfile.TemporaryDirectory(prefix="shift-") as folder:
        place = Workplace(Path(folder) / "cloud")
        server.start(place)
        try:
            drill = Drill(place, Path(folder) / "synth")
            drill.deploy()
            _say("a release that turns slow half-way", drill.shift(bad_at=50))
            drill.recover()
            _say("the same release in good times", drill.shift())
        finally:
            server.stop(place)
    return 0


def _say(title: str, outcome: Outcome) -> None:
    print(f"\n{title}")
    for event in outcome.events:
        print(f"  {event.second:6.1f} s  {event.what}")
    shares = ", ".join(f"{name} {share:.0f} %" for name, share in outcome.shares.items())
    print(f"  afterwards {shares}; {outcome.calls} calls, {outcome.lost} lost")
    for fault in outcome.faults:
        print(f"  lost: {fault}")


if __name__ == "__main__":
    raise SystemExit(main())
