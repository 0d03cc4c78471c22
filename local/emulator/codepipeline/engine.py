"""Runs executions: stage after stage, with what a stage asks before, after and instead."""

import contextvars
import logging
import threading
from collections.abc import Callable

from local.emulator import gateway
from local.emulator.codepipeline import records
from local.emulator.codepipeline.conditions import Condition
from local.emulator.codepipeline.definition import Stage, parse
from local.emulator.codepipeline.gate import Gates, Stopped, Superseded
from local.emulator.codepipeline.mailbox import Mailbox
from local.emulator.codepipeline.records import Record
from local.emulator.codepipeline.rules import Look, check
from local.emulator.codepipeline.runner import StageRun, tell

LOGGER = logging.getLogger("slipway.codepipeline")
Rollback = Callable[[Record, str], str]


class RolledBack(Exception):
    """A stage ended so that its last good execution takes its place."""


class Engine:
    """Runs executions on threads of their own.

    Attributes:
        mailbox: Answers that actions wait for.
        roll_back: Starts the rollback of a stage and says what it did; set by the API, which knows
            all executions.
        shut: Says whether a stage's inbound transition is disabled; set by the API too.
    """

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.roll_back: Rollback = lambda _execution, _stage: "nothing to roll back to"
        self.shut: Callable[[str, str], bool] = lambda _pipeline, _stage: False
        self._gates = Gates()
        self._lock = threading.RLock()

    def begin(self, execution: Record) -> None:
        """Run an execution from its first stage, in the background."""
        self._spawn(lambda: self._run(execution, 0, again=None))

    def begin_rollback(self, execution: Record, stage_name: str) -> None:
        """Run one stage alone, in the background."""
        position = parse(execution["definition"]).position(stage_name)
        assert position is not None, "the API has looked"
        self._spawn(lambda: self._run(execution, position, again=None))

    def retry(self, execution: Record, stage_name: str, *, all_actions: bool) -> None:
        """Run a failed stage again, then the stages after it, in the background.

        Args:
            execution: The execution.
            stage_name: The stage that failed.
            all_actions: Whether actions that had succeeded run again too.
        """
        pipeline = parse(execution["definition"])
        position = pipeline.position(stage_name)
        assert position is not None, "the execution has been in that stage"
        skipped = set() if all_actions else _succeeded(execution, pipeline.stages[position])
        records.note_retry(execution, stage_name, "ManualStageRetry")
        execution["status"] = "InProgress"
        execution["statusSummary"] = ""
        self._spawn(lambda: self._run(execution, position, again=skipped))

    def _spawn(self, work: Callable[[], None]) -> None:
        context = contextvars.copy_context()  # the account and region of the request
        threading.Thread(target=context.run, args=(work,), daemon=True).start()

    def _run(self, execution: Record, position: int, again: set[str] | None) -> None:
        pipeline = parse(execution["definition"])
        alone = records.is_rollback(execution)
        tell(execution, "Pipeline", "STARTED" if again is None else "RESUMED")
        try:
            stages = pipeline.stages[position : position + 1 if alone else None]
            for index, stage in enumerate(stages):
                run = StageRun(pipeline, execution, stage, self.mailbox, self._lock)
                if not self._pass(run, (again or set()) if not index else set()):
                    self._end(execution, "Failed", f"stage {stage.name} failed")
                    return
            self._end(execution, "Succeeded")
        except RolledBack as why:
            self._end(execution, "Failed", str(why))
        except Superseded:
            self._end(execution, "Superseded")
        except Stopped:
            self._end(execution, "Stopped", execution["statusSummary"])
        except Exception as error:
            LOGGER.exception("execution %s broke", execution["pipelineExecutionId"])
            self._end(execution, "Failed", f"internal error: {error}")

    def _end(self, execution: Record, status: str, summary: str = "") -> None:
        with self._lock:
            records.close(execution, status, summary=summary)
        tell(execution, "Pipeline", status.upper())

    def _pass(self, run: StageRun, skipped: set[str]) -> bool:
        """Go through a stage and say whether the execution goes on.

        Raises:
            RolledBack: The stage is turned back to its last good execution.
        """
        identifier = run.execution["pipelineExecutionId"]
        gate = f"{gateway.account()}/{gateway.region()}/{run.pipeline.name}/{run.stage.name}"
        alone = records.is_rollback(run.execution)
        self._gates.enter(
            gate,
            identifier,
            run.pipeline.mode,
            run.stopped,
            ahead=alone,
            shut=lambda: self.shut(run.pipeline.name, run.stage.name),
        )
        try:
            if alone:
                return self._attempt(run, skipped)
            entry = self._holds(run, "beforeEntry", run.stage.before_entry)
            if entry is not None:
                return self._settle(run, "Skipped" if entry.result == "SKIP" else "Failed")
            if not self._attempt(run, skipped) and not self._try_again(run):
                self._after_failure(run)
                return False
            after = self._holds(run, "onSuccess", run.stage.on_success)
            if after is None:
                return True
            if run.stopped():  # who stopped it says what follows
                raise Stopped
            if after.result == "ROLLBACK":
                self._turn_back(run, "a condition on success does not hold")
            return self._settle(run, "Failed")
        finally:
            self._gates.leave(gate, identifier)

    def _settle(self, run: StageRun, status: str) -> bool:
        run.execution["stages"][run.stage.name] = status
        run.tell("Stage", status.upper())
        return status == "Skipped"

    def _attempt(self, run: StageRun, skipped: set[str]) -> bool:
        """Run a stage's actions and say whether all succeeded."""
        run.execution["stages"][run.stage.name] = "InProgress"
        run.tell("Stage", "STARTED")
        status = "Failed"
        try:
            for step in run.stage.steps():
                if run.stopped():
                    status = "Stopped"
                    raise Stopped
                if not run.run([action for action in step if action.name not in skipped]):
                    return False
            status = "Succeeded"
            return True
        finally:
            run.execution["stages"][run.stage.name] = status
            run.tell("Stage", status.upper())

    def _try_again(self, run: StageRun) -> bool:
        """Run a failed stage once more, where it is to be, and say whether it succeeded then."""
        wanted = run.stage.on_failure
        if wanted.result != "RETRY" or run.stopped():
            return False
        records.note_retry(run.execution, run.stage.name, "AutomatedStageRetry")
        again = wanted.retry_mode == "ALL_ACTIONS"
        return self._attempt(run, set() if again else _succeeded(run.execution, run.stage))

    def _after_failure(self, run: StageRun) -> None:
        """Turn a failed stage back, where it is to be, unless a person has stopped it."""
        wanted = run.stage.on_failure
        if wanted.result != "ROLLBACK" or run.stopped():
            return
        if self._holds(run, "onFailure", wanted.conditions) is None:
            self._turn_back(run, "it failed")

    def _turn_back(self, run: StageRun, why: str) -> None:
        done = self.roll_back(run.execution, run.stage.name)
        raise RolledBack(f"stage {run.stage.name}: {why}; {done}")

    def _holds(
        self, run: StageRun, moment: str, conditions: tuple[Condition, ...]
    ) -> Condition | None:
        """Return the condition of a moment that does not hold; None if all is well."""
        session = f"{run.execution['pipelineExecutionId'][:8]}-{moment}"
        look = Look(
            client=lambda service, role: gateway.client(service, run.credentials(role, session)),
            variables=run.variables(),
            stopped=run.stopped,
        )
        for condition in conditions:
            with self._lock:
                records.begin_condition(run.execution, run.stage.name, moment)
            verdicts = check(condition, look)
            with self._lock:
                records.note_condition(run.execution, run.stage.name, moment, verdicts)
            if not all(verdict.holds for verdict in verdicts):
                return condition
        return None


def _succeeded(execution: Record, stage: Stage) -> set[str]:
    """Return the actions of a stage whose last run in an execution succeeded."""
    found = set()
    for action in stage.actions:
        last = records.latest(execution, stage.name, action.name)
        if last and last["status"] == "Succeeded":
            found.add(action.name)
    return found
