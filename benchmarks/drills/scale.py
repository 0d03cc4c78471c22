"""The intent service under load: tasks come by its policy, and go again; no request may fail.

`python -m benchmarks.drills.scale [--artifact FILE]`, in a local cloud of its own in which a minute
of metrics and cooldowns lasts three seconds.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.paths import NODE, Workplace

os.environ.setdefault("JSII_NODE", str(NODE))

from benchmarks import load
from benchmarks.drills import scaled
from benchmarks.drills.timeline import Timeline, until
from benchmarks.intent import compiled
from catalog import bucket, digest
from local import server
from local.clients import client
from local.emulator.pace import VARIABLE

PACE = "0.05"
HIGH, LOW = 100.0, 15.0  # requests a second: more than two tasks' load, less than one's
PHASE_SECONDS = 45.0
LOOK_SECONDS = 0.2


@dataclass
class Watch:
    """What a service's tasks do meanwhile, as events of a timeline.

    Attributes:
        most: The most tasks that answered at once.
        now: How many answer now.
    """

    place: Workplace
    line: Timeline
    most: int = 0
    now: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Watch"]:
        """Look until left."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        ecs, wanted = client("ecs", place=self.place), 0
        while not self._stop.wait(LOOK_SECONDS):
            found = ecs.describe_services(cluster=scaled.CLUSTER, services=[scaled.NAME])
            service = found["services"][0]
            if service["desiredCount"] != wanted:
                wanted = service["desiredCount"]
                self.line.tell(f"the policy wants {wanted}")
            if service["runningCount"] != self.now:
                self.now = service["runningCount"]
                self.most = max(self.most, self.now)
                self.line.tell(f"{self.now} answer")


def drill(archive: Path, place: Workplace, seconds: float = PHASE_SECONDS) -> Timeline:
    """Deploy the service into a running local cloud, load it, and let the load go.

    Args:
        archive: What it serves.
        place: The local cloud.
        seconds: How long each load lasts.
    """
    most = scaled.SCALING.max
    line = Timeline(f"{scaled.NAME}: a task is busy at {scaled.BUSY_PER_SECOND:g} requests/s")
    url = _deploy(archive, place)
    line.tell("deployed from its synthesised template; one task answers behind its load balancer")
    with Watch(place, line).running() as watch:
        points = []
        for rate in (HIGH, LOW):
            line.tell(f"{rate:g} requests a second begin")
            points.append(load.measure(url, rate, seconds))
            seen = points[-1]
            line.tell(
                f"{seen.answered:.0f} a second answered, {seen.refused:.2%} shed,"
                f" {seen.lost:.2%} lost; p50 {seen.p50:.1f}, p99 {seen.p99:.1f} ms"
            )
        line.promise(watch.most == most, f"{most} tasks under {HIGH:g} requests/s")
        until(lambda: watch.now == 1, "one task alone", seconds)
        line.promise(watch.now == 1, f"1 task under {LOW:g}")
    for seen in points:
        refused = seen.refused + seen.lost
        line.promise(refused == 0, f"all answered that were sent at {seen.offered:g} requests/s")
    return line


def _deploy(archive: Path, place: Workplace) -> str:
    sha256 = digest.of_file(archive)
    s3 = client("s3", place=place)
    s3.create_bucket(Bucket=scaled.BUCKET)
    s3.upload_file(str(archive), scaled.BUCKET, bucket.content(sha256))
    stacks = client("cloudformation", place=place)
    with tempfile.TemporaryDirectory() as folder:
        document = scaled.template(sha256, Path(folder))
    stacks.create_stack(
        StackName=scaled.STACK,
        TemplateBody=json.dumps(document),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    )

    def settled() -> Any:
        found = stacks.describe_stacks(StackName=scaled.STACK)["Stacks"][0]
        return None if found["StackStatus"].endswith("IN_PROGRESS") else found

    stack = until(settled, scaled.STACK)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        events = stacks.describe_stack_events(StackName=scaled.STACK)["StackEvents"]
        reasons = filter(None, (event.get("ResourceStatusReason", "") for event in events))
        logs = [path.read_text()[-2000:] for path in (place.root / "services").glob("*.log")]
        raise RuntimeError(f"{scaled.STACK} is {stack['StackStatus']}: {'; '.join(reasons)} {logs}")
    (url,) = [item["OutputValue"] for item in stack["Outputs"] if item["OutputKey"] == "Url"]
    return f"{url}/v1/intent"


@contextmanager
def cloud_of_its_own() -> Iterator[Workplace]:
    """Run an empty local cloud whose minutes are short, and take it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="slipway-scale-") as folder:
        place, before = Workplace(Path(folder) / "cloud"), os.environ.get(VARIABLE)
        os.environ[VARIABLE] = PACE
        try:
            server.start(place)
            yield place
        finally:
            server.stop(place)
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before


def drill_alone(artifact: Path | None = None) -> Timeline:
    """Run the drill in a local cloud of its own, with the row's archive unless one is given."""
    with tempfile.TemporaryDirectory() as scratch, cloud_of_its_own() as place:
        return drill(artifact or compiled(Path(scratch)), place)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the drill; return 1 if a promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drills.scale", description=__doc__)
    parser.add_argument("--artifact", type=Path, help="the archive (default: compile the row)")
    artifact = parser.parse_args(argv).artifact
    return 1 if drill_alone(artifact).misses else 0


if __name__ == "__main__":
    sys.exit(main())
