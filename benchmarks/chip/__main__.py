"""`python -m benchmarks.chip`: the gate on the chip in the real pipeline, with an emulated chip.

In a clone of this commit and a local cloud of its own:

1. dev has no chips, staging has: nothing could be proven, so promotion into staging is refused.
2. dev has chips: the stage Prove-dev asks its endpoint, which says that a CPU answered: refused.
3. The suite runs on a host whose chip is emulated, and signs evidence that says so.
4. Prove-dev is tried again and passes; staging takes the release and serves it.

No chip ran: this shows who asks for evidence and who believes it, not what a chip would measure.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.chip import checkout

STARTED = time.monotonic()
CPU, CHIP = "ml.c7i.xlarge", "ml.inf1.xlarge"
TOLD = ("Promote", "Verify done", "Prove", "Point done", "onchip:", "NOT ASKED", "evidence of")
LOCAL, INSIDE = "local", "benchmarks.chip.inside"


class NotAsDrilled(Exception):
    """A step ended otherwise than it must; the message has the end of its output."""


def main() -> int:
    """Run the drill; return 1 if a step did not go as it must."""
    with tempfile.TemporaryDirectory(prefix="slipway-chip-") as scratch:
        folder = Path(scratch) / "clone"
        checkout.make(folder)
        checkout.serve_ads_on(folder, {"dev": CPU, "staging": CHIP})
        try:
            _drill(folder)
        except NotAsDrilled as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            _run(folder, LOCAL, "down")
    print("as it must be; no chip ran")
    return 0


def _drill(folder: Path) -> None:
    _step(folder, "only staging has chips: promoted there", 1, "no chip has shown", LOCAL, "up")
    checkout.serve_ads_on(folder, {"dev": CHIP, "staging": CHIP})
    _step(folder, "dev has chips too: Prove-dev asks", 1, "no chip answered for", LOCAL, "push")
    _step(folder, "the suite beside an emulated chip", 0, "2 proven, 0 stopped", INSIDE, "prove")
    _step(folder, "Prove-dev again", 0, "staging serves release", INSIDE, "retry")


def _step(folder: Path, title: str, code: int, said: str, module: str, word: str) -> None:
    """Run a step and print what it says of proofs.

    Raises:
        NotAsDrilled: It ended with another code, or did not say what it must.
    """
    print(f"{time.monotonic() - STARTED:6.1f} s  {title}", flush=True)
    found, output = _run(folder, module, word)
    lines = [line for line in output.splitlines() if any(words in line for words in TOLD)]
    for line in dict.fromkeys(lines):
        print(f"          {line.strip()}", flush=True)
    if (found, said in output) != (code, True):
        tail = "\n".join(output.splitlines()[-30:])
        raise NotAsDrilled(f"{title}: code {found}, not {code}, or without {said!r}:\n{tail}")


def _run(folder: Path, module: str, word: str) -> tuple[int, str]:
    own = ("VIRTUAL_ENV", "SLIPWAY_STATE", "JSII_NODE")
    kept = {key: value for key, value in os.environ.items() if key not in own}
    done = subprocess.run(
        [folder / ".venv/bin/python", "-m", module, word],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
