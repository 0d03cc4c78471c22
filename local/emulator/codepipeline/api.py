"""CodePipeline's operations."""

import time
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from local.emulator import gateway
from local.emulator.api import ApiError
from local.emulator.codepipeline import records, transitions, views
from local.emulator.codepipeline.definition import Pipeline, parse
from local.emulator.codepipeline.engine import Engine
from local.emulator.codepipeline.records import OPEN, Record

Parameters = dict[str, Any]


class CodePipeline:
    """One method for each operation; its parameters and answers are the API's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        engine.roll_back = self._roll_back_by_itself
        engine.shut = lambda name, stage: stage in transitions.shut(self._pipelines.get(name))
        self._pipelines = AccountRegionScopedDict()
        self._executions = AccountRegionScopedDict()

    # Definitions

    def create_pipeline(self, wanted: Parameters) -> Record:
        """Create a pipeline; it does not run until something starts it."""
        definition = wanted["pipeline"]
        if definition["name"] in self._pipelines:
            raise ApiError(
                "PipelineNameInUseException", f"a pipeline {definition['name']} exists already"
            )
        return self._put({**definition, "version": 1}, time.time(), wanted.get("tags", []))

    def update_pipeline(self, wanted: Parameters) -> Record:
        """Replace a definition; executions that run keep the one they began with."""
        old = self._pipeline(wanted["pipeline"]["name"])
        version = old["pipeline"]["version"] + 1
        made = self._put({**wanted["pipeline"], "version": version}, old["created"], old["tags"])
        transitions.keep(old, self._pipeline(wanted["pipeline"]["name"]))
        return made

    def _put(self, definition: Record, created: float, tags: list[Record]) -> Record:
        parse(definition)
        self._pipelines[definition["name"]] = {
            "pipeline": definition,
            "created": created,
            "updated": time.time(),
            "tags": tags,
        }
        return {"pipeline": definition, "tags": tags}

    def get_pipeline(self, wanted: Parameters) -> Record:
        """Return a definition."""
        found = self._pipeline(wanted["name"])
        arn = f"arn:aws:codepipeline:{gateway.region()}:{gateway.account()}:{wanted['name']}"
        metadata = {
            "pipelineArn": arn,
            "created": found["created"],
            "updated": found["updated"],
        }
        return {"pipeline": found["pipeline"], "metadata": metadata}

    def list_pipelines(self, _wanted: Parameters) -> Record:
        """List all pipelines."""
        return {
            "pipelines": [
                {
                    "name": name,
                    "version": found["pipeline"]["version"],
                    "pipelineType": found["pipeline"].get("pipelineType", "V1"),
                    "executionMode": found["pipeline"].get("executionMode", "SUPERSEDED"),
                    "created": found["created"],
                    "updated": found["updated"],
                }
                for name, found in self._pipelines.items()
            ]
        }

    def delete_pipeline(self, wanted: Parameters) -> Record:
        """Delete a pipeline; none of that name is no error, as on AWS."""
        self._pipelines.pop(wanted["name"], None)
        return {}

    def list_tags_for_resource(self, wanted: Parameters) -> Record:
        """Return a pipeline's tags."""
        return {"tags": self._pipeline(wanted["resourceArn"].rsplit(":", 1)[-1])["tags"]}

    # Executions

    def start_pipeline_execution(self, wanted: Parameters) -> Record:
        """Start an execution, of given commits if the caller names them."""
        found = self._pipeline(wanted["name"])
        pipeline = parse(found["pipeline"])
        revisions = {
            item["actionName"]: item["revisionValue"] for item in wanted.get("sourceRevisions", [])
        }
        trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": ""}
        if revisions:
            trigger = {
                "triggerType": "WebhookV2",
                "triggerDetail": ", ".join(sorted(revisions.values())),
            }
        variables = {item["name"]: item["value"] for item in wanted.get("variables", [])}
        execution = records.new_execution(
            pipeline, found["pipeline"], trigger, revisions, variables
        )
        self._executions[execution["pipelineExecutionId"]] = execution
        self._engine.begin(execution)
        return {"pipelineExecutionId": execution["pipelineExecutionId"]}

    def stop_pipeline_execution(self, wanted: Parameters) -> Record:
        """Stop an execution; actions that run are waited for unless it is abandoned."""
        execution = self._execution(wanted["pipelineName"], wanted["pipelineExecutionId"])
        if execution["status"] not in OPEN:
            raise ApiError(
                "PipelineExecutionNotStoppableException",
                f"the execution is {execution['status']} already",
            )
        execution["status"] = "Stopping"
        execution["statusSummary"] = wanted.get("reason", "")
        return {"pipelineExecutionId": execution["pipelineExecutionId"]}

    def retry_stage_execution(self, wanted: Parameters) -> Record:
        """Run the failed actions (or all) of a failed stage again and go on from there."""
        execution = self._execution(wanted["pipelineName"], wanted["pipelineExecutionId"])
        status = execution["stages"].get(wanted["stageName"])
        if execution["status"] in OPEN or status not in {"Failed", "Stopped"}:
            raise ApiError(
                "StageNotRetryableException",
                f"stage {wanted['stageName']} is {status or 'not begun'}, the execution"
                f" {execution['status']}; only a failed stage can be retried",
            )
        everything = wanted.get("retryMode", "FAILED_ACTIONS") == "ALL_ACTIONS"
        self._engine.retry(execution, wanted["stageName"], all_actions=everything)
        return {"pipelineExecutionId": execution["pipelineExecutionId"]}

    def rollback_stage(self, wanted: Parameters) -> Record:
        """Run a stage again as an earlier execution of this pipeline version ran it."""
        pipeline = parse(self._pipeline(wanted["pipelineName"])["pipeline"])
        stage = wanted["stageName"]
        position = pipeline.position(stage)
        if position is None:
            raise ApiError("StageNotFoundException", f"{pipeline.name} has no stage {stage}")
        target = self._execution(pipeline.name, wanted["targetPipelineExecutionId"])
        if target["pipelineVersion"] != pipeline.version:
            raise ApiError(
                "PipelineExecutionOutdatedException",
                f"the execution is of version {target['pipelineVersion']} of the pipeline, which"
                f" is at {pipeline.version}; only executions of that version can be gone back to",
            )
        running = any(records.is_inside(item, stage) for item in self._of(pipeline.name))
        if running or not position or not self._can_go_back_to(target, stage):
            raise ApiError(
                "UnableToRollbackStageException",
                f"stage {stage} cannot go back to {target['pipelineExecutionId']}: it must not be"
                " running nor be the source stage, and the target a standard execution that"
                " succeeded in it",
            )
        return {"pipelineExecutionId": self._roll_back(pipeline, target, stage)}

    def _roll_back(self, pipeline: Pipeline, target: Record, stage: str) -> str:
        definition = self._pipelines[pipeline.name]["pipeline"]
        execution = records.new_rollback(pipeline, definition, target)
        self._executions[execution["pipelineExecutionId"]] = execution
        self._engine.begin_rollback(execution, stage)
        return str(execution["pipelineExecutionId"])

    def _roll_back_by_itself(self, failed: Record, stage: str) -> str:
        """Start the rollback of a stage to its last good execution and say what was done."""
        pipeline = parse(self._pipeline(failed["pipelineName"])["pipeline"])
        before = [
            item
            for item in self._of(pipeline.name)
            if item is not failed
            and item["pipelineVersion"] == pipeline.version
            and self._can_go_back_to(item, stage)
        ]
        if not before or pipeline.position(stage) is None:
            return "no execution of this version of the pipeline to roll back to"
        started = self._roll_back(pipeline, before[-1], stage)
        return f"rolled back to {before[-1]['pipelineExecutionId']} by {started}"

    def _can_go_back_to(self, target: Record, stage: str) -> bool:
        good = target["stages"].get(stage) == "Succeeded"
        return good and not (records.is_rollback(target) or records.turned_back(target, stage))

    def get_pipeline_execution(self, wanted: Parameters) -> Record:
        """Return one execution."""
        execution = self._execution(wanted["pipelineName"], wanted["pipelineExecutionId"])
        return {"pipelineExecution": views.execution_detail(execution)}

    def list_pipeline_executions(self, wanted: Parameters) -> Record:
        """List a pipeline's executions, newest first; `filter` names a stage they succeeded in."""
        stage = ((wanted.get("filter") or {}).get("succeededInStage") or {}).get("stageName")
        found = [
            item
            for item in self._of(wanted["pipelineName"])
            if stage is None or item["stages"].get(stage) == "Succeeded"
        ]
        summaries = [views.execution_summary(execution) for execution in reversed(found)]
        return {"pipelineExecutionSummaries": summaries[: wanted.get("maxResults", 100)]}

    def list_action_executions(self, wanted: Parameters) -> Record:
        """List actions, newest first, of one execution or of all."""
        identifier = (wanted.get("filter") or {}).get("pipelineExecutionId")
        found = [
            views.action_detail(execution, action)
            for execution in reversed(self._of(wanted["pipelineName"]))
            for action in reversed(execution["actions"])
            if identifier in (None, execution["pipelineExecutionId"])
        ]
        return {"actionExecutionDetails": found}

    def get_pipeline_state(self, wanted: Parameters) -> Record:
        """Return where the latest execution of every stage and action stands."""
        found = self._pipeline(wanted["name"])
        pipeline: Pipeline = parse(found["pipeline"])
        return {
            "pipelineName": pipeline.name,
            "pipelineVersion": pipeline.version,
            "stageStates": views.pipeline_state(
                pipeline, self._of(pipeline.name), transitions.shut(found)
            ),
            "created": found["created"],
            "updated": found["updated"],
        }

    # Transitions

    def disable_stage_transition(self, wanted: Parameters) -> Record:
        """Let no further execution into a stage."""
        return transitions.disable(self._pipeline(wanted["pipelineName"]), wanted)

    def enable_stage_transition(self, wanted: Parameters) -> Record:
        """Let executions into a stage again."""
        return transitions.enable(self._pipeline(wanted["pipelineName"]), wanted)

    # Answers

    def put_approval_result(self, wanted: Parameters) -> Record:
        """Approve or reject."""
        if not self._engine.mailbox.deliver(wanted["token"], wanted["result"]):
            raise ApiError(
                "InvalidApprovalTokenException", "nothing waits for an approval with this token"
            )
        return {"approvedAt": time.time()}

    def put_job_success_result(self, wanted: Parameters) -> Record:
        """Take a function's good answer."""
        return self._job(wanted["jobId"], wanted)

    def put_job_failure_result(self, wanted: Parameters) -> Record:
        """Take a function's bad answer."""
        return self._job(wanted["jobId"], {"failure": wanted["failureDetails"]})

    def _job(self, token: str, letter: Record) -> Record:
        if not self._engine.mailbox.deliver(token, letter):
            raise ApiError("JobNotFoundException", f"no action waits for the job {token}")
        return {}

    # State

    def _pipeline(self, name: str) -> Record:
        found: Record | None = self._pipelines.get(name)
        if found is None:
            raise ApiError("PipelineNotFoundException", f"no pipeline has the name {name}")
        return found

    def _execution(self, pipeline: str, identifier: str) -> Record:
        found: Record | None = self._executions.get(identifier)
        if found is None or found["pipelineName"] != pipeline:
            raise ApiError(
                "PipelineExecutionNotFoundException", f"{pipeline} has no execution {identifier}"
            )
        return found

    def _of(self, pipeline: str) -> list[Record]:
        """Return a pipeline's executions, oldest first."""
        found = [e for e in self._executions.values() if e["pipelineName"] == pipeline]
        return sorted(found, key=lambda execution: float(execution["startTime"]))
