"""Runs executions: stage after stage, the actions of one run order at once."""

import contextvars
import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import gateway
from local.emulator.codebuild.jobs import ObjectPlace
from local.emulator.codepipeline import events, records
from local.emulator.codepipeline.actions import PROVIDERS
from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result
from local.emulator.codepipeline.definition import Action, Pipeline, Stage, parse
from local.emulator.codepipeline.gate import Gates, Stopped, Superseded
from local.emulator.codepipeline.mailbox import Mailbox
from local.emulator.codepipeline.records import Record
from local.emulator.codepipeline.variables import UnresolvedVariable, resolve

LOGGER = logging.getLogger("slipway.codepipeline")
_REFUSED = (ActionFailed, UnresolvedVariable, gateway.AssumeRoleRefused, ClientError)


class Engine:
    """Runs executions on threads of their own."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._gates = Gates()
        self._lock = threading.RLock()

    def begin(self, execution: Record) -> None:
        """Run an execution from its first stage, in the background."""
        self._spawn(lambda: self._run(execution, 0, again=None))

    def retry(self, execution: Record, stage_name: str, *, all_actions: bool) -> None:
        """Run a failed stage again, then the stages after it, in the background.

        Args:
            execution: The execution.
            stage_name: The stage that failed.
            all_actions: Whether actions that had succeeded run again too.
        """
        stages = parse(execution["definition"]).stages
        position = next(i for i, stage in enumerate(stages) if stage.name == stage_name)
        skipped = set()
        if not all_actions:
            for action in stages[position].actions:
                last = records.latest(execution, stage_name, action.name)
                if last and last["status"] == "Succeeded":
                    skipped.add(action.name)
        execution["status"] = "InProgress"
        execution["statusSummary"] = ""
        self._spawn(lambda: self._run(execution, position, again=skipped))

    def _spawn(self, work: Callable[[], None]) -> None:
        context = contextvars.copy_context()  # the account and region of the request
        threading.Thread(target=context.run, args=(work,), daemon=True).start()

    def _run(self, execution: Record, position: int, again: set[str] | None) -> None:
        pipeline = parse(execution["definition"])
        _tell(execution, "Pipeline", "STARTED" if again is None else "RESUMED")
        try:
            for index in range(position, len(pipeline.stages)):
                stage = pipeline.stages[index]
                skipped = again if again and index == position else set()
                if not self._run_stage(pipeline, execution, stage, skipped):
                    self._end(execution, "Failed", f"stage {stage.name} failed")
                    return
            self._end(execution, "Succeeded")
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
        _tell(execution, "Pipeline", status.upper())

    def _run_stage(
        self, pipeline: Pipeline, execution: Record, stage: Stage, skipped: set[str]
    ) -> bool:
        """Run a stage and say whether it succeeded."""
        identifier = execution["pipelineExecutionId"]
        gate = f"{gateway.account()}/{gateway.region()}/{pipeline.name}/{stage.name}"

        def stopped() -> bool:
            return str(execution["status"]) != "InProgress"

        self._gates.enter(gate, identifier, pipeline.mode, stopped)
        execution["stages"][stage.name] = "InProgress"
        _tell(execution, "Stage", "STARTED", stage=stage.name)
        status = "Failed"
        try:
            for step in stage.steps():
                if stopped():
                    status = "Stopped"
                    raise Stopped
                wanted = [action for action in step if action.name not in skipped]
                if not self._run_step(pipeline, execution, stage, wanted, stopped):
                    return False
            status = "Succeeded"
            return True
        finally:
            execution["stages"][stage.name] = status
            _tell(execution, "Stage", status.upper(), stage=stage.name)
            self._gates.leave(gate, identifier)

    def _run_step(
        self,
        pipeline: Pipeline,
        execution: Record,
        stage: Stage,
        actions: Sequence[Action],
        stopped: Callable[[], bool],
    ) -> bool:
        outcomes: list[bool] = []

        def run(action: Action) -> None:
            outcomes.append(self._run_action(pipeline, execution, stage, action, stopped))

        # daemon threads: an executor's would hold up the end of the emulator
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(run, one), daemon=True)
            for one in actions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return all(outcomes)

    def _run_action(
        self,
        pipeline: Pipeline,
        execution: Record,
        stage: Stage,
        action: Action,
        stopped: Callable[[], bool],
    ) -> bool:
        with self._lock:
            record = records.new_action(execution, stage, action, None)
        token = record["actionExecutionId"]
        _tell(execution, "Action", "STARTED", stage=stage.name, action=action.name)
        try:
            result = self._act(pipeline, execution, stage, action, stopped, record)
        except _REFUSED as error:
            with self._lock:
                records.close(record, "Failed", summary=str(error))
        except Exception as error:
            LOGGER.exception("action %s of %s broke", action.name, pipeline.name)
            with self._lock:
                records.close(record, "Failed", summary=f"internal error: {error!r}")
        else:
            with self._lock:
                record["outputVariables"] = dict(result.variables)
                if action.namespace:
                    execution["variables"][action.namespace] = dict(result.variables)
                records.close(record, "Succeeded", summary=result.summary)
        LOGGER.info(
            "%s %s/%s %s %s", pipeline.name, stage.name, action.name, record["status"], token
        )
        _tell(execution, "Action", record["status"].upper(), stage=stage.name, action=action.name)
        return bool(record["status"] == "Succeeded")

    def _act(
        self,
        pipeline: Pipeline,
        execution: Record,
        stage: Stage,
        action: Action,
        stopped: Callable[[], bool],
        record: Record,
    ) -> Result:
        run = PROVIDERS.get((action.category, action.provider))
        if run is None:
            raise ActionFailed(
                f"the local cloud has no {action.category} action by {action.provider}"
            )
        known = {
            **execution["variables"],
            "codepipeline": {"PipelineExecutionId": execution["pipelineExecutionId"]},
        }
        resolved = resolve(action.configuration, known)
        record["resolvedConfiguration"] = resolved
        session = f"{execution['pipelineExecutionId'][:8]}-{action.name}"
        credentials = gateway.assume(pipeline.role, session, "codepipeline.amazonaws.com")
        if action.role:
            credentials = gateway.chain(credentials, action.role, session)
        artifacts = {name: ObjectPlace(**place) for name, place in execution["artifacts"].items()}
        context = ActionContext(
            pipeline=pipeline,
            stage=stage,
            action=dataclasses.replace(action, configuration=resolved),
            execution=execution["pipelineExecutionId"],
            credentials=credentials,
            artifacts=artifacts,
            revision=_revision(execution, action),
            mailbox=self.mailbox,
            stopped=stopped,
            note=lambda **facts: self._note(execution, record, facts),
            token=record["actionExecutionId"],
        )
        result = run(context)
        with self._lock:
            for name in action.outputs:
                execution["artifacts"][name] = dataclasses.asdict(artifacts[name])
        return result

    def _note(self, execution: Record, record: Record, facts: dict[str, Any]) -> None:
        with self._lock:
            revision = facts.pop("revision", None)
            summary = facts.pop("revisionSummary", "")
            if revision:
                execution["artifactRevisions"].append(
                    {
                        "name": record["outputArtifacts"][0],
                        "revisionId": revision,
                        "revisionSummary": summary,
                    }
                )
            record.update(facts)


def _revision(execution: Record, action: Action) -> str:
    """Return the commit that an action works on."""
    if action.category == "Source":
        return str(execution["revisions"].get(action.name, ""))
    found = {item["name"]: item["revisionId"] for item in execution["artifactRevisions"]}
    named = [found[name] for name in action.inputs if name in found]
    return str((named or [*found.values(), ""])[0])


def _tell(execution: Record, kind: str, state: str, **place: str) -> None:
    detail = {
        "execution-id": execution["pipelineExecutionId"],
        "version": execution["pipelineVersion"],
        "state": state,
        **place,
    }
    events.emit(kind, execution["pipelineName"], detail)
