"""The drill: a release arrives, turns bad half-way and is turned back; later it comes through."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.shift import models, stack
from benchmarks.shift.traffic import Traffic
from catalog.environment import Rollout
from local.clients import client
from local.paths import Workplace
from stacks import names
from stacks.accounts import Place
from stacks.shift.before import SEPARATOR

ROLLOUT = Rollout(policy="linear", step_percent=25, wait_seconds=240, bake_seconds=240)
STACK = "slipway-drill"
NAME = names.endpoint(stack.ENVIRONMENT, stack.ENDPOINT)
PATIENCE_S = 90.0
ENOUGH = 20  # calls, to say which variant answers


@dataclass
class Event:
    """Something that happened, seconds after the execution began."""

    second: float
    what: str


@dataclass
class Outcome:
    """One execution of the state machine: its end, and what happened on the way.

    Attributes:
        status: `SUCCEEDED` or `FAILED`.
        cause: Why it failed.
        events: Weights and shares over time.
        shares: The variants' shares of the calls after the end, in percent.
        lost: How many calls got no answer.
        calls: How many there were.
        faults: What the lost ones were told.
    """

    status: str = ""
    cause: str = ""
    events: list[Event] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)
    lost: int = 0
    calls: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Drill:
    """An endpoint with two variants in a running local cloud."""

    place: Workplace
    folder: Path
    rollout: Rollout = ROLLOUT

    def __post_init__(self) -> None:
        # making a client takes a while: not while the clock runs
        self._machines, self._sagemaker = self.client("stepfunctions"), self.client("sagemaker")
        self._runtime = self.client("sagemaker-runtime")

    def client(self, service: str) -> Any:
        """Return a client of the local cloud."""
        return client(service, place=self.place)

    def deploy(self) -> None:
        """Put both releases into a bucket and deploy the stack at which the second one arrives.

        Raises:
            RuntimeError: The stack failed; the message holds its reasons.
        """
        bucket = self.client("s3")
        bucket.create_bucket(Bucket=stack.BUCKET)
        for name, slow in (("before", False), ("after", True)):
            body = models.archive(name, slow=slow)
            bucket.put_object(Bucket=stack.BUCKET, Key=f"live/ads/{name}/text.mar", Body=body)
        place = Place("000000000000", "us-east-1")
        self.client("ssm").put_parameter(
            Name=names.before(stack.ENVIRONMENT, stack.ENDPOINT),
            Value=f"{stack.image(place)}{SEPARATOR}s3://{stack.BUCKET}/live/ads/before/",
            Type="String",
        )
        arriving = f"s3://{stack.BUCKET}/live/ads/after/"
        document = stack.template(self.rollout, arriving=arriving, folder=self.folder)
        stacks = self.client("cloudformation")
        stacks.create_stack(
            StackName=STACK, TemplateBody=json.dumps(document), Capabilities=["CAPABILITY_IAM"]
        )
        status = _await(lambda: _settled(stacks.describe_stacks(StackName=STACK)))
        if status != "CREATE_COMPLETE":
            events = stacks.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [event.get("ResourceStatusReason", "") for event in events]
            raise RuntimeError(f"{STACK} is {status}: {'; '.join(filter(None, reasons))}")

    def shift(self, *, bad_at: float | None = None) -> Outcome:
        """Run the state machine under traffic.

        Args:
            bad_at: Green's weight, in percent, from which on it is asked what makes it slow.
        """
        outcome = Outcome()
        with Traffic(self._runtime, NAME) as traffic:
            began = time.time()
            for weight in self._execute(outcome):
                outcome.events.append(Event(time.time() - began, f"green has {weight:.0f} %"))
                if bad_at is not None and weight >= bad_at and traffic.body != models.BAD:
                    traffic.body = models.BAD
                    outcome.events.append(Event(time.time() - began, "green turns slow"))
            ended = time.time()
            outcome.events.append(Event(ended - began, f"{outcome.status} {outcome.cause}"))
            _await(lambda: len(traffic.since(ended)) >= ENOUGH or None)
            outcome.shares = traffic.shares(ended)
        outcome.calls, outcome.lost = len(traffic.calls), len(traffic.lost)
        outcome.faults = sorted({call.fault for call in traffic.lost})
        return outcome

    def recover(self) -> None:
        """Wait until no alarm rings any more."""
        watched = self.client("cloudwatch")
        _await(lambda: not watched.describe_alarms(StateValue="ALARM")["MetricAlarms"] or None)

    def _execute(self, outcome: Outcome) -> Iterator[float]:
        """Start an execution; yield green's weight each time it changes, until it ends."""
        machines, sagemaker = self._machines, self._sagemaker
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{names.shift('drill', 'ads')}"
        run = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
        last = -1.0
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = machines.describe_execution(executionArn=run)
            variants = sagemaker.describe_endpoint(EndpointName=NAME)["ProductionVariants"]
            weights = {item["VariantName"]: item["CurrentWeight"] for item in variants}
            weight = 100 * weights["green"] / sum(weights.values())
            if weight != last:
                last = weight
                yield weight
            if found["status"] != "RUNNING":
                outcome.status, outcome.cause = found["status"], found.get("cause", "")
                return
            time.sleep(0.1)
        raise RuntimeError(f"the shift did not end within {PATIENCE_S:.0f} s")


def _settled(found: Any) -> str | None:
    status = str(found["Stacks"][0]["StackStatus"])
    return None if status.endswith("IN_PROGRESS") else status


def _await(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise RuntimeError(f"nothing came of it within {PATIENCE_S:.0f} s")
