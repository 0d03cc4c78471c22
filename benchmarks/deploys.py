"""How long the real cdk CLI takes with the local cloud: `python -m benchmarks.deploys`.

In a cloud of its own: bootstrap, `cdk deploy` of the tooling and all environments, the same again
with no change, a stack whose last resource fails (it must be rolled back), and `cdk destroy` of
all. With `--running` it takes the cloud that `make up` left, releases and all, and measures the
deploy with no change alone. Prints a Markdown table; exits with 1 where a target is missed.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import heading
from catalog.load import load_pipeline
from local import cdk, server
from local.clients import client

ROOT = Path(__file__).resolve().parent.parent
NO_CHANGE_SECONDS = 30.0
BROKEN = "slipway-broken"
QUEUE = {"Type": "AWS::SQS::Queue"}
# Made after the queue, and refused: there is no such group.
REFUSED = {
    "Type": "AWS::EC2::SecurityGroupIngress",
    "DependsOn": "Queue",
    "Properties": {"GroupId": "sg-0000000000000none", "IpProtocol": "tcp", "CidrIp": "10.0.0.0/8"},
}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    reached: str
    target: str = "-"
    met: bool = True


def quiet(_line: str) -> None:
    """Take a line of the CLI's output and drop it."""


def timed(act: Callable[[], object]) -> float:
    """Return the wall seconds that something takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def no_change(app: Path) -> Line:
    """Deploy what is deployed; CloudFormation must find nothing to do."""
    said: list[str] = []
    seconds = timed(lambda: cdk.deploy([], app=app, say=said.append))
    stacks = len(list(app.glob("*.template.json")))
    untouched = sum("(no changes)" in line for line in said)
    met = seconds < NO_CHANGE_SECONDS and untouched == stacks
    reached = f"{seconds:.1f} s, {untouched} of {stacks} stacks untouched"
    return Line("`cdk deploy --all`, no change", reached, f"{NO_CHANGE_SECONDS:.0f} s, all", met)


def rolled_back() -> Line:
    """Deploy a stack whose second resource is refused, and see what is left of the first."""
    cloudformation = client("cloudformation")
    template = json.dumps({"Resources": {"Queue": QUEUE, "Refused": REFUSED}})
    cloudformation.create_stack(StackName=BROKEN, TemplateBody=template)
    status = "CREATE_IN_PROGRESS"
    started = time.perf_counter()
    while status.endswith("IN_PROGRESS") and time.perf_counter() - started < 60:
        time.sleep(0.2)
        (stack,) = cloudformation.describe_stacks(StackName=BROKEN)["Stacks"]
        status = stack["StackStatus"]
    queues = client("sqs").list_queues(QueueNamePrefix=BROKEN).get("QueueUrls", [])
    cloudformation.delete_stack(StackName=BROKEN)
    met = status == "ROLLBACK_COMPLETE" and not queues
    return Line("a failing resource", f"{status}, {len(queues)} left", "ROLLBACK_COMPLETE, 0", met)


def update(scratch: Path) -> Line:
    """Keep the first environment's logs longer, by its data, and see that its groups do."""
    shutil.copytree(ROOT / "catalog/environments", scratch / "catalog/environments")
    shutil.copy(ROOT / "catalog/pipeline.yaml", scratch / "catalog")
    name = load_pipeline().environments[0]
    row = scratch / f"catalog/environments/{name}.yaml"
    row.write_text(re.sub(r"log_days: \d+", "log_days: 14", row.read_text()))
    app = scratch / "updated"
    synthesise(app, "--context", f"catalog={scratch / 'catalog'}")
    stack = f"slipway-{name}-base"
    seconds = timed(lambda: cdk.deploy([stack], app=app, exclusively=True, say=quiet))
    groups = client("logs").describe_log_groups()["logGroups"]
    days = {group["retentionInDays"] for group in groups if stack in group["logGroupName"]}
    reached = f"{seconds:.1f} s, logs kept for {sorted(days)} days"
    return Line(f"update of {stack} by its data", reached, "14 days", days == {14})


def life(app: Path, scratch: Path) -> list[Line]:
    """Deploy everything into an empty cloud, again, change it, break a stack, destroy it all."""
    lines = [Line("`cdk bootstrap`", f"{cdk.bootstrap(say=quiet):.1f} s")]
    seconds = timed(lambda: cdk.deploy([], app=app, say=quiet))
    templates = [json.loads(file.read_text()) for file in app.glob("*.template.json")]
    size = sum(len(template["Resources"]) for template in templates)
    what = f"`cdk deploy --all`: {len(templates)} stacks, {size} resources"
    lines.append(Line(what, f"{seconds:.1f} s"))
    lines += [no_change(app), update(scratch), rolled_back()]
    names = [file.name.removesuffix(".template.json") for file in app.glob("*.template.json")]
    seconds = timed(lambda: cdk.destroy(names, app=app, say=quiet))
    left = client("cloudformation").describe_stacks()["Stacks"]
    ours = [item["StackName"] for item in left if item["StackName"].startswith("slipway-")]
    gone = not [name for name in ours if name != BROKEN]
    reached = f"{seconds:.1f} s, {len(ours)} stacks left"
    return [*lines, Line("`cdk destroy` of all", reached, "0 left", gone)]


@contextmanager
def cloud_of_its_own() -> Iterator[None]:
    """Run an empty local cloud, and take it away afterwards."""
    with tempfile.TemporaryDirectory(prefix="slipway-deploys-") as state:
        before = os.environ.get("SLIPWAY_STATE")
        os.environ["SLIPWAY_STATE"] = state
        server.start()
        try:
            yield
        finally:
            server.stop()
            os.environ.pop("SLIPWAY_STATE")
            if before is not None:
                os.environ["SLIPWAY_STATE"] = before


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploys", description=__doc__)
    parser.add_argument("--running", action="store_true", help="the cloud that `make up` left")
    running = parser.parse_args(argv).running
    with tempfile.TemporaryDirectory(prefix="slipway-app-") as scratch:
        app = Path(scratch) / "app"
        if running:
            synthesise(app, "--context", f"release={live_release(Path(scratch))}")
            lines = [no_change(app)]
        else:
            with cloud_of_its_own():
                synthesise(app)
                lines = life(app, Path(scratch))
    environments = ", ".join(load_pipeline().environments)
    print(heading("cdk with the local cloud", f"tooling and {environments}, validation off"))
    print("| what | reached | target | |\n| --- | --- | --- | --- |")
    for line in lines:
        verdict = "met" if line.met else "MISSED"
        print(f"| {line.what} | {line.reached} | {line.target} | {verdict} |")
    return 0 if all(line.met for line in lines) else 1


def synthesise(app: Path, *arguments: str) -> None:
    """Synthesise all stacks into a folder."""
    if cdk.main(["synth", "--quiet", "--output", str(app), *arguments]):
        raise SystemExit("cdk synth failed")


def live_release(scratch: Path) -> Path:
    """Write the release that the last environment serves to a file for `-c release=`."""
    from ops.account import Account

    account, environment = Account(), load_pipeline().environments[-1]
    context = account.context(environment, account.live_release(environment))
    file = scratch / "release.json"
    file.write_text(json.dumps(context.to_json()))
    return file


if __name__ == "__main__":
    sys.exit(main())
