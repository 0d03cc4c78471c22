"""A bad release that its gates cannot see: detected, and the old one serving again in time."""

from pathlib import Path
from statistics import median

import yaml

from benchmarks.drills.release import Drilled
from benchmarks.drills.timeline import Timeline, until
from benchmarks.drills.traffic import Traffic, questions
from catalog.load import load_environment
from ops.executions import Executions
from ops.promotions import Promotion, promotions
from ops.rollback import roll_back, way_back

MODEL = "embedding"
DELAY_US = 600_000
"""Microseconds meant as milliseconds: the batcher waits so long for company. No gate sees it, since
gates measure the compiled model; every answer is right, so that verification passes too."""
LIMIT_S = 60.0
EVALUATION_S = 2.0  # alarms are looked at so often
PER_SECOND = 10.0
PATIENCE_S = 10.0  # then nobody answers by machine, and the operator does


def drill(drilled: Drilled) -> Timeline:
    """Promote a slow release, wait for its alarm, and time the way back."""
    account, environment = drilled.account, drilled.environment
    alarm = f"slipway-{environment}-search-slow"
    line = Timeline(
        f"A bad release in {environment}: {MODEL} waits {DELAY_US / 1e6:g} s for others"
    )
    limit_ms = load_environment(environment).alarms.p99_ms
    until(lambda: _state(drilled, alarm) == "OK", f"{alarm} quiet")
    before = account.live_release(environment)
    asked = [item for item in questions(account, environment) if item.model == MODEL]
    with drilled.alone(), Traffic(asked, PER_SECOND, threads=12) as traffic:
        line.tell(f"release {before[:12]} serves; {PER_SECOND:g} requests a second begin")
        drilled.push(_bad, f"Drill: let {MODEL} wait for others")
        line.tell("a push: compile, gates, promotion")
        line.tell(until(lambda: _first(drilled, before, alarm), "the new release"))
        until(lambda: _state(drilled, alarm) == "ALARM", alarm)
        rang = line.tell(f"{alarm} rings") - EVALUATION_S
        line.tell(_who_goes_back(drilled, rang))
        until(lambda: _is_back(drilled, rang), "the old release")
        back = line.tell(f"release {before[:12]} is live again, verified")
        until(lambda: len(traffic.since(back, MODEL)) > 3 * PER_SECOND, "calls")
        good = _first_good(traffic, rang, limit_ms)
        line.tell(f"{MODEL} answers below {limit_ms:g} ms from here on", at=good)
    line.tell(f"{len(traffic.calls)} requests, {len(traffic.lost)} failed")
    for fault in traffic.faults():
        line.tell(fault)
    line.promise(good - rang <= LIMIT_S, f"the old one serves {good - rang:.1f} s after the alarm")
    line.promise(back - rang <= LIMIT_S, f"and is verified {back - rang:.1f} s after the alarm")
    line.promise(not traffic.lost, "no request failed")
    return line


def _bad(checkout: Path) -> None:
    file = checkout / f"catalog/models/{MODEL}.yaml"
    row = yaml.safe_load(file.read_text())
    for target in row["targets"]:
        if target["accelerator"] == "cpu":
            target["options"]["queue_delay_us"] = DELAY_US
    file.write_text(yaml.safe_dump(row, sort_keys=False))


def _first(drilled: Drilled, before: str, alarm: str) -> str | None:
    """Say which came first: the new release's verification, or its alarm while it rolls out."""
    live = drilled.account.pointer(drilled.environment)
    if live != before:
        return f"release {live[:12]} serves: it passed its gates and its verification"
    if _state(drilled, alarm) == "ALARM":
        return "it passed its gates, and is slow before it is verified"
    return None


def _who_goes_back(drilled: Drilled, rang: float) -> str:
    """Let the automatic answer go first; where there is none, go back as an operator does."""
    try:
        found = until(lambda: _rollback_since(drilled, rang), "an answer", PATIENCE_S)
    except TimeoutError:
        executions = Executions(drilled.codepipeline, drilled.pipeline, lambda _: None, 0.5)
        way = way_back(drilled.account, executions, drilled.environment)
        roll_back(way, executions, "drill")
        return "`ops rollback`, by hand: nothing answered by itself"
    return f"execution {found.execution[:8]} goes back to {found.release[:12]} by itself"


def _rollback_since(drilled: Drilled, rang: float) -> Promotion | None:
    found = promotions(drilled.codepipeline, drilled.pipeline, drilled.environment)
    return next((item for item in found if item.began.timestamp() >= rang), None)


def _is_back(drilled: Drilled, rang: float) -> bool:
    found = _rollback_since(drilled, rang)
    return found is not None and found.status == "Succeeded"


def _first_good(traffic: Traffic, rang: float, limit_ms: float) -> float:
    """Return when the calls, five at a time, became and stayed fast enough."""
    calls = traffic.since(rang, MODEL)
    slow = [
        index
        for index in range(len(calls) - 5)
        if median(call.ms for call in calls[index : index + 5]) > limit_ms
    ]
    return calls[slow[-1] + 5].at if slow else rang


def _state(drilled: Drilled, alarm: str) -> str:
    found = drilled.account.client("cloudwatch").describe_alarms(AlarmNames=[alarm])
    return str(found["MetricAlarms"][0]["StateValue"])
