"""Each of the operator's commands that changes something, on the cloud as it runs, and back.

The commands are run as a person runs them; after each, `ops status` and `ops audit` must say what
was done. Nothing scales in the shipped environments: the scalable target is made as `scaling` in an
environment's data would make it, and removed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.drills.release import Drilled, nothing
from benchmarks.drills.rollout import await_live
from benchmarks.drills.timeline import Timeline, until
from ops.executions import Executions

REASON = "drill of the operator"
DIMENSION = "ecs:service:DesiredCount"
ROOM = 2  # tasks
SCALED_WITHIN_S = 180.0


@dataclass(frozen=True)
class Operator:
    """Runs commands and looks at what they left."""

    line: Timeline

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m ops` with arguments."""
        command = [sys.executable, "-m", "ops", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def status(self, environment: str) -> dict[str, Any]:
        """Return what `ops status` says of an environment."""
        (found,) = json.loads(self.run("status", "--environment", environment, "--json").stdout)
        return dict(found)

    def change(self, action: str, environment: str, *more: str) -> dict[str, Any]:
        """Change something for real, and hold the audit to it; return the record."""
        words = [action, "--environment", environment, *more]
        dry = self.run(*words, "--dry-run", "--json")
        unchanged = self.newest(environment)
        done = self.run(*words, "--reason", REASON, "--yes", "--json")
        said = json.loads(done.stdout) if done.returncode == 0 else {}
        self.line.tell(f"`ops {' '.join(words)}`: {said.get('outcome') or done.stderr.strip()}")
        kept = self.newest(environment)
        self.line.promise(
            dry.returncode == 0 and json.loads(dry.stdout)["dry_run"], "a dry run said it first"
        )
        self.line.promise(
            kept == said != unchanged and kept["state"] == "done" and kept["reason"] == REASON,
            f"`ops audit` has it: {action}, {_words(said.get('before'))} ->"
            f" {_words(said.get('after'))}",
        )
        return said

    def refused(self, words: str, *arguments: str) -> None:
        """Run a command that must do nothing, and say why."""
        done = self.run(*arguments)
        self.line.tell(f"`ops {' '.join(arguments)}`: {done.stderr.strip()}")
        self.line.promise(done.returncode == 1 and words in done.stderr, "it is refused")

    def newest(self, environment: str) -> dict[str, Any]:
        """Return the newest record of an environment; empty if there is none."""
        words = ("audit", "--environment", environment, "--limit", "1", "--json")
        return dict(next(iter(json.loads(self.run(*words).stdout)), {}))


def drill(drilled: Drilled) -> Timeline:
    """Pause, release, roll back, promote, roll back again, resume, scale."""
    environment = drilled.environment
    line = Timeline(f"The operator's commands on {environment}, and back")
    operator = Operator(line)
    before = operator.status(environment)
    line.tell(f"`ops status`: {_release(before)} serves since {before['since']} by {before['by']}")
    with drilled.alone():
        _rollback_and_promote(drilled, operator, before["release"])
    _pause_and_resume(drilled, operator)
    with scalable(drilled, f"slipway-{environment}-intent") as target:
        _scale(drilled, operator, target)
    after = operator.status(environment)
    line.promise(
        (after["release"], after["promotions"]) == (before["release"], "open"),
        f"`ops status`: {_release(after)} serves, promotions are {after['promotions']}",
    )
    return line


def _rollback_and_promote(drilled: Drilled, operator: Operator, before: str) -> None:
    environment, line = drilled.environment, operator.line
    drilled.push(nothing, "Drill: a release of the same artifacts")
    after = await_live(drilled, before)
    line.tell(f"a push: release {after[:12]} serves")
    _moves(operator, environment, before, "rollback")
    _moves(operator, environment, after, "promote", "--release", after)
    _moves(operator, environment, before, "rollback", "--to", before)
    operator.refused("is itself a return", "rollback", "--environment", environment, "--dry-run")


def _moves(operator: Operator, environment: str, wanted: str, *words: str) -> None:
    operator.change(words[0], environment, *words[1:])
    found = operator.status(environment)
    operator.line.promise(
        found["release"] == wanted and f"({words[0]})" in found["by"],
        f"`ops status`: {_release(found)} serves by {found['by']}",
    )


def _pause_and_resume(drilled: Drilled, operator: Operator) -> None:
    environment, line = drilled.environment, operator.line
    operator.change("pause", environment)
    try:
        found = operator.status(environment)["promotions"]
        line.promise(found == f"paused: {REASON}", f"`ops status`: promotions are {found}")
        operator.refused("already", "pause", "--environment", environment, "--reason", REASON)
        operator.refused("`ops resume` first", "promote", "--environment", environment, "--yes")
        live = drilled.account.pointer(environment)
        with drilled.alone():
            execution = drilled.push(nothing, "Drill: a release that waits")
            _await_register(drilled, execution)
            same = drilled.account.pointer(environment) == live
            line.promise(same, f"execution {execution[:8]} waits outside, {live[:12]} serves on")
    finally:
        operator.change("resume", environment)
    found = operator.status(environment)["promotions"]
    line.promise(found == "open", f"`ops status`: promotions are {found}")


def _await_register(drilled: Drilled, execution: str) -> None:
    """Wait until an execution has made its release and stands before the environment."""
    executions = Executions(drilled.codepipeline, drilled.pipeline, lambda _: None)
    until(lambda: executions.release(execution), f"a release of execution {execution}")
    done = {"pipelineName": drilled.pipeline, "filter": {"pipelineExecutionId": execution}}

    def registered() -> bool:
        found = drilled.codepipeline.list_action_executions(**done)["actionExecutionDetails"]
        ended = {item["actionName"] for item in found if item["status"] == "Succeeded"}
        return any("Register" in name for name in ended)

    until(registered, "its registration")


@contextmanager
def scalable(drilled: Drilled, service: str) -> Iterator[str]:
    """Make a service scalable between one task and one."""
    client = drilled.account.client("application-autoscaling")
    named = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/slipway-{drilled.environment}/{service}",
        "ScalableDimension": DIMENSION,
    }
    client.register_scalable_target(**named, MinCapacity=1, MaxCapacity=1)
    try:
        yield service
    finally:
        client.deregister_scalable_target(**named)


def _scale(drilled: Drilled, operator: Operator, target: str) -> None:
    environment, line = drilled.environment, operator.line

    def serving(count: int) -> bool:
        words = f"{count} of {count} tasks"
        return bool(operator.status(environment)["servers"].get(target) == words)

    for count in (ROOM, 1):
        bounds = ("--min", str(count), "--max", str(count))
        operator.change("scale", environment, "--target", target, *bounds)
        try:
            until(lambda count=count: serving(count), "the tasks", SCALED_WITHIN_S)  # type: ignore[misc]
        except TimeoutError as error:
            line.promise(False, str(error))
        else:
            line.promise(True, f"`ops status`: {target} has {count} of {count} tasks")


def _release(status: dict[str, Any]) -> str:
    return f"release {status['release'][:12]}"


def _words(values: Any) -> str:
    return ", ".join(str(value)[:24] for value in (values or {}).values())
