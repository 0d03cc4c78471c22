"""10,000 requests through a rollout and a rollback: none may fail."""

import time

from benchmarks.drills.release import Drilled, nothing
from benchmarks.drills.timeline import PATIENCE_S, Timeline, until
from benchmarks.drills.traffic import Traffic, questions
from ops.executions import Executions
from ops.promotions import promotions
from ops.rollback import roll_back, way_back

REQUESTS = 10_000
PER_SECOND = 30.0


def drill(drilled: Drilled, requests: int = REQUESTS) -> Timeline:
    """Promote a release and roll it back under traffic."""
    account, environment = drilled.account, drilled.environment
    line = Timeline(f"{requests} requests through a rollout and a rollback of {environment}")
    before = account.live_release(environment)
    asked = questions(account, environment)
    with drilled.alone(), Traffic(asked, PER_SECOND) as traffic:
        line.tell(f"release {before[:12]} serves; {PER_SECOND:g} requests a second begin")
        execution = drilled.push(nothing, "Drill: a release of the same artifacts")
        line.tell(f"a push starts execution {execution[:8]}")
        after = await_live(drilled, before)
        arrived = time.time()
        began = _began(drilled, execution)
        line.tell(f"release {after[:12]} is being deployed", at=began)
        line.tell(f"release {after[:12]} serves, verified", at=arrived)
        executions = Executions(drilled.codepipeline, drilled.pipeline, lambda _: None, 0.5)
        way = way_back(account, executions, environment)
        roll_back(way, executions, "drill")
        back = line.tell(f"release {account.pointer(environment)[:12]} serves again, verified")
        until(lambda: len(traffic.calls) >= requests, "the last requests")
    calls = list(traffic.calls)
    line.tell(f"{len(calls)} requests made, {len(traffic.lost)} failed")
    for fault in traffic.faults():
        line.tell(fault)
    during = [call for call in calls if began <= call.at <= back]
    line.promise(
        not traffic.lost, f"0 failed of {len(calls)}, {len(during)} of them while it moved"
    )
    line.promise(len(calls) >= requests, f"{requests} requests")
    line.promise(account.pointer(environment) == before, "what served serves at the end")
    return line


def await_live(drilled: Drilled, before: str, patience_s: float = PATIENCE_S) -> str:
    """Return the release that takes the place of another, as soon as the pointer names it."""

    def moved() -> str | None:
        release = drilled.account.pointer(drilled.environment)
        return None if release == before else release

    return until(moved, "the new release", patience_s)


def _began(drilled: Drilled, execution: str) -> float:
    found = promotions(drilled.codepipeline, drilled.pipeline, drilled.environment)
    return next(item.began for item in found if item.execution == execution).timestamp()
