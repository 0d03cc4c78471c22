"""`python -m benchmarks.ads`: one TorchServe, three models under load, and one that keeps dying.

Both ads models by themselves, and a parent that wraps both, asked for text and picture at once.
Half of the time they are asked alone; then a fourth model of the same server is asked too, and its
worker dies at every call. Exit code 1 if the others lost a call meanwhile.
"""

import argparse
import io
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.ads.archives import DYING, PARENT, SHIPPED, write_archives
from benchmarks.ads.load import Calls
from benchmarks.ads.server import torchserve
from model_build.measure import percentile
from model_build.onchip.form import form, multipart

TEXT = "this tea cures diabetes in 3 days"
WARM_SECONDS = 3.0


def picture() -> bytes:
    """Return a picture of an ad, as good as any."""
    stream = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (96, 96, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def requests() -> dict[str, tuple[bytes, str]]:
    """Return what each healthy model is asked: a text, a picture, and their parent both."""
    asked: dict[str, str | bytes] = dict(zip(SHIPPED, (TEXT, picture()), strict=True))
    fields = {
        name: item.encode() if isinstance(item, str) else item for name, item in asked.items()
    }
    alone = {name: form(name, item) for name, item in asked.items()}
    return alone | {PARENT: multipart({"model_name": PARENT.encode(), **fields})}


def rows(phase: str, healthy: list[Calls], start: float, end: float) -> list[str]:
    """Return a line about each healthy model in one phase."""
    lines = []
    for calls in healthy:
        taken = [ms for at, ms in calls.milliseconds if start <= at < end]
        failed = sum(start <= at < end for at in calls.failed)
        cuts = [percentile(taken, q) for q in (50, 99)] if taken else [0.0, 0.0]
        lines.append(
            f"{phase:<14} {calls.model:<17} {len(taken) + failed:>6} requests"
            f" {failed:>4} failed   p50 {cuts[0]:6.1f} ms   p99 {cuts[1]:7.1f} ms"
        )
    return lines


def main() -> int:
    """Run the drill and print what each model's callers saw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ads", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="of each half")
    parser.add_argument("--rate", type=float, default=50, help="calls a second of each model")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-ads-") as name:
        folder = Path(name)
        write_archives(folder / "store", folder)
        with torchserve(
            folder, folder / "store", system_metrics=False, OMP_NUM_THREADS="1"
        ) as server:
            healthy = [
                Calls(server.address, name, request, given.rate).start()
                for name, request in requests().items()
            ]
            time.sleep(WARM_SECONDS)
            begun = time.time()
            time.sleep(given.seconds)
            middle = time.time()
            dying = Calls(server.address, DYING, form(DYING, "die"), rate=2).start()
            time.sleep(given.seconds)
            end = time.time()
            for calls in (*healthy, dying):
                calls.stop()
    print("\n".join(rows("alone", healthy, begun, middle)))
    print("\n".join(rows("one keeps dying", healthy, middle, end)))
    print(f"{'':<14} {DYING:<17} {len(dying.failed):>6} requests {len(dying.failed):>4} failed")
    lost = sum(begun <= at < end for calls in healthy for at in calls.failed)
    print(f"the healthy models lost {lost} calls")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
