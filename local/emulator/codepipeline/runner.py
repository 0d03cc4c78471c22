"""Runs the actions of a stage: those of one run order at once, each under its own role."""

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
from local.emulator.codepipeline.definition import Action, Pipeline, Stage
from local.emulator.codepipeline.mailbox import Mailbox
from local.emulator.codepipeline.records import Record
from local.emulator.codepipeline.variables import UnresolvedVariable, resolve

LOGGER = logging.getLogger("slipway.codepipeline")
_REFUSED = (ActionFailed, UnresolvedVariable, gateway.AssumeRoleRefused, ClientError)


@dataclasses.dataclass(frozen=True)
class StageRun:
    """One pass through a stage.

    Attributes:
        pipeline: The pipeline as it was when the execution began.
        execution: The execution's record.
        stage: The stage.
        mailbox: For answers that actions wait for.
        lock: Held while records change.
    """

    pipeline: Pipeline
    execution: Record
    stage: Stage
    mailbox: Mailbox
    lock: threading.RLock

    def stopped(self) -> bool:
        """Say whether somebody has stopped the execution."""
        return str(self.execution["status"]) != "InProgress"

    def run(self, actions: Sequence[Action]) -> bool:
        """Run actions at once and say whether all succeeded."""
        outcomes: list[bool] = []
        # daemon threads: an executor's would hold up the end of the emulator
        threads = [
            threading.Thread(
                target=contextvars.copy_context().run,
                args=(lambda one: outcomes.append(self._run(one)), action),
                daemon=True,
            )
            for action in actions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return all(outcomes)

    def credentials(self, role: str | None, session: str) -> gateway.Credentials:
        """Return the session of a role, assumed through the pipeline's; of that one if None."""
        own = gateway.assume(self.pipeline.role, session, "codepipeline.amazonaws.com")
        return gateway.chain(own, role, session) if role else own

    def variables(self) -> dict[str, dict[str, str]]:
        """Return the variables given so far: namespace -> name -> value."""
        identifier = str(self.execution["pipelineExecutionId"])
        return {
            **self.execution["variables"],
            "codepipeline": {"PipelineExecutionId": identifier},
        }

    def tell(self, kind: str, state: str, **place: str) -> None:
        """Publish a change of state."""
        tell(self.execution, kind, state, stage=self.stage.name, **place)

    def _run(self, action: Action) -> bool:
        with self.lock:
            record = records.new_action(self.execution, self.stage, action, None)
        self.tell("Action", "STARTED", action=action.name)
        try:
            result = self._act(action, record)
        except _REFUSED as error:
            with self.lock:
                records.close(record, "Failed", summary=str(error))
        except Exception as error:
            LOGGER.exception("action %s of %s broke", action.name, self.pipeline.name)
            with self.lock:
                records.close(record, "Failed", summary=f"internal error: {error!r}")
        else:
            with self.lock:
                record["outputVariables"] = dict(result.variables)
                if action.namespace:
                    self.execution["variables"][action.namespace] = dict(result.variables)
                records.close(record, "Succeeded", summary=result.summary)
        place = f"{self.pipeline.name} {self.stage.name}/{action.name}"
        LOGGER.info("%s %s %s", place, record["status"], record["actionExecutionId"])
        self.tell("Action", record["status"].upper(), action=action.name)
        return bool(record["status"] == "Succeeded")

    def _act(self, action: Action, record: Record) -> Result:
        run = PROVIDERS.get((action.category, action.provider))
        if run is None:
            raise ActionFailed(
                f"the local cloud has no {action.category} action by {action.provider}"
            )
        resolved = resolve(action.configuration, self.variables())
        record["resolvedConfiguration"] = resolved
        identifier = str(self.execution["pipelineExecutionId"])
        places = self.execution["artifacts"].items()
        artifacts = {name: ObjectPlace(**place) for name, place in places}
        context = ActionContext(
            pipeline=self.pipeline,
            stage=self.stage,
            action=dataclasses.replace(action, configuration=resolved),
            execution=identifier,
            credentials=self.credentials(action.role, f"{identifier[:8]}-{action.name}"),
            artifacts=artifacts,
            revision=_revision(self.execution, action),
            mailbox=self.mailbox,
            stopped=self.stopped,
            note=self._noting(record),
            token=record["actionExecutionId"],
        )
        result = run(context)
        with self.lock:
            for name in action.outputs:
                self.execution["artifacts"][name] = dataclasses.asdict(artifacts[name])
        return result

    def _noting(self, record: Record) -> Callable[..., None]:
        def note(**facts: Any) -> None:
            with self.lock:
                revision = facts.pop("revision", None)
                summary = facts.pop("revisionSummary", "")
                if revision:
                    self.execution["artifactRevisions"].append(
                        {
                            "name": record["outputArtifacts"][0],
                            "revisionId": revision,
                            "revisionSummary": summary,
                        }
                    )
                record.update(facts)

        return note


def tell(execution: Record, kind: str, state: str, **place: str) -> None:
    """Publish a change of an execution's state, or of a part of it."""
    detail = {
        "execution-id": execution["pipelineExecutionId"],
        "version": execution["pipelineVersion"],
        "state": state,
        **place,
    }
    events.emit(kind, execution["pipelineName"], detail)


def _revision(execution: Record, action: Action) -> str:
    """Return the commit that an action works on."""
    if action.category == "Source":
        return str(execution["revisions"].get(action.name, ""))
    found = {item["name"]: item["revisionId"] for item in execution["artifactRevisions"]}
    named = [found[name] for name in action.inputs if name in found]
    return str((named or [*found.values(), ""])[0])
