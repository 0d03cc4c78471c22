"""`python -m ops loadtest`: open-model load on an environment, then its limits.

Calls start when they are due, whether or not earlier ones have ended, and are timed from when they
were due: a slow server cannot slow its own test down ("coordinated omission", Gil Tene). k6, which
the benchmarks use, cannot sign calls to SageMaker, so boto3 makes them here.
"""

import argparse
import itertools
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles

from botocore.exceptions import BotoCoreError, ClientError

from catalog.load import load_environment
from ops.account import Account
from ops.ask import ask

AT_ONCE = 64
WARM_UPS = 3
FAILURES = (BotoCoreError, ClientError, OSError)

Call = Callable[[], object]


@dataclass(frozen=True)
class Outcome:
    """What a load test saw; times in milliseconds from when a call was due."""

    requests: int
    errors: int
    rate: float
    p50_ms: float
    p99_ms: float
    first_error: str = ""

    def objections(self, p99_ms: float, error_percent: float) -> list[str]:
        """Return which limits it broke, in sentences."""
        found = []
        if self.p99_ms > p99_ms:
            found.append(f"p99 is {self.p99_ms:.1f} ms, the limit alarms.p99_ms is {p99_ms:g}")
        percent = 100 * self.errors / self.requests
        if percent > error_percent:
            found.append(
                f"{percent:.2f} % of calls failed, the limit alarms.error_percent is"
                f" {error_percent:g} (first: {self.first_error})"
            )
        return found


def offer(calls: Sequence[Call], rate: float, seconds: float) -> Outcome:
    """Make calls in turn at a rate for some seconds, and wait for all of them.

    Args:
        calls: What is called.
        rate: Calls a second.
        seconds: For how long calls start.
    """
    count = max(2, round(rate * seconds))
    started = time.monotonic()

    def one(call: Call, due: float) -> tuple[float, str]:
        try:
            call()
        except FAILURES as error:
            return 1000 * (time.monotonic() - due), str(error) or type(error).__name__
        return 1000 * (time.monotonic() - due), ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting: list[Future[tuple[float, str]]] = []
        for number, call in zip(range(count), itertools.cycle(calls), strict=False):
            due = started + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            waiting.append(pool.submit(one, call, due))
        answers = [item.result() for item in waiting]
    elapsed = time.monotonic() - started
    errors = [text for _, text in answers if text]
    cuts = quantiles([taken for taken, _ in answers], n=100, method="inclusive")
    first = errors[0] if errors else ""
    return Outcome(count, len(errors), round(count / elapsed, 2), cuts[49], cuts[98], first)


def calls_of(account: Account, environment: str, release: str) -> list[Call]:
    """Return a call for each example of each model that answers on an endpoint.

    Services stand behind a load balancer of their VPC, which a build cannot reach; their own alarms
    watch them after a deployment.
    """
    context = account.context(environment, release)
    # One target of a model is enough: all are asked by the same request.
    manifests = [next(iter(made.values())) for made in context.manifests.values()]
    return [
        partial(ask, account, environment, manifest, example.input)
        for manifest in manifests
        if manifest.serve["kind"] == "endpoint"
        for example in manifest.examples
    ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--environment", required=True, help="whose endpoints are called")
    parser.add_argument("--release", help="whose examples are asked (default: the live one)")
    parser.add_argument("--requests-per-second", type=float, required=True, help="calls a second")
    parser.add_argument("--seconds", type=float, default=30, help="for how long")
    parser.add_argument("--out", type=Path, help="a JSON file with the figures")


def run(arguments: argparse.Namespace) -> int:
    """Test, print, and return 1 where the environment's limits are broken."""
    account, limits = Account(), load_environment(arguments.environment).alarms
    release = arguments.release or account.live_release(arguments.environment)
    calls = calls_of(account, arguments.environment, release)
    for call in calls * WARM_UPS:  # a multi-model endpoint loads a model on its first call
        call()
    outcome = offer(calls, arguments.requests_per_second, arguments.seconds)
    if arguments.out:
        arguments.out.write_text(json.dumps(asdict(outcome), indent=1) + "\n", encoding="utf-8")
    print(
        f"{outcome.requests} calls at {outcome.rate:g}/s: p50 {outcome.p50_ms:.1f} ms,"
        f" p99 {outcome.p99_ms:.1f} ms, {outcome.errors} failed"
    )
    objections = outcome.objections(limits.p99_ms, limits.error_percent)
    for objection in objections:
        print(f"loadtest: {arguments.environment}: {objection}")
    return 1 if objections else 0
