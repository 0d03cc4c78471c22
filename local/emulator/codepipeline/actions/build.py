"""The build and test actions: a CodeBuild build with the pipeline's artifacts."""

import json
import time

from local.emulator.codebuild import jobs
from local.emulator.codepipeline.actions.context import ActionContext, ActionFailed, Result

POLL_S = 0.1


def run(context: ActionContext) -> Result:
    """Start a build, wait for its end, and give its exported variables."""
    inputs = context.action.inputs
    primary = context.configuration.get("PrimarySource") or inputs[0]
    outputs = {name: context.new_place(name) for name in context.action.outputs}
    jobs.put(
        context.token,
        jobs.Job(
            primary=primary,
            inputs={name: context.artifacts[name] for name in inputs},
            outputs=outputs,
            kms_key=context.pipeline.kms_key,
            revision=context.revision,
            initiator=f"codepipeline/{context.pipeline.name}",
        ),
    )
    codebuild = context.client("codebuild")
    variables = json.loads(context.configuration.get("EnvironmentVariables") or "[]")
    build = codebuild.start_build(
        projectName=context.configuration["ProjectName"],
        idempotencyToken=context.token,
        environmentVariablesOverride=[{"type": "PLAINTEXT", **variable} for variable in variables],
    )["build"]
    context.note(externalExecutionId=build["id"], externalExecutionUrl=_log_name(build["id"]))
    while build["buildStatus"] == "IN_PROGRESS":
        time.sleep(POLL_S)
        build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
    if build["buildStatus"] != "SUCCEEDED":
        raise ActionFailed(_failure(build))
    context.artifacts.update(outputs)
    return Result(
        variables={
            variable["name"]: variable["value"]
            for variable in build.get("exportedEnvironmentVariables", [])
        }
    )


def _failure(build: dict[str, object]) -> str:
    phases = build.get("phases") or []
    reasons = [
        f"{phase['phaseType']}: {context['message']}"
        for phase in phases  # type: ignore[attr-defined]
        for context in phase.get("contexts", [])
    ]
    said = "; ".join(reasons) or "no phase says why"
    return f"Build {build['id']} {build['buildStatus']}: {said}"


def _log_name(build_id: str) -> str:
    """Return where a person finds the log, below the folder of the local cloud."""
    return f"builds/{build_id.replace(':', '-')}.log"
