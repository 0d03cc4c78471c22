"""Drift in one half of the models, then in the other: the right alarms, models and runbook."""

import itertools
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from benchmarks.drills.release import Drilled
from benchmarks.drills.shifted import unusual, usual
from benchmarks.drills.timeline import Timeline, until
from catalog.artifact import Manifest
from catalog.load import load_environment
from ops.alarms.alarm import Alarm
from ops.alarms.cli import read
from ops.ask import ask
from ops.explain.cli import explain

RUNBOOK = "monitoring.md#drifted"
SETTLE_S = 70.0  # captures are written once a minute
CLIENTS = 6
SPARE = 1.2  # more than the fewest samples: some calls may not be captured


def drill(drilled: Drilled) -> Timeline:
    """Ask some models what nobody expected and the others the usual; look at who rings."""
    account, environment = drilled.account, drilled.environment
    line = Timeline(f"Drift in each model of {environment}")
    if not load_environment(environment).monitoring.looks_for_drift:
        line.promise(False, f"drift is looked for in {environment}: set monitoring.capture_percent")
        return line
    manifests = _answering(drilled)
    names = sorted(item.model for item in manifests)
    known = set(_ringing(drilled))
    for drifting in (names[::2], names[1::2]):
        line.tell(f"drift in {', '.join(drifting)}; the others are asked the usual")
        began = time.time()
        _offer(drilled, manifests, drifting)
        line.tell("asked; captures are written")
        time.sleep(SETTLE_S)
        status, why = _run_job(drilled, time.time() - began)
        line.tell(f"the drift job {status.lower()}{why}")
        expected = {_alarm(environment, item) for item in manifests if item.model in drifting}
        _until_ringing(drilled, expected)
        rang = {alarm for alarm in _ringing(drilled) if alarm not in known}
        known |= rang
        for alarm in sorted(rang):
            line.tell(f"{alarm} rings")
        line.promise(rang == expected, f"{len(expected)} alarms ring: of what drifts, no other")
        told = [explain(account, name) for name in sorted(rang & expected)]
        right = [item for item in told if item.section and item.section.name == RUNBOOK]
        line.promise(len(right) == len(expected), f"`ops explain` names {RUNBOOK} for each of them")
    return line


def _answering(drilled: Drilled) -> list[Manifest]:
    account, environment = drilled.account, drilled.environment
    context = account.context(environment, account.live_release(environment))
    first = [next(iter(made.values())) for made in context.manifests.values()]
    return [item for item in first if item.serve["kind"] in ("endpoint", "service")]


def _alarm(environment: str, manifest: Manifest) -> str:
    return f"slipway-{environment}-{manifest.serve['name']}-{manifest.model}-drifted"


def _offer(drilled: Drilled, manifests: Sequence[Manifest], drifting: Sequence[str]) -> None:
    fewest = load_environment(drilled.environment).monitoring.min_samples
    asked = [
        (item, question)
        for item in manifests
        for question in itertools.islice(
            unusual(item) if item.model in drifting else usual(item), int(SPARE * fewest)
        )
    ]

    def one(pair: tuple[Manifest, Any]) -> None:
        ask(drilled.account, drilled.environment, *pair)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, asked))


def _run_job(drilled: Drilled, seconds: float) -> tuple[str, str]:
    """Run the deployed state machine over the last seconds; return how it ended, and why."""
    states = drilled.account.client("stepfunctions")
    machine = drilled.account.output(f"slipway-{drilled.environment}-monitoring", "StateMachine")
    given = {"hours": f"{seconds / 3600:.6f}", "end": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    run = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=run)
        return None if found["status"] == "RUNNING" else found

    found = until(ended, "the drift job")
    why = found.get("cause") or found.get("error") or ""
    return str(found["status"]), f": {why[:300]}" if why else ""


def _until_ringing(drilled: Drilled, expected: set[str]) -> None:
    """Wait until those ring that should, or for a while."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not expected <= set(_ringing(drilled)):
        time.sleep(1)
    time.sleep(3)  # those that should not would ring by now too


def _ringing(drilled: Drilled) -> list[str]:
    found: list[Alarm] = read(drilled.account, drilled.environment)
    return [a.name for a in found if a.state == "ALARM" and a.name.endswith("-drifted")]
